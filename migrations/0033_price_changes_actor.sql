-- Who approved or rejected a change, or applied it at once. Null = nobody is known.
alter table price_changes add column actor text;
