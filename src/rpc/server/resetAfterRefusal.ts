import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js'

/**
 * Resets the HTTP/2 stream of a call that was refused before its client finished sending. grpc-js would keep the stream,
 * with its buffers, until the client ends it, which may be never. The reset is not an error (RFC 9113, section 8.1), and
 * other gRPC servers send it too.
 */
export const resetAfterRefusal: ServerInterceptor = (_method, call) => {
  const { stream } = call as unknown as { stream: ServerHttp2Stream }
  const send = call.sendStatus.bind(call)
  call.sendStatus = (ended) => {
    const isRefusal = !stream.headersSent
    send(ended)
    // The status must be on its way first, or the reset would discard it.
    if (isRefusal) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR))
  }
  return call as ServerInterceptingCall
}
