-- The same of a call that could not be deducted, so that it is rated as it was served when it is.
alter table credit_deduction_failures add column serving jsonb;
