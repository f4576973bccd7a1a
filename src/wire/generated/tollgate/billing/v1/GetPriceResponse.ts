// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from '../../../tollgate/billing/v1/Price';

export interface GetPriceResponse {
  'price'?: (_tollgate_billing_v1_Price | null);
}

export interface GetPriceResponse__Output {
  'price': (_tollgate_billing_v1_Price__Output | null);
}
