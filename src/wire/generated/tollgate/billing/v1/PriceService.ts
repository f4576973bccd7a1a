// Original file: proto/tollgate/billing/v1/admin_services.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DecidePriceChangeRequest as _tollgate_billing_v1_DecidePriceChangeRequest, DecidePriceChangeRequest__Output as _tollgate_billing_v1_DecidePriceChangeRequest__Output } from '../../../tollgate/billing/v1/DecidePriceChangeRequest';
import type { DecidePriceChangeResponse as _tollgate_billing_v1_DecidePriceChangeResponse, DecidePriceChangeResponse__Output as _tollgate_billing_v1_DecidePriceChangeResponse__Output } from '../../../tollgate/billing/v1/DecidePriceChangeResponse';
import type { EndPriceRequest as _tollgate_billing_v1_EndPriceRequest, EndPriceRequest__Output as _tollgate_billing_v1_EndPriceRequest__Output } from '../../../tollgate/billing/v1/EndPriceRequest';
import type { EndPriceResponse as _tollgate_billing_v1_EndPriceResponse, EndPriceResponse__Output as _tollgate_billing_v1_EndPriceResponse__Output } from '../../../tollgate/billing/v1/EndPriceResponse';
import type { GetPriceRequest as _tollgate_billing_v1_GetPriceRequest, GetPriceRequest__Output as _tollgate_billing_v1_GetPriceRequest__Output } from '../../../tollgate/billing/v1/GetPriceRequest';
import type { GetPriceResponse as _tollgate_billing_v1_GetPriceResponse, GetPriceResponse__Output as _tollgate_billing_v1_GetPriceResponse__Output } from '../../../tollgate/billing/v1/GetPriceResponse';
import type { ImportPricesRequest as _tollgate_billing_v1_ImportPricesRequest, ImportPricesRequest__Output as _tollgate_billing_v1_ImportPricesRequest__Output } from '../../../tollgate/billing/v1/ImportPricesRequest';
import type { ImportPricesResponse as _tollgate_billing_v1_ImportPricesResponse, ImportPricesResponse__Output as _tollgate_billing_v1_ImportPricesResponse__Output } from '../../../tollgate/billing/v1/ImportPricesResponse';
import type { ListAliasesRequest as _tollgate_billing_v1_ListAliasesRequest, ListAliasesRequest__Output as _tollgate_billing_v1_ListAliasesRequest__Output } from '../../../tollgate/billing/v1/ListAliasesRequest';
import type { ListAliasesResponse as _tollgate_billing_v1_ListAliasesResponse, ListAliasesResponse__Output as _tollgate_billing_v1_ListAliasesResponse__Output } from '../../../tollgate/billing/v1/ListAliasesResponse';
import type { ListPriceChangesRequest as _tollgate_billing_v1_ListPriceChangesRequest, ListPriceChangesRequest__Output as _tollgate_billing_v1_ListPriceChangesRequest__Output } from '../../../tollgate/billing/v1/ListPriceChangesRequest';
import type { ListPriceChangesResponse as _tollgate_billing_v1_ListPriceChangesResponse, ListPriceChangesResponse__Output as _tollgate_billing_v1_ListPriceChangesResponse__Output } from '../../../tollgate/billing/v1/ListPriceChangesResponse';
import type { ListPricesRequest as _tollgate_billing_v1_ListPricesRequest, ListPricesRequest__Output as _tollgate_billing_v1_ListPricesRequest__Output } from '../../../tollgate/billing/v1/ListPricesRequest';
import type { ListPricesResponse as _tollgate_billing_v1_ListPricesResponse, ListPricesResponse__Output as _tollgate_billing_v1_ListPricesResponse__Output } from '../../../tollgate/billing/v1/ListPricesResponse';
import type { PutAliasRequest as _tollgate_billing_v1_PutAliasRequest, PutAliasRequest__Output as _tollgate_billing_v1_PutAliasRequest__Output } from '../../../tollgate/billing/v1/PutAliasRequest';
import type { PutAliasResponse as _tollgate_billing_v1_PutAliasResponse, PutAliasResponse__Output as _tollgate_billing_v1_PutAliasResponse__Output } from '../../../tollgate/billing/v1/PutAliasResponse';
import type { PutPriceRequest as _tollgate_billing_v1_PutPriceRequest, PutPriceRequest__Output as _tollgate_billing_v1_PutPriceRequest__Output } from '../../../tollgate/billing/v1/PutPriceRequest';
import type { PutPriceResponse as _tollgate_billing_v1_PutPriceResponse, PutPriceResponse__Output as _tollgate_billing_v1_PutPriceResponse__Output } from '../../../tollgate/billing/v1/PutPriceResponse';

/**
 * Prices and model aliases. Needs a token with the `admin` scope.
 */
