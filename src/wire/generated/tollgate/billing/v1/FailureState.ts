// Original file: proto/tollgate/billing/v1/admin_services.proto

export const FailureState = {
  FAILURE_STATE_UNSPECIFIED: 'FAILURE_STATE_UNSPECIFIED',
  FAILURE_STATE_PENDING: 'FAILURE_STATE_PENDING',
  FAILURE_STATE_RESOLVED: 'FAILURE_STATE_RESOLVED',
  FAILURE_STATE_WRITTEN_OFF: 'FAILURE_STATE_WRITTEN_OFF',
} as const;

export type FailureState =
  | 'FAILURE_STATE_UNSPECIFIED'
  | 0
  | 'FAILURE_STATE_PENDING'
  | 1
  | 'FAILURE_STATE_RESOLVED'
  | 2
  | 'FAILURE_STATE_WRITTEN_OFF'
  | 3

export type FailureState__Output = typeof FailureState[keyof typeof FailureState]
