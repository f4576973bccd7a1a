-- Live holds of trial streams: each counts against the trial's limit of requests.
alter table users add column trial_holds int8 not null default 0;
