-- Like the sums of 0020. Null = the checkpoint is of a time before this column: it is no place to start from.
alter table ledger_checkpoints add column trial_spent_today_nanousd int8;
