// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { SpendGroup as _tollgate_billing_v1_SpendGroup, SpendGroup__Output as _tollgate_billing_v1_SpendGroup__Output } from '../../../tollgate/billing/v1/SpendGroup';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface SummarizeSpendResponse {
  /**
   * Ordered by their values.
   */
  'groups'?: (_tollgate_billing_v1_SpendGroup)[];
  'nextPageToken'?: (string);
  /**
   * What was added up. The same on every page.
   */
  'until'?: (_google_protobuf_Timestamp | null);
}

export interface SummarizeSpendResponse__Output {
  /**
   * Ordered by their values.
   */
  'groups': (_tollgate_billing_v1_SpendGroup__Output)[];
  'nextPageToken': (string);
  /**
   * What was added up. The same on every page.
   */
  'until': (_google_protobuf_Timestamp__Output | null);
}
