// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { LedgerEntry as _tollgate_billing_v1_LedgerEntry, LedgerEntry__Output as _tollgate_billing_v1_LedgerEntry__Output } from '../../../tollgate/billing/v1/LedgerEntry';

export interface ListLedgerEntriesResponse {
  'entries'?: (_tollgate_billing_v1_LedgerEntry)[];
  'nextPageToken'?: (string);
}

export interface ListLedgerEntriesResponse__Output {
  'entries': (_tollgate_billing_v1_LedgerEntry__Output)[];
  'nextPageToken': (string);
}
