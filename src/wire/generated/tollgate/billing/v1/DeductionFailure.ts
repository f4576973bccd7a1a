// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { FailureState as _tollgate_billing_v1_FailureState, FailureState__Output as _tollgate_billing_v1_FailureState__Output } from '../../../tollgate/billing/v1/FailureState';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';
import type { Long } from '@grpc/proto-loader';

export interface DeductionFailure {
  'failureId'?: (string);
  'userId'?: (string);
  'idempotencyKey'?: (string);
  'model'?: (string);
  'amountNanousd'?: (number | string | Long);
  /**
   * ErrorInfo reason of the last attempt, such as INSUFFICIENT_CREDITS.
   */
  'reason'?: (string);
  'attempts'?: (number);
  'state'?: (_tollgate_billing_v1_FailureState);
  'createdAt'?: (_google_protobuf_Timestamp | null);
  'resolvedAt'?: (_google_protobuf_Timestamp | null);
  'note'?: (string);
  /**
   * All that is needed to rate and deduct it later.
   */
  'provider'?: (string);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'serviceTier'?: (string);
  'occurredAt'?: (_google_protobuf_Timestamp | null);
  'holdId'?: (string);
  'chargeId'?: (string);
  'apiKeyId'?: (string);
  'labels'?: ({[key: string]: string});
  /**
   * Set instead of usage where the provider's counts contradict each other: its body, reduced to its counts and to how it
   * served the call. An empty json = the body was too large to be kept.
   */
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  /**
   * What is wrong with those counts.
   */
  'problem'?: (string);
  /**
   * What the gateway stated that the call cost, before markup; 0 = the usage is rated.
   */
  'reportedCostNanousd'?: (number | string | Long);
  /**
   * Who wrote it off, or whose request deducted it; `tollgate` where a grant collected it. Empty while it is pending.
   */
  'actor'?: (string);
}

export interface DeductionFailure__Output {
  'failureId': (string);
  'userId': (string);
  'idempotencyKey': (string);
  'model': (string);
  'amountNanousd': (string);
  /**
   * ErrorInfo reason of the last attempt, such as INSUFFICIENT_CREDITS.
   */
  'reason': (string);
  'attempts': (number);
  'state': (_tollgate_billing_v1_FailureState__Output);
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  'resolvedAt': (_google_protobuf_Timestamp__Output | null);
  'note': (string);
  /**
   * All that is needed to rate and deduct it later.
   */
  'provider': (string);
  'usage': (_tollgate_billing_v1_Usage__Output | null);
  'serviceTier': (string);
  'occurredAt': (_google_protobuf_Timestamp__Output | null);
  'holdId': (string);
  'chargeId': (string);
  'apiKeyId': (string);
  'labels': ({[key: string]: string});
  /**
   * Set instead of usage where the provider's counts contradict each other: its body, reduced to its counts and to how it
   * served the call. An empty json = the body was too large to be kept.
   */
  'providerUsage': (_tollgate_billing_v1_ProviderUsage__Output | null);
  /**
   * What is wrong with those counts.
   */
  'problem': (string);
  /**
   * What the gateway stated that the call cost, before markup; 0 = the usage is rated.
   */
  'reportedCostNanousd': (string);
  /**
   * Who wrote it off, or whose request deducted it; `tollgate` where a grant collected it. Empty while it is pending.
   */
  'actor': (string);
}
