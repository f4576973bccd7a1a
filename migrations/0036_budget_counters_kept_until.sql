create index if not exists budget_counters_kept_until on budget_counters (kept_until) where kept_until is not null;
