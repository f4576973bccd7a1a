-- Caps on what a user's calls cost. A row changes only in the transaction that writes its user's entry of kind `budget`.
-- The row of a deleted budget stays, so that its id never names its old counters again.
create table budgets (
  user_id text collate "C" not null,
  budget_id text collate "C" not null,
  -- Grows when the counters start again.
  generation int4 not null check (generation > 0),
  definition jsonb not null,
  deleted boolean not null,
  -- Counters of generations up to this one are gone.
  cleaned_generation int4 not null default 0,
  primary key (user_id, budget_id)
);
