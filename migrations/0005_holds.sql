-- What an open stream reserves, and how far it has come. key_id is that of the stream's own key.
-- held_nanousd changes only under the user's swap; epoch, sequence and usage under `epoch = ? and state in (open, final, detached)`.
create table holds (
  user_id text collate "C" not null,
  key_id uuid not null,
  idempotency_key text not null,
  request_hash bytea not null,
  state text not null,
  final_reason text,
  epoch int4 not null,
  -- Postings derived from this hold so far; the next one's key is <hold_id>/<postings + 1>.
  postings int4 not null,
  held_nanousd int8 not null check (held_nanousd >= 0),
  trial boolean not null,
  -- The open as requested and the price as pinned.
  stream_open jsonb not null,
  sequence int8 not null,
  usage jsonb not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  settled_version int8,
  settled_by_expiry boolean not null default false,
  amendable_until timestamptz,
  primary key (user_id, key_id)
);
