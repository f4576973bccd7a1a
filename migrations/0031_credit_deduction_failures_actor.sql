-- Who wrote the failure off, or whose request deducted it. Null = nobody is known.
alter table credit_deduction_failures add column actor text;
