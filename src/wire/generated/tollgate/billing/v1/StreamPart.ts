// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';
import type { Long } from '@grpc/proto-loader';

/**
 * What one process, or one piece of a job, has used so far. Cumulative within the part: of one part the report with the
 * highest sequence stands, whole, so a lost, repeated or reordered report changes nothing.
 */
export interface StreamPart {
  /**
   * 1 to 128 visible characters, unique within the stream: the reporting process chooses it.
   */
  'partId'?: (string);
  /**
   * From 1.
   */
  'sequence'?: (number | string | Long);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  'measured'?: "usage"|"providerUsage";
}

/**
 * What one process, or one piece of a job, has used so far. Cumulative within the part: of one part the report with the
 * highest sequence stands, whole, so a lost, repeated or reordered report changes nothing.
 */
export interface StreamPart__Output {
  /**
   * 1 to 128 visible characters, unique within the stream: the reporting process chooses it.
   */
  'partId': (string);
  /**
   * From 1.
   */
  'sequence': (string);
  'usage'?: (_tollgate_billing_v1_Usage__Output | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage__Output | null);
  'measured'?: "usage"|"providerUsage";
}
