// Original file: proto/tollgate/billing/v1/admin_services.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateUserRequest as _tollgate_billing_v1_CreateUserRequest, CreateUserRequest__Output as _tollgate_billing_v1_CreateUserRequest__Output } from '../../../tollgate/billing/v1/CreateUserRequest';
import type { CreateUserResponse as _tollgate_billing_v1_CreateUserResponse, CreateUserResponse__Output as _tollgate_billing_v1_CreateUserResponse__Output } from '../../../tollgate/billing/v1/CreateUserResponse';
import type { GetUserRequest as _tollgate_billing_v1_GetUserRequest, GetUserRequest__Output as _tollgate_billing_v1_GetUserRequest__Output } from '../../../tollgate/billing/v1/GetUserRequest';
import type { GetUserResponse as _tollgate_billing_v1_GetUserResponse, GetUserResponse__Output as _tollgate_billing_v1_GetUserResponse__Output } from '../../../tollgate/billing/v1/GetUserResponse';
import type { GrantCreditsRequest as _tollgate_billing_v1_GrantCreditsRequest, GrantCreditsRequest__Output as _tollgate_billing_v1_GrantCreditsRequest__Output } from '../../../tollgate/billing/v1/GrantCreditsRequest';
import type { GrantCreditsResponse as _tollgate_billing_v1_GrantCreditsResponse, GrantCreditsResponse__Output as _tollgate_billing_v1_GrantCreditsResponse__Output } from '../../../tollgate/billing/v1/GrantCreditsResponse';
import type { ListHoldsRequest as _tollgate_billing_v1_ListHoldsRequest, ListHoldsRequest__Output as _tollgate_billing_v1_ListHoldsRequest__Output } from '../../../tollgate/billing/v1/ListHoldsRequest';
import type { ListHoldsResponse as _tollgate_billing_v1_ListHoldsResponse, ListHoldsResponse__Output as _tollgate_billing_v1_ListHoldsResponse__Output } from '../../../tollgate/billing/v1/ListHoldsResponse';
import type { ListLedgerEntriesRequest as _tollgate_billing_v1_ListLedgerEntriesRequest, ListLedgerEntriesRequest__Output as _tollgate_billing_v1_ListLedgerEntriesRequest__Output } from '../../../tollgate/billing/v1/ListLedgerEntriesRequest';
import type { ListLedgerEntriesResponse as _tollgate_billing_v1_ListLedgerEntriesResponse, ListLedgerEntriesResponse__Output as _tollgate_billing_v1_ListLedgerEntriesResponse__Output } from '../../../tollgate/billing/v1/ListLedgerEntriesResponse';
import type { ListUsersRequest as _tollgate_billing_v1_ListUsersRequest, ListUsersRequest__Output as _tollgate_billing_v1_ListUsersRequest__Output } from '../../../tollgate/billing/v1/ListUsersRequest';
import type { ListUsersResponse as _tollgate_billing_v1_ListUsersResponse, ListUsersResponse__Output as _tollgate_billing_v1_ListUsersResponse__Output } from '../../../tollgate/billing/v1/ListUsersResponse';
import type { RefundChargeRequest as _tollgate_billing_v1_RefundChargeRequest, RefundChargeRequest__Output as _tollgate_billing_v1_RefundChargeRequest__Output } from '../../../tollgate/billing/v1/RefundChargeRequest';
import type { RefundChargeResponse as _tollgate_billing_v1_RefundChargeResponse, RefundChargeResponse__Output as _tollgate_billing_v1_RefundChargeResponse__Output } from '../../../tollgate/billing/v1/RefundChargeResponse';
import type { SettleHoldRequest as _tollgate_billing_v1_SettleHoldRequest, SettleHoldRequest__Output as _tollgate_billing_v1_SettleHoldRequest__Output } from '../../../tollgate/billing/v1/SettleHoldRequest';
import type { SettleHoldResponse as _tollgate_billing_v1_SettleHoldResponse, SettleHoldResponse__Output as _tollgate_billing_v1_SettleHoldResponse__Output } from '../../../tollgate/billing/v1/SettleHoldResponse';
import type { SummarizeSpendRequest as _tollgate_billing_v1_SummarizeSpendRequest, SummarizeSpendRequest__Output as _tollgate_billing_v1_SummarizeSpendRequest__Output } from '../../../tollgate/billing/v1/SummarizeSpendRequest';
import type { SummarizeSpendResponse as _tollgate_billing_v1_SummarizeSpendResponse, SummarizeSpendResponse__Output as _tollgate_billing_v1_SummarizeSpendResponse__Output } from '../../../tollgate/billing/v1/SummarizeSpendResponse';
import type { UpdateUserRequest as _tollgate_billing_v1_UpdateUserRequest, UpdateUserRequest__Output as _tollgate_billing_v1_UpdateUserRequest__Output } from '../../../tollgate/billing/v1/UpdateUserRequest';
import type { UpdateUserResponse as _tollgate_billing_v1_UpdateUserResponse, UpdateUserResponse__Output as _tollgate_billing_v1_UpdateUserResponse__Output } from '../../../tollgate/billing/v1/UpdateUserResponse';

