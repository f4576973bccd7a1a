-- What a provider's body states where its counts can't be charged: { format, json }. The call has no usage then.
alter table credit_deduction_failures add column provider_usage jsonb;
