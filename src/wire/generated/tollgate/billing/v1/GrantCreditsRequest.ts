// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Pot as _tollgate_billing_v1_Pot, Pot__Output as _tollgate_billing_v1_Pot__Output } from '../../../tollgate/billing/v1/Pot';
import type { GrantMode as _tollgate_billing_v1_GrantMode, GrantMode__Output as _tollgate_billing_v1_GrantMode__Output } from '../../../tollgate/billing/v1/GrantMode';
import type { Long } from '@grpc/proto-loader';

export interface GrantCreditsRequest {
  'idempotencyKey'?: (string);
  'userId'?: (string);
  'pot'?: (_tollgate_billing_v1_Pot);
  /**
   * May be negative to take credits back: refused where the pot or `available` would fall below its floor, except with
   * GRANT_MODE_CHARGEBACK.
   */
  'amountNanousd'?: (number | string | Long);
  'reason'?: (string);
  'mode'?: (_tollgate_billing_v1_GrantMode);
}

export interface GrantCreditsRequest__Output {
  'idempotencyKey': (string);
  'userId': (string);
  'pot': (_tollgate_billing_v1_Pot__Output);
  /**
   * May be negative to take credits back: refused where the pot or `available` would fall below its floor, except with
   * GRANT_MODE_CHARGEBACK.
   */
  'amountNanousd': (string);
  'reason': (string);
  'mode': (_tollgate_billing_v1_GrantMode__Output);
}
