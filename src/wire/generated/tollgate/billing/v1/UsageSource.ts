// Original file: proto/tollgate/billing/v1/types.proto

/**
 * Where the token counts came from.
 */
export const UsageSource = {
  USAGE_SOURCE_UNSPECIFIED: 'USAGE_SOURCE_UNSPECIFIED',
  /**
   * Reported by the provider.
   */
  USAGE_SOURCE_PROVIDER: 'USAGE_SOURCE_PROVIDER',
  /**
   * Counted by the gateway or by this service because the provider reported nothing.
   */
  USAGE_SOURCE_ESTIMATED: 'USAGE_SOURCE_ESTIMATED',
} as const;

/**
 * Where the token counts came from.
 */
export type UsageSource =
  | 'USAGE_SOURCE_UNSPECIFIED'
  | 0
  /**
   * Reported by the provider.
   */
  | 'USAGE_SOURCE_PROVIDER'
  | 1
  /**
   * Counted by the gateway or by this service because the provider reported nothing.
   */
  | 'USAGE_SOURCE_ESTIMATED'
  | 2

/**
 * Where the token counts came from.
 */
export type UsageSource__Output = typeof UsageSource[keyof typeof UsageSource]
