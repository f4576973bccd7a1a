import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp';
import type { Balance as _tollgate_billing_v1_Balance, Balance__Output as _tollgate_billing_v1_Balance__Output } from './tollgate/billing/v1/Balance';
import type { BatchChargeUsageRequest as _tollgate_billing_v1_BatchChargeUsageRequest, BatchChargeUsageRequest__Output as _tollgate_billing_v1_BatchChargeUsageRequest__Output } from './tollgate/billing/v1/BatchChargeUsageRequest';
import type { BatchChargeUsageResponse as _tollgate_billing_v1_BatchChargeUsageResponse, BatchChargeUsageResponse__Output as _tollgate_billing_v1_BatchChargeUsageResponse__Output } from './tollgate/billing/v1/BatchChargeUsageResponse';
import type { BillingServiceClient as _tollgate_billing_v1_BillingServiceClient, BillingServiceDefinition as _tollgate_billing_v1_BillingServiceDefinition } from './tollgate/billing/v1/BillingService';
import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from './tollgate/billing/v1/Charge';
import type { ChargeUsageError as _tollgate_billing_v1_ChargeUsageError, ChargeUsageError__Output as _tollgate_billing_v1_ChargeUsageError__Output } from './tollgate/billing/v1/ChargeUsageError';
import type { ChargeUsageRequest as _tollgate_billing_v1_ChargeUsageRequest, ChargeUsageRequest__Output as _tollgate_billing_v1_ChargeUsageRequest__Output } from './tollgate/billing/v1/ChargeUsageRequest';
import type { ChargeUsageResponse as _tollgate_billing_v1_ChargeUsageResponse, ChargeUsageResponse__Output as _tollgate_billing_v1_ChargeUsageResponse__Output } from './tollgate/billing/v1/ChargeUsageResponse';
import type { ChargeUsageResult as _tollgate_billing_v1_ChargeUsageResult, ChargeUsageResult__Output as _tollgate_billing_v1_ChargeUsageResult__Output } from './tollgate/billing/v1/ChargeUsageResult';
import type { CreateUserRequest as _tollgate_billing_v1_CreateUserRequest, CreateUserRequest__Output as _tollgate_billing_v1_CreateUserRequest__Output } from './tollgate/billing/v1/CreateUserRequest';
import type { CreateUserResponse as _tollgate_billing_v1_CreateUserResponse, CreateUserResponse__Output as _tollgate_billing_v1_CreateUserResponse__Output } from './tollgate/billing/v1/CreateUserResponse';
import type { DecidePriceChangeRequest as _tollgate_billing_v1_DecidePriceChangeRequest, DecidePriceChangeRequest__Output as _tollgate_billing_v1_DecidePriceChangeRequest__Output } from './tollgate/billing/v1/DecidePriceChangeRequest';
import type { DecidePriceChangeResponse as _tollgate_billing_v1_DecidePriceChangeResponse, DecidePriceChangeResponse__Output as _tollgate_billing_v1_DecidePriceChangeResponse__Output } from './tollgate/billing/v1/DecidePriceChangeResponse';
import type { DeductionFailure as _tollgate_billing_v1_DeductionFailure, DeductionFailure__Output as _tollgate_billing_v1_DeductionFailure__Output } from './tollgate/billing/v1/DeductionFailure';
import type { Discrepancy as _tollgate_billing_v1_Discrepancy, Discrepancy__Output as _tollgate_billing_v1_Discrepancy__Output } from './tollgate/billing/v1/Discrepancy';
import type { EndPriceRequest as _tollgate_billing_v1_EndPriceRequest, EndPriceRequest__Output as _tollgate_billing_v1_EndPriceRequest__Output } from './tollgate/billing/v1/EndPriceRequest';
import type { EndPriceResponse as _tollgate_billing_v1_EndPriceResponse, EndPriceResponse__Output as _tollgate_billing_v1_EndPriceResponse__Output } from './tollgate/billing/v1/EndPriceResponse';
import type { GetChargeRequest as _tollgate_billing_v1_GetChargeRequest, GetChargeRequest__Output as _tollgate_billing_v1_GetChargeRequest__Output } from './tollgate/billing/v1/GetChargeRequest';
import type { GetChargeResponse as _tollgate_billing_v1_GetChargeResponse, GetChargeResponse__Output as _tollgate_billing_v1_GetChargeResponse__Output } from './tollgate/billing/v1/GetChargeResponse';
import type { GetPriceRequest as _tollgate_billing_v1_GetPriceRequest, GetPriceRequest__Output as _tollgate_billing_v1_GetPriceRequest__Output } from './tollgate/billing/v1/GetPriceRequest';
import type { GetPriceResponse as _tollgate_billing_v1_GetPriceResponse, GetPriceResponse__Output as _tollgate_billing_v1_GetPriceResponse__Output } from './tollgate/billing/v1/GetPriceResponse';
import type { GetUserRequest as _tollgate_billing_v1_GetUserRequest, GetUserRequest__Output as _tollgate_billing_v1_GetUserRequest__Output } from './tollgate/billing/v1/GetUserRequest';
import type { GetUserResponse as _tollgate_billing_v1_GetUserResponse, GetUserResponse__Output as _tollgate_billing_v1_GetUserResponse__Output } from './tollgate/billing/v1/GetUserResponse';
import type { GrantCreditsRequest as _tollgate_billing_v1_GrantCreditsRequest, GrantCreditsRequest__Output as _tollgate_billing_v1_GrantCreditsRequest__Output } from './tollgate/billing/v1/GrantCreditsRequest';
import type { GrantCreditsResponse as _tollgate_billing_v1_GrantCreditsResponse, GrantCreditsResponse__Output as _tollgate_billing_v1_GrantCreditsResponse__Output } from './tollgate/billing/v1/GrantCreditsResponse';
import type { Hold as _tollgate_billing_v1_Hold, Hold__Output as _tollgate_billing_v1_Hold__Output } from './tollgate/billing/v1/Hold';
import type { ImportPricesRequest as _tollgate_billing_v1_ImportPricesRequest, ImportPricesRequest__Output as _tollgate_billing_v1_ImportPricesRequest__Output } from './tollgate/billing/v1/ImportPricesRequest';
import type { ImportPricesResponse as _tollgate_billing_v1_ImportPricesResponse, ImportPricesResponse__Output as _tollgate_billing_v1_ImportPricesResponse__Output } from './tollgate/billing/v1/ImportPricesResponse';
import type { LedgerEntry as _tollgate_billing_v1_LedgerEntry, LedgerEntry__Output as _tollgate_billing_v1_LedgerEntry__Output } from './tollgate/billing/v1/LedgerEntry';
import type { LedgerHead as _tollgate_billing_v1_LedgerHead, LedgerHead__Output as _tollgate_billing_v1_LedgerHead__Output } from './tollgate/billing/v1/LedgerHead';
import type { LineItem as _tollgate_billing_v1_LineItem, LineItem__Output as _tollgate_billing_v1_LineItem__Output } from './tollgate/billing/v1/LineItem';
import type { ListAliasesRequest as _tollgate_billing_v1_ListAliasesRequest, ListAliasesRequest__Output as _tollgate_billing_v1_ListAliasesRequest__Output } from './tollgate/billing/v1/ListAliasesRequest';
import type { ListAliasesResponse as _tollgate_billing_v1_ListAliasesResponse, ListAliasesResponse__Output as _tollgate_billing_v1_ListAliasesResponse__Output } from './tollgate/billing/v1/ListAliasesResponse';
import type { ListDeductionFailuresRequest as _tollgate_billing_v1_ListDeductionFailuresRequest, ListDeductionFailuresRequest__Output as _tollgate_billing_v1_ListDeductionFailuresRequest__Output } from './tollgate/billing/v1/ListDeductionFailuresRequest';
import type { ListDeductionFailuresResponse as _tollgate_billing_v1_ListDeductionFailuresResponse, ListDeductionFailuresResponse__Output as _tollgate_billing_v1_ListDeductionFailuresResponse__Output } from './tollgate/billing/v1/ListDeductionFailuresResponse';
import type { ListHoldsRequest as _tollgate_billing_v1_ListHoldsRequest, ListHoldsRequest__Output as _tollgate_billing_v1_ListHoldsRequest__Output } from './tollgate/billing/v1/ListHoldsRequest';
import type { ListHoldsResponse as _tollgate_billing_v1_ListHoldsResponse, ListHoldsResponse__Output as _tollgate_billing_v1_ListHoldsResponse__Output } from './tollgate/billing/v1/ListHoldsResponse';
import type { ListLedgerEntriesRequest as _tollgate_billing_v1_ListLedgerEntriesRequest, ListLedgerEntriesRequest__Output as _tollgate_billing_v1_ListLedgerEntriesRequest__Output } from './tollgate/billing/v1/ListLedgerEntriesRequest';
import type { ListLedgerEntriesResponse as _tollgate_billing_v1_ListLedgerEntriesResponse, ListLedgerEntriesResponse__Output as _tollgate_billing_v1_ListLedgerEntriesResponse__Output } from './tollgate/billing/v1/ListLedgerEntriesResponse';
import type { ListLedgerHeadsRequest as _tollgate_billing_v1_ListLedgerHeadsRequest, ListLedgerHeadsRequest__Output as _tollgate_billing_v1_ListLedgerHeadsRequest__Output } from './tollgate/billing/v1/ListLedgerHeadsRequest';
import type { ListLedgerHeadsResponse as _tollgate_billing_v1_ListLedgerHeadsResponse, ListLedgerHeadsResponse__Output as _tollgate_billing_v1_ListLedgerHeadsResponse__Output } from './tollgate/billing/v1/ListLedgerHeadsResponse';
import type { ListPriceChangesRequest as _tollgate_billing_v1_ListPriceChangesRequest, ListPriceChangesRequest__Output as _tollgate_billing_v1_ListPriceChangesRequest__Output } from './tollgate/billing/v1/ListPriceChangesRequest';
import type { ListPriceChangesResponse as _tollgate_billing_v1_ListPriceChangesResponse, ListPriceChangesResponse__Output as _tollgate_billing_v1_ListPriceChangesResponse__Output } from './tollgate/billing/v1/ListPriceChangesResponse';
import type { ListPricesRequest as _tollgate_billing_v1_ListPricesRequest, ListPricesRequest__Output as _tollgate_billing_v1_ListPricesRequest__Output } from './tollgate/billing/v1/ListPricesRequest';
import type { ListPricesResponse as _tollgate_billing_v1_ListPricesResponse, ListPricesResponse__Output as _tollgate_billing_v1_ListPricesResponse__Output } from './tollgate/billing/v1/ListPricesResponse';
import type { ListUsersRequest as _tollgate_billing_v1_ListUsersRequest, ListUsersRequest__Output as _tollgate_billing_v1_ListUsersRequest__Output } from './tollgate/billing/v1/ListUsersRequest';
import type { ListUsersResponse as _tollgate_billing_v1_ListUsersResponse, ListUsersResponse__Output as _tollgate_billing_v1_ListUsersResponse__Output } from './tollgate/billing/v1/ListUsersResponse';
import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from './tollgate/billing/v1/Price';
import type { PriceChange as _tollgate_billing_v1_PriceChange, PriceChange__Output as _tollgate_billing_v1_PriceChange__Output } from './tollgate/billing/v1/PriceChange';
import type { PriceQuoteRequest as _tollgate_billing_v1_PriceQuoteRequest, PriceQuoteRequest__Output as _tollgate_billing_v1_PriceQuoteRequest__Output } from './tollgate/billing/v1/PriceQuoteRequest';
import type { PriceQuoteResponse as _tollgate_billing_v1_PriceQuoteResponse, PriceQuoteResponse__Output as _tollgate_billing_v1_PriceQuoteResponse__Output } from './tollgate/billing/v1/PriceQuoteResponse';
import type { PriceServiceClient as _tollgate_billing_v1_PriceServiceClient, PriceServiceDefinition as _tollgate_billing_v1_PriceServiceDefinition } from './tollgate/billing/v1/PriceService';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from './tollgate/billing/v1/ProviderUsage';
import type { PutAliasRequest as _tollgate_billing_v1_PutAliasRequest, PutAliasRequest__Output as _tollgate_billing_v1_PutAliasRequest__Output } from './tollgate/billing/v1/PutAliasRequest';
import type { PutAliasResponse as _tollgate_billing_v1_PutAliasResponse, PutAliasResponse__Output as _tollgate_billing_v1_PutAliasResponse__Output } from './tollgate/billing/v1/PutAliasResponse';
import type { PutPriceRequest as _tollgate_billing_v1_PutPriceRequest, PutPriceRequest__Output as _tollgate_billing_v1_PutPriceRequest__Output } from './tollgate/billing/v1/PutPriceRequest';
import type { PutPriceResponse as _tollgate_billing_v1_PutPriceResponse, PutPriceResponse__Output as _tollgate_billing_v1_PutPriceResponse__Output } from './tollgate/billing/v1/PutPriceResponse';
import type { Rate as _tollgate_billing_v1_Rate, Rate__Output as _tollgate_billing_v1_Rate__Output } from './tollgate/billing/v1/Rate';
import type { RateCard as _tollgate_billing_v1_RateCard, RateCard__Output as _tollgate_billing_v1_RateCard__Output } from './tollgate/billing/v1/RateCard';
import type { ReconcileHeadsRequest as _tollgate_billing_v1_ReconcileHeadsRequest, ReconcileHeadsRequest__Output as _tollgate_billing_v1_ReconcileHeadsRequest__Output } from './tollgate/billing/v1/ReconcileHeadsRequest';
import type { ReconcileHeadsResponse as _tollgate_billing_v1_ReconcileHeadsResponse, ReconcileHeadsResponse__Output as _tollgate_billing_v1_ReconcileHeadsResponse__Output } from './tollgate/billing/v1/ReconcileHeadsResponse';
import type { ReconcileRequest as _tollgate_billing_v1_ReconcileRequest, ReconcileRequest__Output as _tollgate_billing_v1_ReconcileRequest__Output } from './tollgate/billing/v1/ReconcileRequest';
import type { ReconcileResponse as _tollgate_billing_v1_ReconcileResponse, ReconcileResponse__Output as _tollgate_billing_v1_ReconcileResponse__Output } from './tollgate/billing/v1/ReconcileResponse';
import type { ReconciliationServiceClient as _tollgate_billing_v1_ReconciliationServiceClient, ReconciliationServiceDefinition as _tollgate_billing_v1_ReconciliationServiceDefinition } from './tollgate/billing/v1/ReconciliationService';
import type { RefundChargeRequest as _tollgate_billing_v1_RefundChargeRequest, RefundChargeRequest__Output as _tollgate_billing_v1_RefundChargeRequest__Output } from './tollgate/billing/v1/RefundChargeRequest';
import type { RefundChargeResponse as _tollgate_billing_v1_RefundChargeResponse, RefundChargeResponse__Output as _tollgate_billing_v1_RefundChargeResponse__Output } from './tollgate/billing/v1/RefundChargeResponse';
import type { RetryDeductionFailureRequest as _tollgate_billing_v1_RetryDeductionFailureRequest, RetryDeductionFailureRequest__Output as _tollgate_billing_v1_RetryDeductionFailureRequest__Output } from './tollgate/billing/v1/RetryDeductionFailureRequest';
import type { RetryDeductionFailureResponse as _tollgate_billing_v1_RetryDeductionFailureResponse, RetryDeductionFailureResponse__Output as _tollgate_billing_v1_RetryDeductionFailureResponse__Output } from './tollgate/billing/v1/RetryDeductionFailureResponse';
import type { SettleHoldRequest as _tollgate_billing_v1_SettleHoldRequest, SettleHoldRequest__Output as _tollgate_billing_v1_SettleHoldRequest__Output } from './tollgate/billing/v1/SettleHoldRequest';
import type { SettleHoldResponse as _tollgate_billing_v1_SettleHoldResponse, SettleHoldResponse__Output as _tollgate_billing_v1_SettleHoldResponse__Output } from './tollgate/billing/v1/SettleHoldResponse';
import type { SpendDimension as _tollgate_billing_v1_SpendDimension, SpendDimension__Output as _tollgate_billing_v1_SpendDimension__Output } from './tollgate/billing/v1/SpendDimension';
import type { SpendGroup as _tollgate_billing_v1_SpendGroup, SpendGroup__Output as _tollgate_billing_v1_SpendGroup__Output } from './tollgate/billing/v1/SpendGroup';
import type { StreamAck as _tollgate_billing_v1_StreamAck, StreamAck__Output as _tollgate_billing_v1_StreamAck__Output } from './tollgate/billing/v1/StreamAck';
import type { StreamClose as _tollgate_billing_v1_StreamClose, StreamClose__Output as _tollgate_billing_v1_StreamClose__Output } from './tollgate/billing/v1/StreamClose';
import type { StreamDrain as _tollgate_billing_v1_StreamDrain, StreamDrain__Output as _tollgate_billing_v1_StreamDrain__Output } from './tollgate/billing/v1/StreamDrain';
import type { StreamGrant as _tollgate_billing_v1_StreamGrant, StreamGrant__Output as _tollgate_billing_v1_StreamGrant__Output } from './tollgate/billing/v1/StreamGrant';
import type { StreamOpen as _tollgate_billing_v1_StreamOpen, StreamOpen__Output as _tollgate_billing_v1_StreamOpen__Output } from './tollgate/billing/v1/StreamOpen';
import type { StreamProgress as _tollgate_billing_v1_StreamProgress, StreamProgress__Output as _tollgate_billing_v1_StreamProgress__Output } from './tollgate/billing/v1/StreamProgress';
import type { StreamSettleRequest as _tollgate_billing_v1_StreamSettleRequest, StreamSettleRequest__Output as _tollgate_billing_v1_StreamSettleRequest__Output } from './tollgate/billing/v1/StreamSettleRequest';
import type { StreamSettleResponse as _tollgate_billing_v1_StreamSettleResponse, StreamSettleResponse__Output as _tollgate_billing_v1_StreamSettleResponse__Output } from './tollgate/billing/v1/StreamSettleResponse';
import type { StreamSettled as _tollgate_billing_v1_StreamSettled, StreamSettled__Output as _tollgate_billing_v1_StreamSettled__Output } from './tollgate/billing/v1/StreamSettled';
import type { SummarizeSpendRequest as _tollgate_billing_v1_SummarizeSpendRequest, SummarizeSpendRequest__Output as _tollgate_billing_v1_SummarizeSpendRequest__Output } from './tollgate/billing/v1/SummarizeSpendRequest';
import type { SummarizeSpendResponse as _tollgate_billing_v1_SummarizeSpendResponse, SummarizeSpendResponse__Output as _tollgate_billing_v1_SummarizeSpendResponse__Output } from './tollgate/billing/v1/SummarizeSpendResponse';
import type { UpdateUserRequest as _tollgate_billing_v1_UpdateUserRequest, UpdateUserRequest__Output as _tollgate_billing_v1_UpdateUserRequest__Output } from './tollgate/billing/v1/UpdateUserRequest';
import type { UpdateUserResponse as _tollgate_billing_v1_UpdateUserResponse, UpdateUserResponse__Output as _tollgate_billing_v1_UpdateUserResponse__Output } from './tollgate/billing/v1/UpdateUserResponse';
import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from './tollgate/billing/v1/Usage';
import type { User as _tollgate_billing_v1_User, User__Output as _tollgate_billing_v1_User__Output } from './tollgate/billing/v1/User';
import type { UserServiceClient as _tollgate_billing_v1_UserServiceClient, UserServiceDefinition as _tollgate_billing_v1_UserServiceDefinition } from './tollgate/billing/v1/UserService';
import type { WriteOffDeductionFailureRequest as _tollgate_billing_v1_WriteOffDeductionFailureRequest, WriteOffDeductionFailureRequest__Output as _tollgate_billing_v1_WriteOffDeductionFailureRequest__Output } from './tollgate/billing/v1/WriteOffDeductionFailureRequest';
import type { WriteOffDeductionFailureResponse as _tollgate_billing_v1_WriteOffDeductionFailureResponse, WriteOffDeductionFailureResponse__Output as _tollgate_billing_v1_WriteOffDeductionFailureResponse__Output } from './tollgate/billing/v1/WriteOffDeductionFailureResponse';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  google: {
    protobuf: {
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
  }
  tollgate: {
    billing: {
      v1: {
        Balance: MessageTypeDefinition<_tollgate_billing_v1_Balance, _tollgate_billing_v1_Balance__Output>
        BatchChargeUsageRequest: MessageTypeDefinition<_tollgate_billing_v1_BatchChargeUsageRequest, _tollgate_billing_v1_BatchChargeUsageRequest__Output>
        BatchChargeUsageResponse: MessageTypeDefinition<_tollgate_billing_v1_BatchChargeUsageResponse, _tollgate_billing_v1_BatchChargeUsageResponse__Output>
        /**
         * What inference gateways call. Needs a token with the `gateway` scope.
         */
        BillingService: SubtypeConstructor<typeof grpc.Client, _tollgate_billing_v1_BillingServiceClient> & { service: _tollgate_billing_v1_BillingServiceDefinition }
        Charge: MessageTypeDefinition<_tollgate_billing_v1_Charge, _tollgate_billing_v1_Charge__Output>
        ChargeStatus: EnumTypeDefinition
        ChargeUsageError: MessageTypeDefinition<_tollgate_billing_v1_ChargeUsageError, _tollgate_billing_v1_ChargeUsageError__Output>
        ChargeUsageRequest: MessageTypeDefinition<_tollgate_billing_v1_ChargeUsageRequest, _tollgate_billing_v1_ChargeUsageRequest__Output>
        ChargeUsageResponse: MessageTypeDefinition<_tollgate_billing_v1_ChargeUsageResponse, _tollgate_billing_v1_ChargeUsageResponse__Output>
        ChargeUsageResult: MessageTypeDefinition<_tollgate_billing_v1_ChargeUsageResult, _tollgate_billing_v1_ChargeUsageResult__Output>
        CreateUserRequest: MessageTypeDefinition<_tollgate_billing_v1_CreateUserRequest, _tollgate_billing_v1_CreateUserRequest__Output>
        CreateUserResponse: MessageTypeDefinition<_tollgate_billing_v1_CreateUserResponse, _tollgate_billing_v1_CreateUserResponse__Output>
        DecidePriceChangeRequest: MessageTypeDefinition<_tollgate_billing_v1_DecidePriceChangeRequest, _tollgate_billing_v1_DecidePriceChangeRequest__Output>
        DecidePriceChangeResponse: MessageTypeDefinition<_tollgate_billing_v1_DecidePriceChangeResponse, _tollgate_billing_v1_DecidePriceChangeResponse__Output>
        DeductionFailure: MessageTypeDefinition<_tollgate_billing_v1_DeductionFailure, _tollgate_billing_v1_DeductionFailure__Output>
        Discrepancy: MessageTypeDefinition<_tollgate_billing_v1_Discrepancy, _tollgate_billing_v1_Discrepancy__Output>
        EndPriceRequest: MessageTypeDefinition<_tollgate_billing_v1_EndPriceRequest, _tollgate_billing_v1_EndPriceRequest__Output>
        EndPriceResponse: MessageTypeDefinition<_tollgate_billing_v1_EndPriceResponse, _tollgate_billing_v1_EndPriceResponse__Output>
        EntryKind: EnumTypeDefinition
        FailureState: EnumTypeDefinition
        FinalReason: EnumTypeDefinition
        GetChargeRequest: MessageTypeDefinition<_tollgate_billing_v1_GetChargeRequest, _tollgate_billing_v1_GetChargeRequest__Output>
        GetChargeResponse: MessageTypeDefinition<_tollgate_billing_v1_GetChargeResponse, _tollgate_billing_v1_GetChargeResponse__Output>
        GetPriceRequest: MessageTypeDefinition<_tollgate_billing_v1_GetPriceRequest, _tollgate_billing_v1_GetPriceRequest__Output>
        GetPriceResponse: MessageTypeDefinition<_tollgate_billing_v1_GetPriceResponse, _tollgate_billing_v1_GetPriceResponse__Output>
        GetUserRequest: MessageTypeDefinition<_tollgate_billing_v1_GetUserRequest, _tollgate_billing_v1_GetUserRequest__Output>
        GetUserResponse: MessageTypeDefinition<_tollgate_billing_v1_GetUserResponse, _tollgate_billing_v1_GetUserResponse__Output>
        GrantCreditsRequest: MessageTypeDefinition<_tollgate_billing_v1_GrantCreditsRequest, _tollgate_billing_v1_GrantCreditsRequest__Output>
        GrantCreditsResponse: MessageTypeDefinition<_tollgate_billing_v1_GrantCreditsResponse, _tollgate_billing_v1_GrantCreditsResponse__Output>
        GrantMode: EnumTypeDefinition
        Hold: MessageTypeDefinition<_tollgate_billing_v1_Hold, _tollgate_billing_v1_Hold__Output>
        ImportPricesRequest: MessageTypeDefinition<_tollgate_billing_v1_ImportPricesRequest, _tollgate_billing_v1_ImportPricesRequest__Output>
        ImportPricesResponse: MessageTypeDefinition<_tollgate_billing_v1_ImportPricesResponse, _tollgate_billing_v1_ImportPricesResponse__Output>
        LedgerEntry: MessageTypeDefinition<_tollgate_billing_v1_LedgerEntry, _tollgate_billing_v1_LedgerEntry__Output>
        LedgerHead: MessageTypeDefinition<_tollgate_billing_v1_LedgerHead, _tollgate_billing_v1_LedgerHead__Output>
        LineItem: MessageTypeDefinition<_tollgate_billing_v1_LineItem, _tollgate_billing_v1_LineItem__Output>
        ListAliasesRequest: MessageTypeDefinition<_tollgate_billing_v1_ListAliasesRequest, _tollgate_billing_v1_ListAliasesRequest__Output>
        ListAliasesResponse: MessageTypeDefinition<_tollgate_billing_v1_ListAliasesResponse, _tollgate_billing_v1_ListAliasesResponse__Output>
        ListDeductionFailuresRequest: MessageTypeDefinition<_tollgate_billing_v1_ListDeductionFailuresRequest, _tollgate_billing_v1_ListDeductionFailuresRequest__Output>
        ListDeductionFailuresResponse: MessageTypeDefinition<_tollgate_billing_v1_ListDeductionFailuresResponse, _tollgate_billing_v1_ListDeductionFailuresResponse__Output>
        ListHoldsRequest: MessageTypeDefinition<_tollgate_billing_v1_ListHoldsRequest, _tollgate_billing_v1_ListHoldsRequest__Output>
        ListHoldsResponse: MessageTypeDefinition<_tollgate_billing_v1_ListHoldsResponse, _tollgate_billing_v1_ListHoldsResponse__Output>
        ListLedgerEntriesRequest: MessageTypeDefinition<_tollgate_billing_v1_ListLedgerEntriesRequest, _tollgate_billing_v1_ListLedgerEntriesRequest__Output>
        ListLedgerEntriesResponse: MessageTypeDefinition<_tollgate_billing_v1_ListLedgerEntriesResponse, _tollgate_billing_v1_ListLedgerEntriesResponse__Output>
        ListLedgerHeadsRequest: MessageTypeDefinition<_tollgate_billing_v1_ListLedgerHeadsRequest, _tollgate_billing_v1_ListLedgerHeadsRequest__Output>
        ListLedgerHeadsResponse: MessageTypeDefinition<_tollgate_billing_v1_ListLedgerHeadsResponse, _tollgate_billing_v1_ListLedgerHeadsResponse__Output>
        ListPriceChangesRequest: MessageTypeDefinition<_tollgate_billing_v1_ListPriceChangesRequest, _tollgate_billing_v1_ListPriceChangesRequest__Output>
        ListPriceChangesResponse: MessageTypeDefinition<_tollgate_billing_v1_ListPriceChangesResponse, _tollgate_billing_v1_ListPriceChangesResponse__Output>
        ListPricesRequest: MessageTypeDefinition<_tollgate_billing_v1_ListPricesRequest, _tollgate_billing_v1_ListPricesRequest__Output>
        ListPricesResponse: MessageTypeDefinition<_tollgate_billing_v1_ListPricesResponse, _tollgate_billing_v1_ListPricesResponse__Output>
        ListUsersRequest: MessageTypeDefinition<_tollgate_billing_v1_ListUsersRequest, _tollgate_billing_v1_ListUsersRequest__Output>
        ListUsersResponse: MessageTypeDefinition<_tollgate_billing_v1_ListUsersResponse, _tollgate_billing_v1_ListUsersResponse__Output>
        Meter: EnumTypeDefinition
        Pot: EnumTypeDefinition
        Price: MessageTypeDefinition<_tollgate_billing_v1_Price, _tollgate_billing_v1_Price__Output>
        PriceChange: MessageTypeDefinition<_tollgate_billing_v1_PriceChange, _tollgate_billing_v1_PriceChange__Output>
        PriceChangeState: EnumTypeDefinition
        PriceQuoteRequest: MessageTypeDefinition<_tollgate_billing_v1_PriceQuoteRequest, _tollgate_billing_v1_PriceQuoteRequest__Output>
        PriceQuoteResponse: MessageTypeDefinition<_tollgate_billing_v1_PriceQuoteResponse, _tollgate_billing_v1_PriceQuoteResponse__Output>
        /**
         * Prices and model aliases. Needs a token with the `admin` scope.
         */
        PriceService: SubtypeConstructor<typeof grpc.Client, _tollgate_billing_v1_PriceServiceClient> & { service: _tollgate_billing_v1_PriceServiceDefinition }
        PriceSource: EnumTypeDefinition
        ProviderUsage: MessageTypeDefinition<_tollgate_billing_v1_ProviderUsage, _tollgate_billing_v1_ProviderUsage__Output>
        PutAliasRequest: MessageTypeDefinition<_tollgate_billing_v1_PutAliasRequest, _tollgate_billing_v1_PutAliasRequest__Output>
        PutAliasResponse: MessageTypeDefinition<_tollgate_billing_v1_PutAliasResponse, _tollgate_billing_v1_PutAliasResponse__Output>
        PutPriceRequest: MessageTypeDefinition<_tollgate_billing_v1_PutPriceRequest, _tollgate_billing_v1_PutPriceRequest__Output>
        PutPriceResponse: MessageTypeDefinition<_tollgate_billing_v1_PutPriceResponse, _tollgate_billing_v1_PutPriceResponse__Output>
        Rate: MessageTypeDefinition<_tollgate_billing_v1_Rate, _tollgate_billing_v1_Rate__Output>
        RateCard: MessageTypeDefinition<_tollgate_billing_v1_RateCard, _tollgate_billing_v1_RateCard__Output>
        ReconcileHeadsRequest: MessageTypeDefinition<_tollgate_billing_v1_ReconcileHeadsRequest, _tollgate_billing_v1_ReconcileHeadsRequest__Output>
        ReconcileHeadsResponse: MessageTypeDefinition<_tollgate_billing_v1_ReconcileHeadsResponse, _tollgate_billing_v1_ReconcileHeadsResponse__Output>
        ReconcileRequest: MessageTypeDefinition<_tollgate_billing_v1_ReconcileRequest, _tollgate_billing_v1_ReconcileRequest__Output>
        ReconcileResponse: MessageTypeDefinition<_tollgate_billing_v1_ReconcileResponse, _tollgate_billing_v1_ReconcileResponse__Output>
        /**
         * Deductions that failed, and the proof that the books balance. Needs a token with the `admin` scope.
         */
        ReconciliationService: SubtypeConstructor<typeof grpc.Client, _tollgate_billing_v1_ReconciliationServiceClient> & { service: _tollgate_billing_v1_ReconciliationServiceDefinition }
        RefundChargeRequest: MessageTypeDefinition<_tollgate_billing_v1_RefundChargeRequest, _tollgate_billing_v1_RefundChargeRequest__Output>
        RefundChargeResponse: MessageTypeDefinition<_tollgate_billing_v1_RefundChargeResponse, _tollgate_billing_v1_RefundChargeResponse__Output>
        RetryDeductionFailureRequest: MessageTypeDefinition<_tollgate_billing_v1_RetryDeductionFailureRequest, _tollgate_billing_v1_RetryDeductionFailureRequest__Output>
        RetryDeductionFailureResponse: MessageTypeDefinition<_tollgate_billing_v1_RetryDeductionFailureResponse, _tollgate_billing_v1_RetryDeductionFailureResponse__Output>
        SettleHoldRequest: MessageTypeDefinition<_tollgate_billing_v1_SettleHoldRequest, _tollgate_billing_v1_SettleHoldRequest__Output>
        SettleHoldResponse: MessageTypeDefinition<_tollgate_billing_v1_SettleHoldResponse, _tollgate_billing_v1_SettleHoldResponse__Output>
        SpendDimension: MessageTypeDefinition<_tollgate_billing_v1_SpendDimension, _tollgate_billing_v1_SpendDimension__Output>
        SpendField: EnumTypeDefinition
        SpendGroup: MessageTypeDefinition<_tollgate_billing_v1_SpendGroup, _tollgate_billing_v1_SpendGroup__Output>
        StreamAck: MessageTypeDefinition<_tollgate_billing_v1_StreamAck, _tollgate_billing_v1_StreamAck__Output>
        StreamClose: MessageTypeDefinition<_tollgate_billing_v1_StreamClose, _tollgate_billing_v1_StreamClose__Output>
        StreamDrain: MessageTypeDefinition<_tollgate_billing_v1_StreamDrain, _tollgate_billing_v1_StreamDrain__Output>
        StreamEnd: EnumTypeDefinition
        StreamGrant: MessageTypeDefinition<_tollgate_billing_v1_StreamGrant, _tollgate_billing_v1_StreamGrant__Output>
        StreamOpen: MessageTypeDefinition<_tollgate_billing_v1_StreamOpen, _tollgate_billing_v1_StreamOpen__Output>
        StreamProgress: MessageTypeDefinition<_tollgate_billing_v1_StreamProgress, _tollgate_billing_v1_StreamProgress__Output>
        StreamSettleRequest: MessageTypeDefinition<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleRequest__Output>
        StreamSettleResponse: MessageTypeDefinition<_tollgate_billing_v1_StreamSettleResponse, _tollgate_billing_v1_StreamSettleResponse__Output>
        StreamSettled: MessageTypeDefinition<_tollgate_billing_v1_StreamSettled, _tollgate_billing_v1_StreamSettled__Output>
        SummarizeSpendRequest: MessageTypeDefinition<_tollgate_billing_v1_SummarizeSpendRequest, _tollgate_billing_v1_SummarizeSpendRequest__Output>
        SummarizeSpendResponse: MessageTypeDefinition<_tollgate_billing_v1_SummarizeSpendResponse, _tollgate_billing_v1_SummarizeSpendResponse__Output>
        UpdateUserRequest: MessageTypeDefinition<_tollgate_billing_v1_UpdateUserRequest, _tollgate_billing_v1_UpdateUserRequest__Output>
        UpdateUserResponse: MessageTypeDefinition<_tollgate_billing_v1_UpdateUserResponse, _tollgate_billing_v1_UpdateUserResponse__Output>
        Usage: MessageTypeDefinition<_tollgate_billing_v1_Usage, _tollgate_billing_v1_Usage__Output>
        UsageSource: EnumTypeDefinition
        User: MessageTypeDefinition<_tollgate_billing_v1_User, _tollgate_billing_v1_User__Output>
        /**
         * Users, their credits and their ledger. Needs a token with the `admin` scope.
         */
        UserService: SubtypeConstructor<typeof grpc.Client, _tollgate_billing_v1_UserServiceClient> & { service: _tollgate_billing_v1_UserServiceDefinition }
        WriteOffDeductionFailureRequest: MessageTypeDefinition<_tollgate_billing_v1_WriteOffDeductionFailureRequest, _tollgate_billing_v1_WriteOffDeductionFailureRequest__Output>
        WriteOffDeductionFailureResponse: MessageTypeDefinition<_tollgate_billing_v1_WriteOffDeductionFailureResponse, _tollgate_billing_v1_WriteOffDeductionFailureResponse__Output>
      }
    }
  }
}

