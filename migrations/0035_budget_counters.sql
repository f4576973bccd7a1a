-- What budgets have counted, in a row for each group of calls and window. Written only in the statement of their user's swap.
-- The key ends with the group, so that the groups of one window are read as a range.
create table budget_counters (
  user_id text collate "C" not null,
  budget_id text collate "C" not null,
  generation int4 not null,
  window_from timestamptz not null,
  -- A hash of the values, which may be too long for an index.
  group_id uuid not null,
  -- A JSON array, one value for each element of the budget's grouping.
  group_values text not null,
  spent_nanousd int8 not null check (spent_nanousd >= 0),
  -- Reserved by live holds. holds.counters says which.
  held_nanousd int8 not null check (held_nanousd >= 0),
  -- The highest threshold that was reported.
  notified_percent int4 not null,
  -- The row may be removed after this. Null = its window never ends.
  kept_until timestamptz,
  primary key (user_id, budget_id, generation, window_from, group_id)
) with (fillfactor = 70);
