-- How many counters a user has, and the sum that proves those which were removed (Reconcile's weighted sum of their spend).
create table budget_totals (
  user_id text collate "C" primary key,
  counters int8 not null,
  cleaned_sum numeric not null
);
