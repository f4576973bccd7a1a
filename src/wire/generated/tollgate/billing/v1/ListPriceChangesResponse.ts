// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { PriceChange as _tollgate_billing_v1_PriceChange, PriceChange__Output as _tollgate_billing_v1_PriceChange__Output } from '../../../tollgate/billing/v1/PriceChange';

export interface ListPriceChangesResponse {
  'changes'?: (_tollgate_billing_v1_PriceChange)[];
  'nextPageToken'?: (string);
}

export interface ListPriceChangesResponse__Output {
  'changes': (_tollgate_billing_v1_PriceChange__Output)[];
  'nextPageToken': (string);
}