export interface PriceServiceClient extends grpc.Client {
  DecidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  DecidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  DecidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  DecidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  decidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  decidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  decidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  decidePriceChange(argument: _tollgate_billing_v1_DecidePriceChangeRequest, callback: grpc.requestCallback<_tollgate_billing_v1_DecidePriceChangeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Ends an operator's price, so that the other sources count again.
   */
  EndPrice(argument: _tollgate_billing_v1_EndPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  EndPrice(argument: _tollgate_billing_v1_EndPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  EndPrice(argument: _tollgate_billing_v1_EndPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  EndPrice(argument: _tollgate_billing_v1_EndPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends an operator's price, so that the other sources count again.
   */
  endPrice(argument: _tollgate_billing_v1_EndPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  endPrice(argument: _tollgate_billing_v1_EndPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  endPrice(argument: _tollgate_billing_v1_EndPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  endPrice(argument: _tollgate_billing_v1_EndPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_EndPriceResponse__Output>): grpc.ClientUnaryCall;
  
  GetPrice(argument: _tollgate_billing_v1_GetPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  GetPrice(argument: _tollgate_billing_v1_GetPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  GetPrice(argument: _tollgate_billing_v1_GetPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  GetPrice(argument: _tollgate_billing_v1_GetPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  getPrice(argument: _tollgate_billing_v1_GetPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  getPrice(argument: _tollgate_billing_v1_GetPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  getPrice(argument: _tollgate_billing_v1_GetPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  getPrice(argument: _tollgate_billing_v1_GetPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_GetPriceResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reads a price list (a feed's format, below) into the stored prices.
   */
  ImportPrices(argument: _tollgate_billing_v1_ImportPricesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  ImportPrices(argument: _tollgate_billing_v1_ImportPricesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  ImportPrices(argument: _tollgate_billing_v1_ImportPricesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  ImportPrices(argument: _tollgate_billing_v1_ImportPricesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads a price list (a feed's format, below) into the stored prices.
   */
  importPrices(argument: _tollgate_billing_v1_ImportPricesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  importPrices(argument: _tollgate_billing_v1_ImportPricesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  importPrices(argument: _tollgate_billing_v1_ImportPricesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  importPrices(argument: _tollgate_billing_v1_ImportPricesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ImportPricesResponse__Output>): grpc.ClientUnaryCall;
  
  ListAliases(argument: _tollgate_billing_v1_ListAliasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  ListAliases(argument: _tollgate_billing_v1_ListAliasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  ListAliases(argument: _tollgate_billing_v1_ListAliasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  ListAliases(argument: _tollgate_billing_v1_ListAliasesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  listAliases(argument: _tollgate_billing_v1_ListAliasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  listAliases(argument: _tollgate_billing_v1_ListAliasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  listAliases(argument: _tollgate_billing_v1_ListAliasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  listAliases(argument: _tollgate_billing_v1_ListAliasesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListAliasesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Price changes that were seen, and those held back until someone approves them.
   */
  ListPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  ListPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  ListPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  ListPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Price changes that were seen, and those held back until someone approves them.
   */
  listPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  listPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  listPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  listPriceChanges(argument: _tollgate_billing_v1_ListPriceChangesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListPriceChangesResponse__Output>): grpc.ClientUnaryCall;
  
  ListPrices(argument: _tollgate_billing_v1_ListPricesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  ListPrices(argument: _tollgate_billing_v1_ListPricesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  ListPrices(argument: _tollgate_billing_v1_ListPricesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  ListPrices(argument: _tollgate_billing_v1_ListPricesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  listPrices(argument: _tollgate_billing_v1_ListPricesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  listPrices(argument: _tollgate_billing_v1_ListPricesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  listPrices(argument: _tollgate_billing_v1_ListPricesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  listPrices(argument: _tollgate_billing_v1_ListPricesRequest, callback: grpc.requestCallback<_tollgate_billing_v1_ListPricesResponse__Output>): grpc.ClientUnaryCall;
  
  PutAlias(argument: _tollgate_billing_v1_PutAliasRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  PutAlias(argument: _tollgate_billing_v1_PutAliasRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  PutAlias(argument: _tollgate_billing_v1_PutAliasRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  PutAlias(argument: _tollgate_billing_v1_PutAliasRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  putAlias(argument: _tollgate_billing_v1_PutAliasRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  putAlias(argument: _tollgate_billing_v1_PutAliasRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  putAlias(argument: _tollgate_billing_v1_PutAliasRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  putAlias(argument: _tollgate_billing_v1_PutAliasRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutAliasResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Sets a model's price from now on (or from effective_from); earlier versions stay readable.
   */
  PutPrice(argument: _tollgate_billing_v1_PutPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  PutPrice(argument: _tollgate_billing_v1_PutPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  PutPrice(argument: _tollgate_billing_v1_PutPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  PutPrice(argument: _tollgate_billing_v1_PutPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Sets a model's price from now on (or from effective_from); earlier versions stay readable.
   */
  putPrice(argument: _tollgate_billing_v1_PutPriceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  putPrice(argument: _tollgate_billing_v1_PutPriceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  putPrice(argument: _tollgate_billing_v1_PutPriceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  putPrice(argument: _tollgate_billing_v1_PutPriceRequest, callback: grpc.requestCallback<_tollgate_billing_v1_PutPriceResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Prices and model aliases. Needs a token with the `admin` scope.
 */
export interface PriceServiceHandlers extends grpc.UntypedServiceImplementation {
  DecidePriceChange: grpc.handleUnaryCall<_tollgate_billing_v1_DecidePriceChangeRequest__Output, _tollgate_billing_v1_DecidePriceChangeResponse>;
  
  /**
   * Ends an operator's price, so that the other sources count again.
   */
  EndPrice: grpc.handleUnaryCall<_tollgate_billing_v1_EndPriceRequest__Output, _tollgate_billing_v1_EndPriceResponse>;
  
  GetPrice: grpc.handleUnaryCall<_tollgate_billing_v1_GetPriceRequest__Output, _tollgate_billing_v1_GetPriceResponse>;
  
  /**
   * Reads a price list (a feed's format, below) into the stored prices.
   */
  ImportPrices: grpc.handleUnaryCall<_tollgate_billing_v1_ImportPricesRequest__Output, _tollgate_billing_v1_ImportPricesResponse>;
  
  ListAliases: grpc.handleUnaryCall<_tollgate_billing_v1_ListAliasesRequest__Output, _tollgate_billing_v1_ListAliasesResponse>;
  
  /**
   * Price changes that were seen, and those held back until someone approves them.
   */
  ListPriceChanges: grpc.handleUnaryCall<_tollgate_billing_v1_ListPriceChangesRequest__Output, _tollgate_billing_v1_ListPriceChangesResponse>;
  
  ListPrices: grpc.handleUnaryCall<_tollgate_billing_v1_ListPricesRequest__Output, _tollgate_billing_v1_ListPricesResponse>;
  
  PutAlias: grpc.handleUnaryCall<_tollgate_billing_v1_PutAliasRequest__Output, _tollgate_billing_v1_PutAliasResponse>;
  
  /**
   * Sets a model's price from now on (or from effective_from); earlier versions stay readable.
   */
  PutPrice: grpc.handleUnaryCall<_tollgate_billing_v1_PutPriceRequest__Output, _tollgate_billing_v1_PutPriceResponse>;
  
}

export interface PriceServiceDefinition extends grpc.ServiceDefinition {
  DecidePriceChange: MethodDefinition<_tollgate_billing_v1_DecidePriceChangeRequest, _tollgate_billing_v1_DecidePriceChangeResponse, _tollgate_billing_v1_DecidePriceChangeRequest__Output, _tollgate_billing_v1_DecidePriceChangeResponse__Output>
  EndPrice: MethodDefinition<_tollgate_billing_v1_EndPriceRequest, _tollgate_billing_v1_EndPriceResponse, _tollgate_billing_v1_EndPriceRequest__Output, _tollgate_billing_v1_EndPriceResponse__Output>
  GetPrice: MethodDefinition<_tollgate_billing_v1_GetPriceRequest, _tollgate_billing_v1_GetPriceResponse, _tollgate_billing_v1_GetPriceRequest__Output, _tollgate_billing_v1_GetPriceResponse__Output>
  ImportPrices: MethodDefinition<_tollgate_billing_v1_ImportPricesRequest, _tollgate_billing_v1_ImportPricesResponse, _tollgate_billing_v1_ImportPricesRequest__Output, _tollgate_billing_v1_ImportPricesResponse__Output>
  ListAliases: MethodDefinition<_tollgate_billing_v1_ListAliasesRequest, _tollgate_billing_v1_ListAliasesResponse, _tollgate_billing_v1_ListAliasesRequest__Output, _tollgate_billing_v1_ListAliasesResponse__Output>
  ListPriceChanges: MethodDefinition<_tollgate_billing_v1_ListPriceChangesRequest, _tollgate_billing_v1_ListPriceChangesResponse, _tollgate_billing_v1_ListPriceChangesRequest__Output, _tollgate_billing_v1_ListPriceChangesResponse__Output>
  ListPrices: MethodDefinition<_tollgate_billing_v1_ListPricesRequest, _tollgate_billing_v1_ListPricesResponse, _tollgate_billing_v1_ListPricesRequest__Output, _tollgate_billing_v1_ListPricesResponse__Output>
  PutAlias: MethodDefinition<_tollgate_billing_v1_PutAliasRequest, _tollgate_billing_v1_PutAliasResponse, _tollgate_billing_v1_PutAliasRequest__Output, _tollgate_billing_v1_PutAliasResponse__Output>
  PutPrice: MethodDefinition<_tollgate_billing_v1_PutPriceRequest, _tollgate_billing_v1_PutPriceResponse, _tollgate_billing_v1_PutPriceRequest__Output, _tollgate_billing_v1_PutPriceResponse__Output>
}
