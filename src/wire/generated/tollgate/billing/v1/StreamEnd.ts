// Original file: proto/tollgate/billing/v1/billing_service.proto

export const StreamEnd = {
  STREAM_END_UNSPECIFIED: 'STREAM_END_UNSPECIFIED',
  STREAM_END_COMPLETED: 'STREAM_END_COMPLETED',
  /**
   * The end user went away or stopped it; what was delivered is charged.
   */
  STREAM_END_CANCELLED: 'STREAM_END_CANCELLED',
  /**
   * The provider failed; what was delivered is charged, nothing if nothing was.
   */
  STREAM_END_FAILED: 'STREAM_END_FAILED',
} as const;

export type StreamEnd =
  | 'STREAM_END_UNSPECIFIED'
  | 0
  | 'STREAM_END_COMPLETED'
  | 1
  /**
   * The end user went away or stopped it; what was delivered is charged.
   */
  | 'STREAM_END_CANCELLED'
  | 2
  /**
   * The provider failed; what was delivered is charged, nothing if nothing was.
   */
  | 'STREAM_END_FAILED'
  | 3

export type StreamEnd__Output = typeof StreamEnd[keyof typeof StreamEnd]
