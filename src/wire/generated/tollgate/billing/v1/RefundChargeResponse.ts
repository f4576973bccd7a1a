// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { LedgerEntry as _tollgate_billing_v1_LedgerEntry, LedgerEntry__Output as _tollgate_billing_v1_LedgerEntry__Output } from '../../../tollgate/billing/v1/LedgerEntry';

export interface RefundChargeResponse {
  'entry'?: (_tollgate_billing_v1_LedgerEntry | null);
  'replayed'?: (boolean);
}

export interface RefundChargeResponse__Output {
  'entry': (_tollgate_billing_v1_LedgerEntry__Output | null);
  'replayed': (boolean);
}
