-- Budgets whose earlier generations may have counters left.
create index if not exists budgets_uncleaned on budgets (user_id, budget_id) where cleaned_generation < generation - 1 + deleted::int4;
