// Original file: proto/tollgate/billing/v1/billing_service.proto


/**
 * The server is about to stop: open the stream again, elsewhere, with the same key.
 */
export interface StreamDrain {
}

/**
 * The server is about to stop: open the stream again, elsewhere, with the same key.
 */
export interface StreamDrain__Output {
}
