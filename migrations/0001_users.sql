-- Who pays. Every write carries `where version = <the version read>`; nothing here is written any other way.
-- Room is left on each page so that an update stays on it (no indexed column ever changes).
create table users (
  user_id text collate "C" primary key,
  allowance_nanousd int8 not null default 0 check (allowance_nanousd >= 0),
  credits_nanousd int8 not null default 0,
  held_nanousd int8 not null default 0 check (held_nanousd >= 0),
  spent_today_nanousd int8 not null default 0,
  spent_on date not null,
  daily_limit_nanousd int8 not null default 0 check (daily_limit_nanousd >= 0),
  overdraft_limit_nanousd int8 not null default 0 check (overdraft_limit_nanousd >= 0),
  tier text not null default '',
  stripe_customer_id text not null default '',
  stripe_subscription_id text not null default '',
  is_trial boolean not null default false,
  trial_expires_at timestamptz,
  trial_spent_nanousd int8 not null default 0,
  trial_spent_today_nanousd int8 not null default 0,
  trial_requests int8 not null default 0,
  trial_held_nanousd int8 not null default 0 check (trial_held_nanousd >= 0),
  suspended boolean not null default false,
  created_at timestamptz not null,
  last_entry_at timestamptz not null,
  last_hash bytea not null,
  version int8 not null default 0
) with (fillfactor = 60);
