// Original file: proto/tollgate/billing/v1/billing_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BatchChargeUsageRequest as _tollgate_billing_v1_BatchChargeUsageRequest, BatchChargeUsageRequest__Output as _tollgate_billing_v1_BatchChargeUsageRequest__Output } from '../../../tollgate/billing/v1/BatchChargeUsageRequest';
import type { BatchChargeUsageResponse as _tollgate_billing_v1_BatchChargeUsageResponse, BatchChargeUsageResponse__Output as _tollgate_billing_v1_BatchChargeUsageResponse__Output } from '../../../tollgate/billing/v1/BatchChargeUsageResponse';
import type { ChargeUsageRequest as _tollgate_billing_v1_ChargeUsageRequest, ChargeUsageRequest__Output as _tollgate_billing_v1_ChargeUsageRequest__Output } from '../../../tollgate/billing/v1/ChargeUsageRequest';
import type { ChargeUsageResponse as _tollgate_billing_v1_ChargeUsageResponse, ChargeUsageResponse__Output as _tollgate_billing_v1_ChargeUsageResponse__Output } from '../../../tollgate/billing/v1/ChargeUsageResponse';
import type { GetChargeRequest as _tollgate_billing_v1_GetChargeRequest, GetChargeRequest__Output as _tollgate_billing_v1_GetChargeRequest__Output } from '../../../tollgate/billing/v1/GetChargeRequest';
import type { GetChargeResponse as _tollgate_billing_v1_GetChargeResponse, GetChargeResponse__Output as _tollgate_billing_v1_GetChargeResponse__Output } from '../../../tollgate/billing/v1/GetChargeResponse';
import type { PriceQuoteRequest as _tollgate_billing_v1_PriceQuoteRequest, PriceQuoteRequest__Output as _tollgate_billing_v1_PriceQuoteRequest__Output } from '../../../tollgate/billing/v1/PriceQuoteRequest';
import type { PriceQuoteResponse as _tollgate_billing_v1_PriceQuoteResponse, PriceQuoteResponse__Output as _tollgate_billing_v1_PriceQuoteResponse__Output } from '../../../tollgate/billing/v1/PriceQuoteResponse';
import type { ReportPartsRequest as _tollgate_billing_v1_ReportPartsRequest, ReportPartsRequest__Output as _tollgate_billing_v1_ReportPartsRequest__Output } from '../../../tollgate/billing/v1/ReportPartsRequest';
import type { ReportPartsResponse as _tollgate_billing_v1_ReportPartsResponse, ReportPartsResponse__Output as _tollgate_billing_v1_ReportPartsResponse__Output } from '../../../tollgate/billing/v1/ReportPartsResponse';
import type { StreamSettleRequest as _tollgate_billing_v1_StreamSettleRequest, StreamSettleRequest__Output as _tollgate_billing_v1_StreamSettleRequest__Output } from '../../../tollgate/billing/v1/StreamSettleRequest';
import type { StreamSettleResponse as _tollgate_billing_v1_StreamSettleResponse, StreamSettleResponse__Output as _tollgate_billing_v1_StreamSettleResponse__Output } from '../../../tollgate/billing/v1/StreamSettleResponse';

/**
 * What inference gateways call. Needs a token with the `gateway` scope.
 */
