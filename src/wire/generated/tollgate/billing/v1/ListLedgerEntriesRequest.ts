// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { EntryKind as _tollgate_billing_v1_EntryKind, EntryKind__Output as _tollgate_billing_v1_EntryKind__Output } from '../../../tollgate/billing/v1/EntryKind';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface ListLedgerEntriesRequest {
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
  /**
   * Filters; unset = all.
   */
  'kinds'?: (_tollgate_billing_v1_EntryKind)[];
  'from'?: (_google_protobuf_Timestamp | null);
  'until'?: (_google_protobuf_Timestamp | null);
  'apiKeyId'?: (string);
}

export interface ListLedgerEntriesRequest__Output {
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
  /**
   * Filters; unset = all.
   */
  'kinds': (_tollgate_billing_v1_EntryKind__Output)[];
  'from': (_google_protobuf_Timestamp__Output | null);
  'until': (_google_protobuf_Timestamp__Output | null);
  'apiKeyId': (string);
}
