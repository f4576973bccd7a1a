create index credit_deduction_failures_pending on credit_deduction_failures (created_at, user_id, key_id) where state = 'pending';
