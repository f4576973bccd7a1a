// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { ChargeUsageResponse as _tollgate_billing_v1_ChargeUsageResponse, ChargeUsageResponse__Output as _tollgate_billing_v1_ChargeUsageResponse__Output } from '../../../tollgate/billing/v1/ChargeUsageResponse';
import type { ChargeUsageError as _tollgate_billing_v1_ChargeUsageError, ChargeUsageError__Output as _tollgate_billing_v1_ChargeUsageError__Output } from '../../../tollgate/billing/v1/ChargeUsageError';

export interface ChargeUsageResult {
  'response'?: (_tollgate_billing_v1_ChargeUsageResponse | null);
  'error'?: (_tollgate_billing_v1_ChargeUsageError | null);
  'outcome'?: "response"|"error";
}

export interface ChargeUsageResult__Output {
  'response'?: (_tollgate_billing_v1_ChargeUsageResponse__Output | null);
  'error'?: (_tollgate_billing_v1_ChargeUsageError__Output | null);
  'outcome'?: "response"|"error";
}
