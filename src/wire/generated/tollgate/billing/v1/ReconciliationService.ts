// Original file: proto/tollgate/billing/v1/admin_services.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListDeductionFailuresRequest as _tollgate_billing_v1_ListDeductionFailuresRequest, ListDeductionFailuresRequest__Output as _tollgate_billing_v1_ListDeductionFailuresRequest__Output } from '../../../tollgate/billing/v1/ListDeductionFailuresRequest';
import type { ListDeductionFailuresResponse as _tollgate_billing_v1_ListDeductionFailuresResponse, ListDeductionFailuresResponse__Output as _tollgate_billing_v1_ListDeductionFailuresResponse__Output } from '../../../tollgate/billing/v1/ListDeductionFailuresResponse';
import type { ListLedgerHeadsRequest as _tollgate_billing_v1_ListLedgerHeadsRequest, ListLedgerHeadsRequest__Output as _tollgate_billing_v1_ListLedgerHeadsRequest__Output } from '../../../tollgate/billing/v1/ListLedgerHeadsRequest';
import type { ListLedgerHeadsResponse as _tollgate_billing_v1_ListLedgerHeadsResponse, ListLedgerHeadsResponse__Output as _tollgate_billing_v1_ListLedgerHeadsResponse__Output } from '../../../tollgate/billing/v1/ListLedgerHeadsResponse';
import type { ReconcileHeadsRequest as _tollgate_billing_v1_ReconcileHeadsRequest, ReconcileHeadsRequest__Output as _tollgate_billing_v1_ReconcileHeadsRequest__Output } from '../../../tollgate/billing/v1/ReconcileHeadsRequest';
import type { ReconcileHeadsResponse as _tollgate_billing_v1_ReconcileHeadsResponse, ReconcileHeadsResponse__Output as _tollgate_billing_v1_ReconcileHeadsResponse__Output } from '../../../tollgate/billing/v1/ReconcileHeadsResponse';
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
   * The ends of the hash chains, to be kept elsewhere.
   */
  ListLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The ends of the hash chains, to be kept elsewhere.
   */
  listLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  listLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  listLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  listLedgerHeads(argument: _tollgate_billing_v1_ListLedgerHeadsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerHeadsResponse__Output>): grpc.ClientUnaryCall;
  
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
   * Whether today's ledgers go on from heads that were exported. Reconcile shows that the entries before them are as they were hashed.
   */
  ReconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  ReconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  ReconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  ReconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Whether today's ledgers go on from heads that were exported. Reconcile shows that the entries before them are as they were hashed.
   */
  reconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  reconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  reconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  reconcileHeads(argument: _tollgate_billing_v1_ReconcileHeadsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReconcileHeadsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Tries the deduction again, under its own key, and with a corrected usage if there is one.
   */
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  RetryDeductionFailure(argument: _tollgate_billing_v1_RetryDeductionFailureRequest, callback: grpc.requestCallback<_tollgate_billing_v1_RetryDeductionFailureResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Tries the deduction again, under its own key, and with a corrected usage if there is one.
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
   * The ends of the hash chains, to be kept elsewhere.
   */
  ListLedgerHeads: grpc.handleUnaryCall<_tollgate_billing_v1_ListLedgerHeadsRequest__Output, _tollgate_billing_v1_ListLedgerHeadsResponse>;
  
  /**
   * Checks every user's books, or one user's, and reports what does not add up.
   */
  Reconcile: grpc.handleUnaryCall<_tollgate_billing_v1_ReconcileRequest__Output, _tollgate_billing_v1_ReconcileResponse>;
  
  /**
   * Whether today's ledgers go on from heads that were exported. Reconcile shows that the entries before them are as they were hashed.
   */
  ReconcileHeads: grpc.handleUnaryCall<_tollgate_billing_v1_ReconcileHeadsRequest__Output, _tollgate_billing_v1_ReconcileHeadsResponse>;
  
  /**
   * Tries the deduction again, under its own key, and with a corrected usage if there is one.
   */
  RetryDeductionFailure: grpc.handleUnaryCall<_tollgate_billing_v1_RetryDeductionFailureRequest__Output, _tollgate_billing_v1_RetryDeductionFailureResponse>;
  
  WriteOffDeductionFailure: grpc.handleUnaryCall<_tollgate_billing_v1_WriteOffDeductionFailureRequest__Output, _tollgate_billing_v1_WriteOffDeductionFailureResponse>;
  
}

export interface ReconciliationServiceDefinition extends grpc.ServiceDefinition {
  ListDeductionFailures: MethodDefinition<_tollgate_billing_v1_ListDeductionFailuresRequest, _tollgate_billing_v1_ListDeductionFailuresResponse, _tollgate_billing_v1_ListDeductionFailuresRequest__Output, _tollgate_billing_v1_ListDeductionFailuresResponse__Output>
  ListLedgerHeads: MethodDefinition<_tollgate_billing_v1_ListLedgerHeadsRequest, _tollgate_billing_v1_ListLedgerHeadsResponse, _tollgate_billing_v1_ListLedgerHeadsRequest__Output, _tollgate_billing_v1_ListLedgerHeadsResponse__Output>
  Reconcile: MethodDefinition<_tollgate_billing_v1_ReconcileRequest, _tollgate_billing_v1_ReconcileResponse, _tollgate_billing_v1_ReconcileRequest__Output, _tollgate_billing_v1_ReconcileResponse__Output>
  ReconcileHeads: MethodDefinition<_tollgate_billing_v1_ReconcileHeadsRequest, _tollgate_billing_v1_ReconcileHeadsResponse, _tollgate_billing_v1_ReconcileHeadsRequest__Output, _tollgate_billing_v1_ReconcileHeadsResponse__Output>
  RetryDeductionFailure: MethodDefinition<_tollgate_billing_v1_RetryDeductionFailureRequest, _tollgate_billing_v1_RetryDeductionFailureResponse, _tollgate_billing_v1_RetryDeductionFailureRequest__Output, _tollgate_billing_v1_RetryDeductionFailureResponse__Output>
  WriteOffDeductionFailure: MethodDefinition<_tollgate_billing_v1_WriteOffDeductionFailureRequest, _tollgate_billing_v1_WriteOffDeductionFailureResponse, _tollgate_billing_v1_WriteOffDeductionFailureRequest__Output, _tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>
}
