-- One replica at a time proves the books: whoever has the only row. Won and kept by compare-and-swap, by the database's clock.
create table reconcile_lease (
  id int4 primary key check (id = 1),
  owner text not null,
  expires_at timestamptz not null,
  -- Where the run goes on, should its owner be gone; empty = at its beginning.
  position text not null,
  from_start boolean not null,
  started_at timestamptz not null,
  -- Null = the run is not at its end.
  finished_at timestamptz,
  -- The last run that began at everybody's first entry.
  proved_from_start_at timestamptz
);
