create table model_aliases (
  alias text collate "C" primary key,
  model text collate "C" not null
);
