import { type ClientHttp2Session, connect } from 'node:http2'
import { services } from '../../src/wire/definition'
import { grpcMessage } from '../http2/frames'
import type { Load } from '../load'
import { userIdOf } from '../users'

export type Reads = 'Reconcile' | 'ListLedgerEntries'

const WINDOW_BYTES = 2 ** 24

/** Long reads, which begin again as soon as they are answered. Answers are not decoded. Resolves to their number. */
export async function readsLoad({
  address,
  method,
  load: { inFlight, warmUpMs, durationMs },
}: {
  address: string
  method: Reads
  load: Load
}): Promise<number> {
  const session = connect(`http://${address}`, { settings: { initialWindowSize: WINDOW_BYTES } })
  await new Promise((resolve) => session.once('connect', resolve))
  session.setLocalWindowSize(WINDOW_BYTES)
  const { path, body } = requestOf(method)
  let isOver = false
  let answers = 0
  const loop = async () => {
    while (!isOver) {
      await answered(session, path, body).catch((error) => {
        if (!isOver) throw error
      })
      if (!isOver) answers++
    }
  }
  // The server still has many of them to answer, one after the other.
  setTimeout(() => {
    isOver = true
    session.destroy()
  }, warmUpMs + durationMs)
  await Promise.all(Array.from({ length: inFlight }, loop))
  return answers
}

function requestOf(method: Reads): { path: string; body: Buffer } {
  if (method === 'Reconcile') {
    const { path, requestSerialize } = services['tollgate.billing.v1.ReconciliationService'].Reconcile
    return { path, body: grpcMessage(requestSerialize({})) }
  }
  const { path, requestSerialize } = services['tollgate.billing.v1.UserService'].ListLedgerEntries
  return { path, body: grpcMessage(requestSerialize({ userId: userIdOf(1), pageSize: 1_000 })) }
}

function answered(session: ClientHttp2Session, path: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.on('error', reject)
    stream.on('trailers', (trailers) => {
      if (trailers['grpc-status'] !== '0') reject(new Error(`${path}: ${trailers['grpc-message']}`))
    })
    stream.on('response', (headers) => {
      if (headers['grpc-status'] !== undefined) reject(new Error(`${path}: ${headers['grpc-message']}`))
    })
    stream.on('close', resolve)
    stream.resume()
    stream.end(body)
  })
}
