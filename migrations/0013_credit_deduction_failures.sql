-- Finished calls that could not be deducted, wholly or in part: one row per user and key, with all that is needed to
-- rate and deduct it later.
create table credit_deduction_failures (
  user_id text collate "C" not null,
  key_id uuid not null,
  idempotency_key text not null,
  request_hash bytea not null,
  -- A stream's shortfall is collected under its failure's id, not under the stream's own key.
  hold_key_id uuid,
  model text not null,
  provider text not null,
  service_tier text not null,
  occurred_at timestamptz not null,
  usage jsonb not null,
  usage_source text not null,
  quote_id text not null,
  api_key_id text not null,
  labels jsonb not null,
  price_id text,
  -- What is missing; null where no price was found.
  amount_nanousd int8,
  reason text not null,
  attempts int4 not null,
  state text not null,
  note text not null default '',
  created_at timestamptz not null,
  resolved_at timestamptz,
  primary key (user_id, key_id)
);
