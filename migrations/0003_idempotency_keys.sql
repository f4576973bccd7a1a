-- A key takes effect once, for ever: this primary key is what makes it so. Narrow, and written in the statement that
-- writes the entry. key_id is the first 128 bits of SHA-256 over user and key (src/domain/ids.ts).
create table idempotency_keys (
  user_id text collate "C" not null,
  key_id uuid not null,
  request_hash bytea not null,
  version int8 not null,
  primary key (user_id, key_id)
);
