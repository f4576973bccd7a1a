// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { ChargeUsageRequest as _tollgate_billing_v1_ChargeUsageRequest, ChargeUsageRequest__Output as _tollgate_billing_v1_ChargeUsageRequest__Output } from '../../../tollgate/billing/v1/ChargeUsageRequest';

export interface BatchChargeUsageRequest {
  'requests'?: (_tollgate_billing_v1_ChargeUsageRequest)[];
}

export interface BatchChargeUsageRequest__Output {
  'requests': (_tollgate_billing_v1_ChargeUsageRequest__Output)[];
}
