import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js'

/**
 * A call that is refused while its client still has something to say stays open, with all that belongs to it, until the
 * client ends it, which may be never: grpc-js waits for that. HTTP/2 has a reset for it that is no error (RFC 9113, section
 * 8.1), which other servers of gRPC send too.
 */
export const letGo: ServerInterceptor = (_method, call) => {
  const { stream } = call as unknown as { stream: ServerHttp2Stream }
  const send = call.sendStatus.bind(call)
  call.sendStatus = (ended) => {
    const isRefusal = !stream.headersSent
    send(ended)
    // Once the status is on its way: it would be lost otherwise.
    if (isRefusal) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR))
  }
  return call as ServerInterceptingCall
}
