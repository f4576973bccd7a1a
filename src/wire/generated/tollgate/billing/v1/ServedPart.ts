// Original file: proto/tollgate/billing/v1/billing_service.proto

import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from '../../../tollgate/billing/v1/Usage';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from '../../../tollgate/billing/v1/ProviderUsage';

/**
 * What one model did of a stream. Empty fields are what its body states, or what the open asked for.
 */
export interface ServedPart {
  'servedModel'?: (string);
  'servedProvider'?: (string);
  'servedServiceTier'?: (string);
  'usage'?: (_tollgate_billing_v1_Usage | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage | null);
  'measured'?: "usage"|"providerUsage";
}

/**
 * What one model did of a stream. Empty fields are what its body states, or what the open asked for.
 */
export interface ServedPart__Output {
  'servedModel': (string);
  'servedProvider': (string);
  'servedServiceTier': (string);
  'usage'?: (_tollgate_billing_v1_Usage__Output | null);
  'providerUsage'?: (_tollgate_billing_v1_ProviderUsage__Output | null);
  'measured'?: "usage"|"providerUsage";
}
