// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { Long } from '@grpc/proto-loader';

/**
 * Usage so far. Cumulative, never a delta: a lost, repeated or reordered message changes nothing.
 * The message with the highest sequence stands, whole. Sequences start at 1 and go on across resumes.
 */
export interface StreamProgress {
  'sequence'?: (number | string | Long);
  'usage'?: (_tollgate_billing_v1_Usage | null);
}

/**
 * Usage so far. Cumulative, never a delta: a lost, repeated or reordered message changes nothing.
 * The message with the highest sequence stands, whole. Sequences start at 1 and go on across resumes.
 */
export interface StreamProgress__Output {
  'sequence': (string);
  'usage': (_tollgate_billing_v1_Usage__Output | null);
}
