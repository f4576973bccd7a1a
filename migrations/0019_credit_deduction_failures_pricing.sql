-- What a failed call was priced by beside price_id, so that it can be deducted later at the price that it was refused at.
alter table credit_deduction_failures
  add column priced_model text,
  add column priced_provider text,
  add column price_source text,
  add column markup_basis_points int4,
  add column quote_expired boolean;
