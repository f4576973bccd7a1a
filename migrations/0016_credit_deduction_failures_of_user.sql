-- What a user owes, oldest first: looked at whenever a grant arrives.
create index if not exists credit_deduction_failures_of_user on credit_deduction_failures (user_id, created_at, key_id) where state = 'pending';
