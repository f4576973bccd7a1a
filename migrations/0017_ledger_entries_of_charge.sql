-- What refunds and adjustments made of a charge. Partial, so that charges themselves don't pay for it.
create index if not exists ledger_entries_of_charge on ledger_entries (user_id, charge_key_id, version) where kind in ('refund', 'adjustment');
