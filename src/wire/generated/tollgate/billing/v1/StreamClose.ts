// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';
import type { UsageSource as _tollgate_billing_v1_UsageSource, UsageSource__Output as _tollgate_billing_v1_UsageSource__Output } from '../../../tollgate/billing/v1/UsageSource';
import type { StreamEnd as _tollgate_billing_v1_StreamEnd, StreamEnd__Output as _tollgate_billing_v1_StreamEnd__Output } from '../../../tollgate/billing/v1/StreamEnd';
import type { ServedPart as _tollgate_billing_v1_ServedPart, ServedPart__Output as _tollgate_billing_v1_ServedPart__Output } from '../../../tollgate/billing/v1/ServedPart';
import type { Long } from '@grpc/proto-loader';

/**
 * The generation has ended. It is final whatever its sequence. Half-closing without it settles the
 * last progress, unless the open has hold_seconds; a cancelled call or a lost connection settles nothing yet: the stream may be resumed.
 */
export interface StreamClose {
  'sequence'?: (number | string | Long);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  'usageSource'?: (_tollgate_billing_v1_UsageSource);
  'end'?: (_tollgate_billing_v1_StreamEnd);
  /**
   * What served the stream, where that is not what its open asked for: a fallback in mid-stream. Empty = what the provider's
   * body states, or what the open asked for.
   */
  'servedModel'?: (string);
  'servedProvider'?: (string);
  'servedServiceTier'?: (string);
  /**
   * As in ChargeUsageRequest: what the provider says that all of the stream cost.
   */
  'reportedCostNanousd'?: (number | string | Long);
  'reportedCostSource'?: (string);
  /**
   * Where several models served the stream, one after the other: what each of them did, at most 16. Set in place of a usage
   * and of the served_ fields; the stream's usage is their sum. Each is charged at its own price, in one settlement.
   */
  'parts'?: (_tollgate_billing_v1_ServedPart)[];
  /**
   * Absent = the last progress stands; an empty Usage = nothing was used.
   */
  'measured'?: "usage"|"providerUsage";
}

/**
 * The generation has ended. It is final whatever its sequence. Half-closing without it settles the
 * last progress, unless the open has hold_seconds; a cancelled call or a lost connection settles nothing yet: the stream may be resumed.
 */
export interface StreamClose__Output {
  'sequence': (string);
  'usage'?: (_tollgate_billing_v1_Usage__Output | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage__Output | null);
  'usageSource': (_tollgate_billing_v1_UsageSource__Output);
  'end': (_tollgate_billing_v1_StreamEnd__Output);
  /**
   * What served the stream, where that is not what its open asked for: a fallback in mid-stream. Empty = what the provider's
   * body states, or what the open asked for.
   */
  'servedModel': (string);
  'servedProvider': (string);
  'servedServiceTier': (string);
  /**
   * As in ChargeUsageRequest: what the provider says that all of the stream cost.
   */
  'reportedCostNanousd': (string);
  'reportedCostSource': (string);
  /**
   * Where several models served the stream, one after the other: what each of them did, at most 16. Set in place of a usage
   * and of the served_ fields; the stream's usage is their sum. Each is charged at its own price, in one settlement.
   */
  'parts': (_tollgate_billing_v1_ServedPart__Output)[];
  /**
   * Absent = the last progress stands; an empty Usage = nothing was used.
   */
  'measured'?: "usage"|"providerUsage";
}
