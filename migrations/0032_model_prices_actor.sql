-- Who put a price version, and who ended it before another version followed. Null = nobody is known.
alter table model_prices add column actor text, add column ended_by text;
