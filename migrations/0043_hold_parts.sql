-- What processes report of one stream's usage, each under a part of its own; the hold has their sum.
create table hold_parts (
  user_id text collate "C" not null,
  key_id uuid not null,
  part_id text collate "C" not null,
  sequence int8 not null,
  usage jsonb not null,
  primary key (user_id, key_id, part_id)
);
