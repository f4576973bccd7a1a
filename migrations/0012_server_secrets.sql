-- Keys that all replicas share, such as the one that signs quotes.
create table server_secrets (
  name text primary key,
  secret bytea not null,
  created_at timestamptz not null
);
