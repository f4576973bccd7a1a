-- The counters of budgets that count the hold, and the budget that stopped its last grant.
alter table holds add column counters jsonb, add column final_budget_id text;
