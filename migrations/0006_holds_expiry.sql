-- For the sweeper: live holds by expiry. (In CockroachDB and YugabyteDB terms: a partial secondary index.)
create index holds_expiry on holds (expires_at) where state <> 'settled';
