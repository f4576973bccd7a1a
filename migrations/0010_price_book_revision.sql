-- Grows with every change of prices or aliases. Replicas look at it every second to drop what they cached.
create table price_book_revision (
  id int4 primary key check (id = 1),
  revision int8 not null
);
