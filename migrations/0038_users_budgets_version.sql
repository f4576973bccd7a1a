-- Grows with every change of the user's budgets, so that a process knows whether those that it remembers are current. 0 = none, ever.
alter table users add column budgets_version int8 not null default 0;
