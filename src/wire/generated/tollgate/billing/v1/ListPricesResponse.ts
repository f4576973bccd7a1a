// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from '../../../tollgate/billing/v1/Price';

export interface ListPricesResponse {
  'prices'?: (_tollgate_billing_v1_Price)[];
  'nextPageToken'?: (string);
}

export interface ListPricesResponse__Output {
  'prices': (_tollgate_billing_v1_Price__Output)[];
  'nextPageToken': (string);
}
