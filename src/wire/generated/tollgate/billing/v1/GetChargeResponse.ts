// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from '../../../tollgate/billing/v1/Charge';

export interface GetChargeResponse {
  'charge'?: (_tollgate_billing_v1_Charge | null);
}

export interface GetChargeResponse__Output {
  'charge': (_tollgate_billing_v1_Charge__Output | null);
}
