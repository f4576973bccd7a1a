-- What was seen to change in a source's prices, and what is held back until somebody decides.
create table price_changes (
  change_id text primary key,
  model text collate "C" not null,
  provider text collate "C" not null,
  source text not null,
  before_price_id text,
  after_price jsonb not null,
  state text not null,
  reason text not null default '',
  seen_at timestamptz not null,
  decided_at timestamptz
);
