-- What a walk from a checkpoint can't read off the entry there: a trial's use is nowhere but in the sum of its entries.
alter table ledger_checkpoints
  add column trial_spent_nanousd int8 not null default 0,
  add column trial_requests int8 not null default 0;
