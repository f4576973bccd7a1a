-- The adjustment entry of a stream that was settled by expiry and closed late.
alter table holds add column amended_version int8;
