// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

export interface Hold {
  'holdId'?: (string);
  'userId'?: (string);
  'idempotencyKey'?: (string);
  'model'?: (string);
  'heldNanousd'?: (number | string | Long);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'openedAt'?: (_google_protobuf_Timestamp | null);
  'expiresAt'?: (_google_protobuf_Timestamp | null);
}

export interface Hold__Output {
  'holdId': (string);
  'userId': (string);
  'idempotencyKey': (string);
  'model': (string);
  'heldNanousd': (string);
  'usage': (_tollgate_billing_v1_Usage__Output | null);
  'openedAt': (_google_protobuf_Timestamp__Output | null);
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
}