export interface BillingServiceClient extends grpc.Client {
  /**
   * Deducts many finished calls, each on its own: what one gets changes nothing for the others.
   * At most 1,000; results come back in the order of the requests.
   */
  BatchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  BatchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  BatchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  BatchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Deducts many finished calls, each on its own: what one gets changes nothing for the others.
   * At most 1,000; results come back in the order of the requests.
   */
  batchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  batchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  batchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  batchChargeUsage(argument: _tollgate_billing_v1_BatchChargeUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_BatchChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Deducts the cost of a finished call, exactly once per idempotency key. What refuses a call that was made (credits, a limit,
   * no price, a provider's counts that contradict each other) leaves a deduction failure.
   */
  ChargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  ChargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  ChargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  ChargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Deducts the cost of a finished call, exactly once per idempotency key. What refuses a call that was made (credits, a limit,
   * no price, a provider's counts that contradict each other) leaves a deduction failure.
   */
  chargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  chargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  chargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  chargeUsage(argument: _tollgate_billing_v1_ChargeUsageRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ChargeUsageResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * A receipt, by id or by key: what became of a DEFERRED charge, for one.
   */
  GetCharge(argument: _tollgate_billing_v1_GetChargeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  GetCharge(argument: _tollgate_billing_v1_GetChargeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  GetCharge(argument: _tollgate_billing_v1_GetChargeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  GetCharge(argument: _tollgate_billing_v1_GetChargeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * A receipt, by id or by key: what became of a DEFERRED charge, for one.
   */
  getCharge(argument: _tollgate_billing_v1_GetChargeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  getCharge(argument: _tollgate_billing_v1_GetChargeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  getCharge(argument: _tollgate_billing_v1_GetChargeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  getCharge(argument: _tollgate_billing_v1_GetChargeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetChargeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Prices a call before it is made. Charges nothing, holds nothing.
   */
  PriceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  PriceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  PriceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  PriceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Prices a call before it is made. Charges nothing, holds nothing.
   */
  priceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  priceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  priceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  priceQuote(argument: _tollgate_billing_v1_PriceQuoteRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PriceQuoteResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reports parts of a stream's usage, from any process, and settles it where that is asked: for a job whose lines end
   * apart, such as a batch. The stream is opened by StreamSettle; its usage is the sum of its parts.
   */
  ReportParts(argument: _tollgate_billing_v1_ReportPartsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  ReportParts(argument: _tollgate_billing_v1_ReportPartsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  ReportParts(argument: _tollgate_billing_v1_ReportPartsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  ReportParts(argument: _tollgate_billing_v1_ReportPartsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reports parts of a stream's usage, from any process, and settles it where that is asked: for a job whose lines end
   * apart, such as a batch. The stream is opened by StreamSettle; its usage is the sum of its parts.
   */
  reportParts(argument: _tollgate_billing_v1_ReportPartsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  reportParts(argument: _tollgate_billing_v1_ReportPartsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  reportParts(argument: _tollgate_billing_v1_ReportPartsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  reportParts(argument: _tollgate_billing_v1_ReportPartsRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ReportPartsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Meters one running generation against a hold on the user's credits and settles it when it ends.
   */
  StreamSettle(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleResponse__Output>;
  StreamSettle(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleResponse__Output>;
  /**
   * Meters one running generation against a hold on the user's credits and settles it when it ends.
   */
  streamSettle(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleResponse__Output>;
  streamSettle(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleResponse__Output>;
  
}

/**
 * What inference gateways call. Needs a token with the `gateway` scope.
 */
export interface BillingServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Deducts many finished calls, each on its own: what one gets changes nothing for the others.
   * At most 1,000; results come back in the order of the requests.
   */
  BatchChargeUsage: grpc.handleUnaryCall<_tollgate_billing_v1_BatchChargeUsageRequest__Output, _tollgate_billing_v1_BatchChargeUsageResponse>;
  
  /**
   * Deducts the cost of a finished call, exactly once per idempotency key. What refuses a call that was made (credits, a limit,
   * no price, a provider's counts that contradict each other) leaves a deduction failure.
   */
  ChargeUsage: grpc.handleUnaryCall<_tollgate_billing_v1_ChargeUsageRequest__Output, _tollgate_billing_v1_ChargeUsageResponse>;
  
  /**
   * A receipt, by id or by key: what became of a DEFERRED charge, for one.
   */
  GetCharge: grpc.handleUnaryCall<_tollgate_billing_v1_GetChargeRequest__Output, _tollgate_billing_v1_GetChargeResponse>;
  
  /**
   * Prices a call before it is made. Charges nothing, holds nothing.
   */
  PriceQuote: grpc.handleUnaryCall<_tollgate_billing_v1_PriceQuoteRequest__Output, _tollgate_billing_v1_PriceQuoteResponse>;
  
  /**
   * Reports parts of a stream's usage, from any process, and settles it where that is asked: for a job whose lines end
   * apart, such as a batch. The stream is opened by StreamSettle; its usage is the sum of its parts.
   */
  ReportParts: grpc.handleUnaryCall<_tollgate_billing_v1_ReportPartsRequest__Output, _tollgate_billing_v1_ReportPartsResponse>;
  
  /**
   * Meters one running generation against a hold on the user's credits and settles it when it ends.
   */
  StreamSettle: grpc.handleBidiStreamingCall<_tollgate_billing_v1_StreamSettleRequest__Output, _tollgate_billing_v1_StreamSettleResponse>;
  
}

export interface BillingServiceDefinition extends grpc.ServiceDefinition {
  BatchChargeUsage: MethodDefinition<_tollgate_billing_v1_BatchChargeUsageRequest, _tollgate_billing_v1_BatchChargeUsageResponse, _tollgate_billing_v1_BatchChargeUsageRequest__Output, _tollgate_billing_v1_BatchChargeUsageResponse__Output>
  ChargeUsage: MethodDefinition<_tollgate_billing_v1_ChargeUsageRequest, _tollgate_billing_v1_ChargeUsageResponse, _tollgate_billing_v1_ChargeUsageRequest__Output, _tollgate_billing_v1_ChargeUsageResponse__Output>
  GetCharge: MethodDefinition<_tollgate_billing_v1_GetChargeRequest, _tollgate_billing_v1_GetChargeResponse, _tollgate_billing_v1_GetChargeRequest__Output, _tollgate_billing_v1_GetChargeResponse__Output>
  PriceQuote: MethodDefinition<_tollgate_billing_v1_PriceQuoteRequest, _tollgate_billing_v1_PriceQuoteResponse, _tollgate_billing_v1_PriceQuoteRequest__Output, _tollgate_billing_v1_PriceQuoteResponse__Output>
  ReportParts: MethodDefinition<_tollgate_billing_v1_ReportPartsRequest, _tollgate_billing_v1_ReportPartsResponse, _tollgate_billing_v1_ReportPartsRequest__Output, _tollgate_billing_v1_ReportPartsResponse__Output>
  StreamSettle: MethodDefinition<_tollgate_billing_v1_StreamSettleRequest, _tollgate_billing_v1_StreamSettleResponse, _tollgate_billing_v1_StreamSettleRequest__Output, _tollgate_billing_v1_StreamSettleResponse__Output>
}
