// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { PriceChange as _tollgate_billing_v1_PriceChange, PriceChange__Output as _tollgate_billing_v1_PriceChange__Output } from '../../../tollgate/billing/v1/PriceChange';

export interface DecidePriceChangeResponse {
  'change'?: (_tollgate_billing_v1_PriceChange | null);
}

export interface DecidePriceChangeResponse__Output {
  'change': (_tollgate_billing_v1_PriceChange__Output | null);
}
