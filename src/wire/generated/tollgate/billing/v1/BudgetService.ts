// Original file: proto/tollgate/billing/v1/budget_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteBudgetRequest as _tollgate_billing_v1_DeleteBudgetRequest, DeleteBudgetRequest__Output as _tollgate_billing_v1_DeleteBudgetRequest__Output } from '../../../tollgate/billing/v1/DeleteBudgetRequest';
import type { DeleteBudgetResponse as _tollgate_billing_v1_DeleteBudgetResponse, DeleteBudgetResponse__Output as _tollgate_billing_v1_DeleteBudgetResponse__Output } from '../../../tollgate/billing/v1/DeleteBudgetResponse';
import type { ListBudgetUsageRequest as _tollgate_billing_v1_ListBudgetUsageRequest, ListBudgetUsageRequest__Output as _tollgate_billing_v1_ListBudgetUsageRequest__Output } from '../../../tollgate/billing/v1/ListBudgetUsageRequest';
import type { ListBudgetUsageResponse as _tollgate_billing_v1_ListBudgetUsageResponse, ListBudgetUsageResponse__Output as _tollgate_billing_v1_ListBudgetUsageResponse__Output } from '../../../tollgate/billing/v1/ListBudgetUsageResponse';
import type { ListBudgetsRequest as _tollgate_billing_v1_ListBudgetsRequest, ListBudgetsRequest__Output as _tollgate_billing_v1_ListBudgetsRequest__Output } from '../../../tollgate/billing/v1/ListBudgetsRequest';
import type { ListBudgetsResponse as _tollgate_billing_v1_ListBudgetsResponse, ListBudgetsResponse__Output as _tollgate_billing_v1_ListBudgetsResponse__Output } from '../../../tollgate/billing/v1/ListBudgetsResponse';
import type { PutBudgetRequest as _tollgate_billing_v1_PutBudgetRequest, PutBudgetRequest__Output as _tollgate_billing_v1_PutBudgetRequest__Output } from '../../../tollgate/billing/v1/PutBudgetRequest';
import type { PutBudgetResponse as _tollgate_billing_v1_PutBudgetResponse, PutBudgetResponse__Output as _tollgate_billing_v1_PutBudgetResponse__Output } from '../../../tollgate/billing/v1/PutBudgetResponse';

/**
 * Caps on what a user's calls may cost, for each API key, label, model or provider, in a window of time. Decided together with the
 * balance, so concurrent calls can't run through them. Needs a token with the `admin` scope; listing also with `read`.
 */
export interface BudgetServiceClient extends grpc.Client {
  /**
   * Ends a budget: nothing counts on it any more. Charges already counted stay in the ledger.
   */
  DeleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  DeleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  DeleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  DeleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends a budget: nothing counts on it any more. Charges already counted stay in the ledger.
   */
  deleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  deleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  deleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  deleteBudget(argument: _tollgate_billing_v1_DeleteBudgetRequest, callback: grpc.requestCallback<_tollgate_billing_v1_DeleteBudgetResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * What each counter of a budget has spent and holds, in the window that runs now or at a time.
   */
  ListBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  ListBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  ListBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  ListBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What each counter of a budget has spent and holds, in the window that runs now or at a time.
   */
  listBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  listBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  listBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  listBudgetUsage(argument: _tollgate_billing_v1_ListBudgetUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetUsageResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The budgets of a user that are in force, by budget_id.
   */
  ListBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  ListBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The budgets of a user that are in force, by budget_id.
   */
  listBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  listBudgets(argument: _tollgate_billing_v1_ListBudgetsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListBudgetsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Creates a budget, or changes one. Changing match, grouping or window starts its counters again at zero.
   * At most 64 a user, of which at most 16 can match one call.
   */
  PutBudget(argument: _tollgate_billing_v1_PutBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _tollgate_billing_v1_PutBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _tollgate_billing_v1_PutBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  PutBudget(argument: _tollgate_billing_v1_PutBudgetRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Creates a budget, or changes one. Changing match, grouping or window starts its counters again at zero.
   * At most 64 a user, of which at most 16 can match one call.
   */
  putBudget(argument: _tollgate_billing_v1_PutBudgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _tollgate_billing_v1_PutBudgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _tollgate_billing_v1_PutBudgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  putBudget(argument: _tollgate_billing_v1_PutBudgetRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutBudgetResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Caps on what a user's calls may cost, for each API key, label, model or provider, in a window of time. Decided together with the
 * balance, so concurrent calls can't run through them. Needs a token with the `admin` scope; listing also with `read`.
 */
export interface BudgetServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Ends a budget: nothing counts on it any more. Charges already counted stay in the ledger.
   */
  DeleteBudget: grpc.handleUnaryCall<_tollgate_billing_v1_DeleteBudgetRequest__Output, _tollgate_billing_v1_DeleteBudgetResponse>;
  
  /**
   * What each counter of a budget has spent and holds, in the window that runs now or at a time.
   */
  ListBudgetUsage: grpc.handleUnaryCall<_tollgate_billing_v1_ListBudgetUsageRequest__Output, _tollgate_billing_v1_ListBudgetUsageResponse>;
  
  /**
   * The budgets of a user that are in force, by budget_id.
   */
  ListBudgets: grpc.handleUnaryCall<_tollgate_billing_v1_ListBudgetsRequest__Output, _tollgate_billing_v1_ListBudgetsResponse>;
  
  /**
   * Creates a budget, or changes one. Changing match, grouping or window starts its counters again at zero.
   * At most 64 a user, of which at most 16 can match one call.
   */
  PutBudget: grpc.handleUnaryCall<_tollgate_billing_v1_PutBudgetRequest__Output, _tollgate_billing_v1_PutBudgetResponse>;
  
}

export interface BudgetServiceDefinition extends grpc.ServiceDefinition {
  DeleteBudget: MethodDefinition<_tollgate_billing_v1_DeleteBudgetRequest, _tollgate_billing_v1_DeleteBudgetResponse, _tollgate_billing_v1_DeleteBudgetRequest__Output, _tollgate_billing_v1_DeleteBudgetResponse__Output>
  ListBudgetUsage: MethodDefinition<_tollgate_billing_v1_ListBudgetUsageRequest, _tollgate_billing_v1_ListBudgetUsageResponse, _tollgate_billing_v1_ListBudgetUsageRequest__Output, _tollgate_billing_v1_ListBudgetUsageResponse__Output>
  ListBudgets: MethodDefinition<_tollgate_billing_v1_ListBudgetsRequest, _tollgate_billing_v1_ListBudgetsResponse, _tollgate_billing_v1_ListBudgetsRequest__Output, _tollgate_billing_v1_ListBudgetsResponse__Output>
  PutBudget: MethodDefinition<_tollgate_billing_v1_PutBudgetRequest, _tollgate_billing_v1_PutBudgetResponse, _tollgate_billing_v1_PutBudgetRequest__Output, _tollgate_billing_v1_PutBudgetResponse__Output>
}
