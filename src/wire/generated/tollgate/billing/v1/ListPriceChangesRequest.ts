// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { PriceChangeState as _tollgate_billing_v1_PriceChangeState, PriceChangeState__Output as _tollgate_billing_v1_PriceChangeState__Output } from '../../../tollgate/billing/v1/PriceChangeState';

export interface ListPriceChangesRequest {
  'state'?: (_tollgate_billing_v1_PriceChangeState);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListPriceChangesRequest__Output {
  'state': (_tollgate_billing_v1_PriceChangeState__Output);
  'pageSize': (number);
  'pageToken': (string);
}
