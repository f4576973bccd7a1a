// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Discrepancy as _tollgate_billing_v1_Discrepancy, Discrepancy__Output as _tollgate_billing_v1_Discrepancy__Output } from '../../../tollgate/billing/v1/Discrepancy';
import type { Long } from '@grpc/proto-loader';

export interface ReconcileHeadsResponse {
  'headsChecked'?: (number | string | Long);
  'discrepancies'?: (_tollgate_billing_v1_Discrepancy)[];
}

export interface ReconcileHeadsResponse__Output {
  'headsChecked': (string);
  'discrepancies': (_tollgate_billing_v1_Discrepancy__Output)[];
}
