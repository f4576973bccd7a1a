-- When a run was last brought to its end: `finished_at` is empty again while the next one is under way.
alter table reconcile_lease add column last_finished_at timestamptz;
