// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Hold as _tollgate_billing_v1_Hold, Hold__Output as _tollgate_billing_v1_Hold__Output } from '../../../tollgate/billing/v1/Hold';

export interface ListHoldsResponse {
  'holds'?: (_tollgate_billing_v1_Hold)[];
  'nextPageToken'?: (string);
}

export interface ListHoldsResponse__Output {
  'holds': (_tollgate_billing_v1_Hold__Output)[];
  'nextPageToken': (string);
}
