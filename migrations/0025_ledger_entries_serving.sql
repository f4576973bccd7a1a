-- How a call was served and how its usage was read, where that is known.
alter table ledger_entries add column serving jsonb;
