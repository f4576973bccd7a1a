-- The name of the token that asked for the entry, or 'tollgate'. Null = nobody is known.
alter table ledger_entries add column actor text;
