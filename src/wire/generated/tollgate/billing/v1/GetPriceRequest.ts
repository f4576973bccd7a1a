// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface GetPriceRequest {
  'model'?: (string);
  'provider'?: (string);
  /**
   * Absent = now.
   */
  'at'?: (_google_protobuf_Timestamp | null);
}

export interface GetPriceRequest__Output {
  'model': (string);
  'provider': (string);
  /**
   * Absent = now.
   */
  'at': (_google_protobuf_Timestamp__Output | null);
}
