-- Grows with every deduction failure that is written without an entry, so that a swap that didn't see the failure is lost.
alter table users add column failure_writes int8 not null default 0;
