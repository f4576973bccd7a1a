import { services } from '../../src/wire/definition'
import type { StreamSettleRequest } from '../../src/wire/generated/tollgate/billing/v1/StreamSettleRequest'
import { Http2Connection } from '../http2/connection'
import { grpcMessage } from '../http2/frames'
import { nextKey } from '../keys'
import { type Load, type Measured, Recorder } from '../load'
import { openRequest } from '../messages'
import { type UserChoice, userChooser } from '../users'

const { StreamSettle } = services['tollgate.billing.v1.BillingService']

const CONNECTIONS = 4
const TOKENS_PER_MESSAGE = 10
/** Concurrent opens. A burst of all of them would fill the ledger's queue. */
const OPENING_MAX = 500

interface OpenStream {
  connection: Http2Connection
  streamId: number
  /** Resolves to whether it was answered. */
  ended: Promise<boolean>
}

let open: OpenStream[] = []

/** Opens streams and keeps them open; resolves when each has its first grant. */
export async function openStreams({
  address,
  count,
  users,
}: {
  address: string
  count: number
  users: UserChoice
}): Promise<void> {
  const connections = await connect(address)
  const nextUser = userChooser(users)
  const openNext = async (): Promise<void> => {
    while (open.length < count) {
      const connection = connections[open.length % CONNECTIONS] as Http2Connection
      await openOne(connection, nextUser())
    }
  }
  await Promise.all(Array.from({ length: OPENING_MAX }, openNext))
}

/** Resolves when the stream has its grant, or has ended. */
function openOne(connection: Http2Connection, userId: string): Promise<void> {
  return new Promise((granted) => {
    let end: (answered: boolean) => void = () => undefined
    const ended = new Promise<boolean>((resolve) => {
      end = resolve
    })
    const streamId = connection.start({
      onData: granted,
      onEnd(answered) {
        granted()
        end(answered)
      },
    })
    open.push({ connection, streamId, ended })
    connection.send(streamId, encode({ open: openRequest(userId, nextKey()) }), { end: false })
    connection.flush()
  })
}

/** Sends progress on all open streams in turn, as fast as the server accepts it. */
export async function sendProgress({ load }: { load: Omit<Load, 'inFlight'> }): Promise<Measured> {
  const recorder = new Recorder(load)
  let sequence = 0
  let message: Buffer = Buffer.alloc(0)
  let next = open.length
  const connections = new Set(open.map(({ connection }) => connection))
  await new Promise<void>((resolve) => {
    const turn = () => {
      if (recorder.isOver()) return resolve()
      for (;;) {
        if (next === open.length) {
          next = 0
          message = progressMessage(++sequence)
        }
        const stream = open[next]
        if (stream === undefined || !stream.connection.hasRoom(message.length, stream.streamId)) break
        stream.connection.send(stream.streamId, message, { end: false })
        recorder.succeeded(performance.now())
        next++
      }
      for (const connection of connections) connection.flush()
    }
    for (const connection of connections) connection.onTurn = turn
    // Without this, a stream that makes no more room would be waited for without end.
    setTimeout(resolve, load.warmUpMs + load.durationMs + 100)
    turn()
  })
  for (const connection of connections) connection.onTurn = () => undefined
  return recorder.measured()
}

/** Closes all streams; resolves to their number when each has ended. */
export async function closeStreams(): Promise<{ ended: number; refused: number }> {
  const close = encode({ close: { end: 'STREAM_END_COMPLETED' } })
  let refused = 0
  // In parts, as they were opened, so as not to fill the ledger's queue.
  for (let at = 0; at < open.length; at += OPENING_MAX) {
    const part = open.slice(at, at + OPENING_MAX)
    for (const { connection, streamId } of part) connection.send(streamId, close, { end: true })
    for (const { connection } of part) connection.flush()
    for (const answered of await Promise.all(part.map(({ ended }) => ended))) if (!answered) refused++
  }
  const ended = open.length
  for (const connection of new Set(open.map(({ connection }) => connection))) connection.close()
  open = []
  return { ended, refused }
}

/** Runs whole short streams: open, wait for the grant, close with a usage, wait for the settlement. */
export async function streamCycles({
  address,
  users,
  load,
}: {
  address: string
  users: UserChoice
  load: Load
}): Promise<Measured> {
  const recorder = new Recorder(load)
  const nextUser = userChooser(users)
  const connections = await connect(address)
  const close = encode({
    close: {
      sequence: '1',
      usage: { inputTokens: '1200', outputTokens: '350' },
      usageSource: 'USAGE_SOURCE_PROVIDER',
      end: 'STREAM_END_COMPLETED',
    },
  })
  const cycle = async (index: number): Promise<void> => {
    const connection = connections[index % CONNECTIONS] as Http2Connection
    while (!recorder.isOver()) {
      const sentMs = performance.now()
      const settled = await oneCycle(connection, encode({ open: openRequest(nextUser(), nextKey()) }), close)
      if (settled) recorder.succeeded(sentMs)
      else recorder.failed('not settled')
    }
  }
  await Promise.all(Array.from({ length: load.inFlight }, (_, index) => cycle(index)))
  for (const connection of connections) connection.close()
  return recorder.measured()
}

/** Settled = a second message arrived, after the grant. */
function oneCycle(connection: Http2Connection, opening: Buffer, close: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    let messages = 0
    const streamId = connection.start({
      onData() {
        messages++
        if (messages === 1) connection.send(streamId, close, { end: true })
      },
      onEnd: () => resolve(messages > 1),
    })
    connection.send(streamId, opening, { end: false })
    connection.flush()
  })
}

function connect(address: string): Promise<Http2Connection[]> {
  return Promise.all(
    Array.from({ length: CONNECTIONS }, () => Http2Connection.open(address, StreamSettle.path)),
  )
}

function progressMessage(sequence: number): Buffer {
  const usage = { inputTokens: '1200', outputTokens: String(sequence * TOKENS_PER_MESSAGE) }
  return encode({ progress: { sequence: String(sequence), usage } })
}

function encode(request: StreamSettleRequest): Buffer {
  return grpcMessage(StreamSettle.requestSerialize(request))
}
