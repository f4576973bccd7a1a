-- The call was answered DEFERRED before it was refused: its key is taken, so no other request takes the row over.
alter table credit_deduction_failures add column deferred boolean not null default false;
