// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { ChargeUsageResult as _tollgate_billing_v1_ChargeUsageResult, ChargeUsageResult__Output as _tollgate_billing_v1_ChargeUsageResult__Output } from '../../../tollgate/billing/v1/ChargeUsageResult';

export interface BatchChargeUsageResponse {
  'results'?: (_tollgate_billing_v1_ChargeUsageResult)[];
}

export interface BatchChargeUsageResponse__Output {
  'results': (_tollgate_billing_v1_ChargeUsageResult__Output)[];
}