/**
 * Users, their credits and their ledger. Needs a token with the `admin` scope.
 */
export interface UserServiceClient extends grpc.Client {
  CreateUser(argument: _tollgate_billing_v1_CreateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _tollgate_billing_v1_CreateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _tollgate_billing_v1_CreateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _tollgate_billing_v1_CreateUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _tollgate_billing_v1_CreateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _tollgate_billing_v1_CreateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _tollgate_billing_v1_CreateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _tollgate_billing_v1_CreateUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  
  GetUser(argument: _tollgate_billing_v1_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _tollgate_billing_v1_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _tollgate_billing_v1_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _tollgate_billing_v1_GetUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _tollgate_billing_v1_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _tollgate_billing_v1_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _tollgate_billing_v1_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _tollgate_billing_v1_GetUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Adds credits or allowance, exactly once per idempotency key.
   */
  GrantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  GrantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  GrantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  GrantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Adds credits or allowance, exactly once per idempotency key.
   */
  grantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  grantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  grantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  grantCredits(argument: _tollgate_billing_v1_GrantCreditsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GrantCreditsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Open streams of a user, or of everyone; and an operator's way to end one that is stuck.
   */
  ListHolds(argument: _tollgate_billing_v1_ListHoldsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  ListHolds(argument: _tollgate_billing_v1_ListHoldsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  ListHolds(argument: _tollgate_billing_v1_ListHoldsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  ListHolds(argument: _tollgate_billing_v1_ListHoldsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Open streams of a user, or of everyone; and an operator's way to end one that is stuck.
   */
  listHolds(argument: _tollgate_billing_v1_ListHoldsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  listHolds(argument: _tollgate_billing_v1_ListHoldsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  listHolds(argument: _tollgate_billing_v1_ListHoldsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  listHolds(argument: _tollgate_billing_v1_ListHoldsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListHoldsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * A user's ledger, newest first.
   */
  ListLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  ListLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * A user's ledger, newest first.
   */
  listLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  listLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  listLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  listLedgerEntries(argument: _tollgate_billing_v1_ListLedgerEntriesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListLedgerEntriesResponse__Output>): grpc.ClientUnaryCall;
  
  ListUsers(argument: _tollgate_billing_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _tollgate_billing_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _tollgate_billing_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _tollgate_billing_v1_ListUsersRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _tollgate_billing_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _tollgate_billing_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _tollgate_billing_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _tollgate_billing_v1_ListUsersRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Gives back all or part of a charge to the pots that paid it, exactly once per idempotency key.
   */
  RefundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  RefundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  RefundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  RefundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Gives back all or part of a charge to the pots that paid it, exactly once per idempotency key.
   */
  refundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  refundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  refundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  refundCharge(argument: _tollgate_billing_v1_RefundChargeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_RefundChargeResponse__Output>): grpc.ClientUnaryCall;
  
  SettleHold(argument: _tollgate_billing_v1_SettleHoldRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  SettleHold(argument: _tollgate_billing_v1_SettleHoldRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  SettleHold(argument: _tollgate_billing_v1_SettleHoldRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  SettleHold(argument: _tollgate_billing_v1_SettleHoldRequest, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  settleHold(argument: _tollgate_billing_v1_SettleHoldRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  settleHold(argument: _tollgate_billing_v1_SettleHoldRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  settleHold(argument: _tollgate_billing_v1_SettleHoldRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  settleHold(argument: _tollgate_billing_v1_SettleHoldRequest, callback: grpc.requestCallback<_tollgate_billing_v1_SettleHoldResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * What was spent in a time, added up by model, key, label and more. Exact: the sums are those of the ledger's entries.
   */
  SummarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  SummarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  SummarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  SummarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  /**
   * What was spent in a time, added up by model, key, label and more. Exact: the sums are those of the ledger's entries.
   */
  summarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  summarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  summarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  summarizeSpend(argument: _tollgate_billing_v1_SummarizeSpendRequest, callback: grpc.requestCallback<_tollgate_billing_v1_SummarizeSpendResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Changes only the fields that are set.
   */
  UpdateUser(argument: _tollgate_billing_v1_UpdateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _tollgate_billing_v1_UpdateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _tollgate_billing_v1_UpdateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _tollgate_billing_v1_UpdateUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Changes only the fields that are set.
   */
  updateUser(argument: _tollgate_billing_v1_UpdateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _tollgate_billing_v1_UpdateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _tollgate_billing_v1_UpdateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _tollgate_billing_v1_UpdateUserRequest, callback: grpc.requestCallback<_tollgate_billing_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Users, their credits and their ledger. Needs a token with the `admin` scope.
 */
export interface UserServiceHandlers extends grpc.UntypedServiceImplementation {
  CreateUser: grpc.handleUnaryCall<_tollgate_billing_v1_CreateUserRequest__Output, _tollgate_billing_v1_CreateUserResponse>;
  
  GetUser: grpc.handleUnaryCall<_tollgate_billing_v1_GetUserRequest__Output, _tollgate_billing_v1_GetUserResponse>;
  
  /**
   * Adds credits or allowance, exactly once per idempotency key.
   */
  GrantCredits: grpc.handleUnaryCall<_tollgate_billing_v1_GrantCreditsRequest__Output, _tollgate_billing_v1_GrantCreditsResponse>;
  
  /**
   * Open streams of a user, or of everyone; and an operator's way to end one that is stuck.
   */
  ListHolds: grpc.handleUnaryCall<_tollgate_billing_v1_ListHoldsRequest__Output, _tollgate_billing_v1_ListHoldsResponse>;
  
  /**
   * A user's ledger, newest first.
   */
  ListLedgerEntries: grpc.handleUnaryCall<_tollgate_billing_v1_ListLedgerEntriesRequest__Output, _tollgate_billing_v1_ListLedgerEntriesResponse>;
  
  ListUsers: grpc.handleUnaryCall<_tollgate_billing_v1_ListUsersRequest__Output, _tollgate_billing_v1_ListUsersResponse>;
  
  /**
   * Gives back all or part of a charge to the pots that paid it, exactly once per idempotency key.
   */
  RefundCharge: grpc.handleUnaryCall<_tollgate_billing_v1_RefundChargeRequest__Output, _tollgate_billing_v1_RefundChargeResponse>;
  
  SettleHold: grpc.handleUnaryCall<_tollgate_billing_v1_SettleHoldRequest__Output, _tollgate_billing_v1_SettleHoldResponse>;
  
  /**
   * What was spent in a time, added up by model, key, label and more. Exact: the sums are those of the ledger's entries.
   */
  SummarizeSpend: grpc.handleUnaryCall<_tollgate_billing_v1_SummarizeSpendRequest__Output, _tollgate_billing_v1_SummarizeSpendResponse>;
  
  /**
   * Changes only the fields that are set.
   */
  UpdateUser: grpc.handleUnaryCall<_tollgate_billing_v1_UpdateUserRequest__Output, _tollgate_billing_v1_UpdateUserResponse>;
  
}

export interface UserServiceDefinition extends grpc.ServiceDefinition {
  CreateUser: MethodDefinition<_tollgate_billing_v1_CreateUserRequest, _tollgate_billing_v1_CreateUserResponse, _tollgate_billing_v1_CreateUserRequest__Output, _tollgate_billing_v1_CreateUserResponse__Output>
  GetUser: MethodDefinition<_tollgate_billing_v1_GetUserRequest, _tollgate_billing_v1_GetUserResponse, _tollgate_billing_v1_GetUserRequest__Output, _tollgate_billing_v1_GetUserResponse__Output>
  GrantCredits: MethodDefinition<_tollgate_billing_v1_GrantCreditsRequest, _tollgate_billing_v1_GrantCreditsResponse, _tollgate_billing_v1_GrantCreditsRequest__Output, _tollgate_billing_v1_GrantCreditsResponse__Output>
  ListHolds: MethodDefinition<_tollgate_billing_v1_ListHoldsRequest, _tollgate_billing_v1_ListHoldsResponse, _tollgate_billing_v1_ListHoldsRequest__Output, _tollgate_billing_v1_ListHoldsResponse__Output>
  ListLedgerEntries: MethodDefinition<_tollgate_billing_v1_ListLedgerEntriesRequest, _tollgate_billing_v1_ListLedgerEntriesResponse, _tollgate_billing_v1_ListLedgerEntriesRequest__Output, _tollgate_billing_v1_ListLedgerEntriesResponse__Output>
  ListUsers: MethodDefinition<_tollgate_billing_v1_ListUsersRequest, _tollgate_billing_v1_ListUsersResponse, _tollgate_billing_v1_ListUsersRequest__Output, _tollgate_billing_v1_ListUsersResponse__Output>
  RefundCharge: MethodDefinition<_tollgate_billing_v1_RefundChargeRequest, _tollgate_billing_v1_RefundChargeResponse, _tollgate_billing_v1_RefundChargeRequest__Output, _tollgate_billing_v1_RefundChargeResponse__Output>
  SettleHold: MethodDefinition<_tollgate_billing_v1_SettleHoldRequest, _tollgate_billing_v1_SettleHoldResponse, _tollgate_billing_v1_SettleHoldRequest__Output, _tollgate_billing_v1_SettleHoldResponse__Output>
  SummarizeSpend: MethodDefinition<_tollgate_billing_v1_SummarizeSpendRequest, _tollgate_billing_v1_SummarizeSpendResponse, _tollgate_billing_v1_SummarizeSpendRequest__Output, _tollgate_billing_v1_SummarizeSpendResponse__Output>
  UpdateUser: MethodDefinition<_tollgate_billing_v1_UpdateUserRequest, _tollgate_billing_v1_UpdateUserResponse, _tollgate_billing_v1_UpdateUserRequest__Output, _tollgate_billing_v1_UpdateUserResponse__Output>
}
