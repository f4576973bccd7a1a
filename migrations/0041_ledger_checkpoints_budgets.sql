-- Weighted sums over budgets and counters. Null = of a time before budgets.
alter table ledger_checkpoints add column budget_changes int8, add column budgets_sum numeric, add column spent_sum numeric, add column held_sum numeric;
