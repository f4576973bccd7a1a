-- Price versions. Never overwritten: a change ends one version and begins the next.
create table model_prices (
  price_id text primary key,
  model text collate "C" not null,
  provider text collate "C" not null,
  source text not null,
  effective_from timestamptz not null,
  effective_to timestamptz,
  rate_cards jsonb not null,
  markup_basis_points int4,
  created_at timestamptz not null,
  unique (model, provider, source, effective_from)
);
