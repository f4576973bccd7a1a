-- Where Reconcile may start: what the ledger had come to at a version. Older entries can be archived.
create table ledger_checkpoints (
  user_id text collate "C" not null,
  version int8 not null,
  allowance_nanousd int8 not null,
  credits_nanousd int8 not null,
  held_nanousd int8 not null,
  spent_today_nanousd int8 not null,
  spent_on date not null,
  hash bytea not null,
  created_at timestamptz not null,
  primary key (user_id, version)
);
