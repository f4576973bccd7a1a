// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { SpendDimension as _tollgate_billing_v1_SpendDimension, SpendDimension__Output as _tollgate_billing_v1_SpendDimension__Output } from '../../../tollgate/billing/v1/SpendDimension';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface SummarizeSpendRequest {
  /**
   * At most 4, each once. None = one group with all of it.
   */
  'groupBy'?: (_tollgate_billing_v1_SpendDimension)[];
  /**
   * By the time of posting; from is inclusive, until exclusive. Unset = since the first entry, until now.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  'until'?: (_google_protobuf_Timestamp | null);
  /**
   * Empty = everybody.
   */
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface SummarizeSpendRequest__Output {
  /**
   * At most 4, each once. None = one group with all of it.
   */
  'groupBy': (_tollgate_billing_v1_SpendDimension__Output)[];
  /**
   * By the time of posting; from is inclusive, until exclusive. Unset = since the first entry, until now.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  'until': (_google_protobuf_Timestamp__Output | null);
  /**
   * Empty = everybody.
   */
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
