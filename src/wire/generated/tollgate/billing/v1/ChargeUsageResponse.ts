// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from '../../../tollgate/billing/v1/Charge';

export interface ChargeUsageResponse {
  'charge'?: (_tollgate_billing_v1_Charge | null);
  /**
   * True when this key had been charged before; `charge` is then the first result.
   */
  'replayed'?: (boolean);
}

export interface ChargeUsageResponse__Output {
  'charge': (_tollgate_billing_v1_Charge__Output | null);
  /**
   * True when this key had been charged before; `charge` is then the first result.
   */
  'replayed': (boolean);
}
