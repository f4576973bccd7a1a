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
import type { GetChargeRequest as _tollgate_billing_v1_GetChargeRequest, GetChargeRequest__Output as _tollgate_billing_v1_GetChargeRequest__Output } from './tollgate/billing/v1/GetChargeRequest';
import type { GetChargeResponse as _tollgate_billing_v1_GetChargeResponse, GetChargeResponse__Output as _tollgate_billing_v1_GetChargeResponse__Output } from './tollgate/billing/v1/GetChargeResponse';
import type { LineItem as _tollgate_billing_v1_LineItem, LineItem__Output as _tollgate_billing_v1_LineItem__Output } from './tollgate/billing/v1/LineItem';
import type { Price as _tollgate_billing_v1_Price, Price__Output as _tollgate_billing_v1_Price__Output } from './tollgate/billing/v1/Price';
import type { PriceQuoteRequest as _tollgate_billing_v1_PriceQuoteRequest, PriceQuoteRequest__Output as _tollgate_billing_v1_PriceQuoteRequest__Output } from './tollgate/billing/v1/PriceQuoteRequest';
import type { PriceQuoteResponse as _tollgate_billing_v1_PriceQuoteResponse, PriceQuoteResponse__Output as _tollgate_billing_v1_PriceQuoteResponse__Output } from './tollgate/billing/v1/PriceQuoteResponse';
import type { ProviderUsage as _tollgate_billing_v1_ProviderUsage, ProviderUsage__Output as _tollgate_billing_v1_ProviderUsage__Output } from './tollgate/billing/v1/ProviderUsage';
import type { Rate as _tollgate_billing_v1_Rate, Rate__Output as _tollgate_billing_v1_Rate__Output } from './tollgate/billing/v1/Rate';
import type { RateCard as _tollgate_billing_v1_RateCard, RateCard__Output as _tollgate_billing_v1_RateCard__Output } from './tollgate/billing/v1/RateCard';
import type { StreamAck as _tollgate_billing_v1_StreamAck, StreamAck__Output as _tollgate_billing_v1_StreamAck__Output } from './tollgate/billing/v1/StreamAck';
import type { StreamClose as _tollgate_billing_v1_StreamClose, StreamClose__Output as _tollgate_billing_v1_StreamClose__Output } from './tollgate/billing/v1/StreamClose';
import type { StreamDrain as _tollgate_billing_v1_StreamDrain, StreamDrain__Output as _tollgate_billing_v1_StreamDrain__Output } from './tollgate/billing/v1/StreamDrain';
import type { StreamGrant as _tollgate_billing_v1_StreamGrant, StreamGrant__Output as _tollgate_billing_v1_StreamGrant__Output } from './tollgate/billing/v1/StreamGrant';
import type { StreamOpen as _tollgate_billing_v1_StreamOpen, StreamOpen__Output as _tollgate_billing_v1_StreamOpen__Output } from './tollgate/billing/v1/StreamOpen';
import type { StreamProgress as _tollgate_billing_v1_StreamProgress, StreamProgress__Output as _tollgate_billing_v1_StreamProgress__Output } from './tollgate/billing/v1/StreamProgress';
import type { StreamSettleRequest as _tollgate_billing_v1_StreamSettleRequest, StreamSettleRequest__Output as _tollgate_billing_v1_StreamSettleRequest__Output } from './tollgate/billing/v1/StreamSettleRequest';
import type { StreamSettleResponse as _tollgate_billing_v1_StreamSettleResponse, StreamSettleResponse__Output as _tollgate_billing_v1_StreamSettleResponse__Output } from './tollgate/billing/v1/StreamSettleResponse';
import type { StreamSettled as _tollgate_billing_v1_StreamSettled, StreamSettled__Output as _tollgate_billing_v1_StreamSettled__Output } from './tollgate/billing/v1/StreamSettled';
import type { Usage as _tollgate_billing_v1_Usage, Usage__Output as _tollgate_billing_v1_Usage__Output } from './tollgate/billing/v1/Usage';

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
        FinalReason: EnumTypeDefinition
        GetChargeRequest: MessageTypeDefinition<_tollgate_billing_v1_GetChargeRequest, _tollgate_billing_v1_GetChargeRequest__Output>
        GetChargeResponse: MessageTypeDefinition<_tollgate_billing_v1_GetChargeResponse, _tollgate_billing_v1_GetChargeResponse__Output>
        LineItem: MessageTypeDefinition<_tollgate_billing_v1_LineItem, _tollgate_billing_v1_LineItem__Output>
        Meter: EnumTypeDefinition
        Price: MessageTypeDefinition<_tollgate_billing_v1_Price, _tollgate_billing_v1_Price__Output>
        PriceQuoteRequest: MessageTypeDefinition<_tollgate_billing_v1_PriceQuoteRequest, _tollgate_billing_v1_PriceQuoteRequest__Output>
        PriceQuoteResponse: MessageTypeDefinition<_tollgate_billing_v1_PriceQuoteResponse, _tollgate_billing_v1_PriceQuoteResponse__Output>
        PriceSource: EnumTypeDefinition
        ProviderUsage: MessageTypeDefinition<_tollgate_billing_v1_ProviderUsage, _tollgate_billing_v1_ProviderUsage__Output>
        Rate: MessageTypeDefinition<_tollgate_billing_v1_Rate, _tollgate_billing_v1_Rate__Output>
        RateCard: MessageTypeDefinition<_tollgate_billing_v1_RateCard, _tollgate_billing_v1_RateCard__Output>
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
        Usage: MessageTypeDefinition<_tollgate_billing_v1_Usage, _tollgate_billing_v1_Usage__Output>
        UsageSource: EnumTypeDefinition
      }
    }
  }
}

