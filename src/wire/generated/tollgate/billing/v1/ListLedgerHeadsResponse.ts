// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { LedgerHead as _tollgate_billing_v1_LedgerHead, LedgerHead__Output as _tollgate_billing_v1_LedgerHead__Output } from '../../../tollgate/billing/v1/LedgerHead';

export interface ListLedgerHeadsResponse {
  'heads'?: (_tollgate_billing_v1_LedgerHead)[];
  'nextPageToken'?: (string);
}

export interface ListLedgerHeadsResponse__Output {
  'heads': (_tollgate_billing_v1_LedgerHead__Output)[];
  'nextPageToken': (string);
}
