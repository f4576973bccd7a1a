// Original file: proto/tollgate/billing/v1/admin_services.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListDeductionFailuresRequest as _tollgate_billing_v1_ListDeductionFailuresRequest, ListDeductionFailuresRequest__Output as _tollgate_billing_v1_ListDeductionFailuresRequest__Output } from '../../../tollgate/billing/v1/ListDeductionFailuresRequest';
import type { ListDeductionFailuresResponse as _tollgate_billing_v1_ListDeductionFailuresResponse, ListDeductionFailuresResponse__Output as _tollgate_billing_v1_ListDeductionFailuresResponse__Output } from '../../../tollgate/billing/v1/ListDeductionFailuresResponse';
import type { ReconcileRequest as _tollgate_billing_v1_ReconcileRequest, ReconcileRequest__Output as _tollgate_billing_v1_ReconcileRequest__Output } from '../../../tollgate/billing/v1/ReconcileRequest';
import type { ReconcileResponse as _tollgate_billing_v1_ReconcileResponse, ReconcileResponse__Output as _tollgate_billing_v1_ReconcileResponse__Output } from '../../../tollgate/billing/v1/ReconcileResponse';
import type { RetryDeductionFailureRequest as _tollgate_billing_v1_RetryDeductionFailureRequest, RetryDeductionFailureRequest__Output as _tollgate_billing_v1_RetryDeductionFailureRequest__Output } from '../../../tollgate/billing/v1/RetryDeductionFailureRequest';
import type { RetryDeductionFailureResponse as _tollgate_billing_v1_RetryDeductionFailureResponse, RetryDeductionFailureResponse__Output as _tollgate_billing_v1_RetryDeductionFailureResponse__Output } from '../../../tollgate/billing/v1/RetryDeductionFailureResponse';
import type { WriteOffDeductionFailureRequest as _tollgate_billing_v1_WriteOffDeductionFailureRequest, WriteOffDeductionFailureRequest__Output as _tollgate_billing_v1_WriteOffDeductionFailureRequest__Output } from '../../../tollgate/billing/v1/WriteOffDeductionFailureRequest';
import type { WriteOffDeductionFailureResponse as _tollgate_billing_v1_WriteOffDeductionFailureResponse, WriteOffDeductionFailureResponse__Output as _tollgate_billing_v1_WriteOffDeductionFailureResponse__Output } from '../../../tollgate/billing/v1/WriteOffDeductionFailureResponse';

/**
 * Deductions that failed, and the proof that the books balance. Needs a token with the `admin` scope.
 */
export interface ReconciliationServiceClient extends grpc.Client {
  ListDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  ListDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  ListDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  ListDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  listDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  listDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  listDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  listDeductionFailures(argument: _tollgate_billing_v1_ListDeductionFailuresRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListDeductionFailuresResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Checks every user's books, or one user's, and reports what does not add up.
   */
  Reconcile(argument: _tollgate_billing_v1_ReconcileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  Reconcile(argument: _tollgate_billing_v1_ReconcileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  Reconcile(argument: _tollgate_billing_v1_ReconcileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  Reconcile(argument: _tollgate_billing_v1_ReconcileRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Checks every user's books, or one user's, and reports what does not add up.
   */
  reconcile(argument: _tollgate_billing_v1_ReconcileRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  reconcile(argument: _tollgate_billing_v1_ReconcileRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  reconcile(argument: _tollgate_billing_v1_ReconcileRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  reconcile(argument: _tollgate_billing_v1_ReconcileRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Tries the deduction again, under its own key.
   */
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Tries the deduction again, under its own key.
   */
  retryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  retryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  retryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  retryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  
  WriteOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  WriteOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  WriteOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  WriteOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  writeOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  writeOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  writeOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  writeOffDeductionFailure(argument: _tollgate_billing_v1_WriteOffDeductionFailureRequest, callback: grpc.requestCallback<_tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Deductions that failed, and the proof that the books balance. Needs a token with the `admin` scope.
 */
export interface ReconciliationServiceHandlers extends grpc.UntypedServiceImplementation {
  ListDeductionFailures: grpc.handleUnaryCall<_tollgate_billing_v1_ListDeductionFailuresRequest__Output, _tollgate_billing_v1_ListDeductionFailuresResponse>;
  
  /**
   * Checks every user's books, or one user's, and reports what does not add up.
   */
  Reconcile: grpc.handleUnaryCall<_tollgate_billing_v1_ReconcileRequest__Output, _tollgate_billing_v1_ReconcileResponse>;
  
  /**
   * Tries the deduction again, under its own key.
   */
  RetryDeductionFailure: grpc.handleUnaryCall<_tollgate_billing_v1_RetryDeductionFailureRequest__Output, _tollgate_billing_v1_RetryDeductionFailureResponse>;
  
  WriteOffDeductionFailure: grpc.handleUnaryCall<_tollgate_billing_v1_WriteOffDeductionFailureRequest__Output, _tollgate_billing_v1_WriteOffDeductionFailureResponse>;
  
}

export interface ReconciliationServiceDefinition extends grpc.ServiceDefinition {
  ListDeductionFailures: MethodDefinition<_tollgate_billing_v1_ListDeductionFailuresRequest, _tollgate_billing_v1_ListDeductionFailuresResponse, _tollgate_billing_v1_ListDeductionFailuresRequest__Output, _tollgate_billing_v1_ListDeductionFailuresResponse__Output>
  Reconcile: MethodDefinition<_tollgate_billing_v1_ReconcileRequest, _tollgate_billing_v1_ReconcileResponse, _tollgate_billing_v1_ReconcileRequest__Output, _tollgate_billing_v1_ReconcileResponse__Output>
  RetryDeductionFailure: MethodDefinition<_tollgate_billing_v1_RetryDeductionFailureRequest, _tollgate_billing_v1_RetryDeductionFailureResponse, _tollgate_billing_v1_RetryDeductionFailureRequest__Output, _tollgate_billing_v1_RetryDeductionFailureResponse__Output>
  WriteOffDeductionFailure: MethodDefinition<_tollgate_billing_v1_WriteOffDeductionFailureRequest, _tollgate_billing_v1_WriteOffDeductionFailureResponse, _tollgate_billing_v1_WriteOffDeductionFailureRequest__Output, _tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>
}
