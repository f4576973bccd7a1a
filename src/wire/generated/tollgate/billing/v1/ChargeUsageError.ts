// Original file: proto/tollgate/billing/v1/billing_service.proto


/**
 * What ChargeUsage alone would have answered as a gRPC status.
 */
export interface ChargeUsageError {
  /**
   * gRPC status code.
   */
  'code'?: (number);
  /**
   * ErrorInfo reason.
   */
  'reason'?: (string);
  'message'?: (string);
  'metadata'?: ({[key: string]: string});
}

/**
 * What ChargeUsage alone would have answered as a gRPC status.
 */
export interface ChargeUsageError__Output {
  /**
   * gRPC status code.
   */
  'code': (number);
  /**
   * ErrorInfo reason.
   */
  'reason': (string);
  'message': (string);
  'metadata': ({[key: string]: string});
}
