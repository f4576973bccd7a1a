// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from '../../../tollgate/billing/v1/Charge';

export interface SettleHoldResponse {
  'charge'?: (_tollgate_billing_v1_Charge | null);
}

export interface SettleHoldResponse__Output {
  'charge': (_tollgate_billing_v1_Charge__Output | null);
}
