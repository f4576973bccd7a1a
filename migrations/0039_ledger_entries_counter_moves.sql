-- What the entry changed of budgets' counters.
alter table ledger_entries add column counter_moves jsonb;
