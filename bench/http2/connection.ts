import { connect, type Socket } from 'node:net'
import {
  ACK,
  DATA,
  END_STREAM,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  frame,
  GOAWAY,
  HEADERS,
  headerBlocks,
  headersFrame,
  openSettings,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  WINDOW_BYTES_DEFAULT,
  WINDOW_BYTES_MAX,
  WINDOW_UPDATE,
  windowUpdate,
  writeFrameHeader,
} from './frames'

/** Callbacks of a call. */
export interface CallEvents {
  /** Bytes of the answer arrived. In gRPC the call has succeeded so far, since an error has no message. */
  onData?: () => void
  /** The peer has ended the call; `answered` = it sent data. */
  onEnd: (answered: boolean) => void
}

interface Call extends CallEvents {
  answered: boolean
  windowBytes: number
}

// Refilled long before it is used up, and seldom enough to cost nothing.
const RECEIVED_BYTES_PER_UPDATE = 2 ** 24

/**
 * A gRPC client that costs almost nothing: it writes frames as bytes, and counts answers without decoding them. A client
 * that decodes costs more than the server that it measures, and h2load can't vary its bodies.
 */
export class Http2Connection {
  readonly #socket: Socket
  readonly #headers: { first: Buffer; later: Buffer }
  readonly #calls = new Map<number, Call>()
  #nextStreamId = 1
  #windowBytes = WINDOW_BYTES_DEFAULT
  #streamWindowBytes = WINDOW_BYTES_DEFAULT
  #receivedBytes = 0
  #rest: Buffer = Buffer.alloc(0)
  #outgoing: Buffer[] = []
  #isClosing = false
  #closeReason = ''
  /** Called when answers arrive or the peer makes room, so that more can be sent. */
  onTurn: () => void = () => undefined

  static async open(address: string, path: string): Promise<Http2Connection> {
    const [host = '127.0.0.1', port] = address.split(':')
    const socket = connect({ host, port: Number(port), noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Http2Connection(socket, headerBlocks(address, path))
  }

  private constructor(socket: Socket, headers: { first: Buffer; later: Buffer }) {
    this.#socket = socket
    this.#headers = headers
    this.#outgoing.push(PREFACE, openSettings(), windowUpdate(0, WINDOW_BYTES_MAX - WINDOW_BYTES_DEFAULT))
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
      this.onTurn()
      this.flush()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      // No call waits for this event, and no measurement makes sense after it, so the process ends.
      if (!this.#isClosing) throw new Error(`the server closed a connection under load${this.#closeReason}`)
    })
    this.flush()
  }

  /** Whether the peer accepts this many more bytes, on the connection and on a new call. */
  hasRoom(bytes: number, streamId?: number): boolean {
    const streamBytes =
      streamId === undefined ? this.#streamWindowBytes : (this.#calls.get(streamId)?.windowBytes ?? 0)
    return bytes <= this.#windowBytes && bytes <= streamBytes
  }

  /** Starts a call; returns its stream's id. */
  start(events: CallEvents): number {
    const streamId = this.#nextStreamId
    this.#nextStreamId += 2
    this.#calls.set(streamId, { ...events, answered: false, windowBytes: this.#streamWindowBytes })
    this.#outgoing.push(headersFrame(streamId, streamId === 1 ? this.#headers.first : this.#headers.later))
    return streamId
  }

  /** Requires room. Copies the message. */
  send(streamId: number, message: Buffer, { end }: { end: boolean }): void {
    this.#windowBytes -= message.length
    const call = this.#calls.get(streamId)
    if (call !== undefined) call.windowBytes -= message.length
    for (let offset = 0; offset < message.length; offset += FRAME_PAYLOAD_BYTES_MAX) {
      const length = Math.min(FRAME_PAYLOAD_BYTES_MAX, message.length - offset)
      const isLast = end && offset + length === message.length
      const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length)
      writeFrameHeader(bytes, 0, { length, type: DATA, flags: isLast ? END_STREAM : 0, streamId })
      message.copy(bytes, FRAME_HEADER_BYTES, offset, offset + length)
      this.#outgoing.push(bytes)
    }
  }

  flush(): void {
    if (this.#outgoing.length === 0) return
    this.#socket.write(Buffer.concat(this.#outgoing))
    this.#outgoing = []
  }

  close(): void {
    this.#isClosing = true
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let offset = 0
    while (bytes.length - offset >= FRAME_HEADER_BYTES) {
      const length = bytes.readUIntBE(offset, 3)
      const end = offset + FRAME_HEADER_BYTES + length
      if (bytes.length < end) break
      this.#frame(bytes, offset, length)
      offset = end
    }
    this.#rest = bytes.subarray(offset)
  }

  #frame(bytes: Buffer, offset: number, length: number): void {
    const type = bytes[offset + 3]
    const flags = bytes[offset + 4] ?? 0
    const streamId = bytes.readUInt32BE(offset + 5)
    const payload = offset + FRAME_HEADER_BYTES
    const end = payload + length
    switch (type) {
      case DATA:
        this.#received(length)
        this.#answered(streamId)
        if (flags & END_STREAM) this.#ended(streamId)
        break
      case HEADERS:
        if (flags & END_STREAM) this.#ended(streamId)
        break
      case RST_STREAM:
        this.#ended(streamId)
        break
      case SETTINGS:
        if (!(flags & ACK)) this.#settings(bytes.subarray(payload, end))
        break
      case PING:
        if (!(flags & ACK)) this.#outgoing.push(frame(PING, 0, bytes.subarray(payload, end), ACK))
        break
      case WINDOW_UPDATE:
        this.#room(streamId, bytes.readUInt32BE(payload))
        break
      case GOAWAY:
        this.#closeReason = `, with HTTP/2's error ${bytes.readUInt32BE(payload + 4)}`
        this.#socket.destroy()
        break
    }
  }

  /** Flow control counts the contents of frames, without their headers. A peer that gets more than it used hangs up. */
  #received(payloadBytes: number): void {
    this.#receivedBytes += payloadBytes
    if (this.#receivedBytes < RECEIVED_BYTES_PER_UPDATE) return
    this.#outgoing.push(windowUpdate(0, this.#receivedBytes))
    this.#receivedBytes = 0
  }

  #answered(streamId: number): void {
    const call = this.#calls.get(streamId)
    if (call === undefined) return
    call.answered = true
    call.onData?.()
  }

  #ended(streamId: number): void {
    const call = this.#calls.get(streamId)
    this.#calls.delete(streamId)
    call?.onEnd(call.answered)
  }

  #room(streamId: number, bytes: number): void {
    const call = this.#calls.get(streamId)
    if (streamId === 0) this.#windowBytes += bytes
    else if (call !== undefined) call.windowBytes += bytes
  }

  #settings(payload: Buffer): void {
    const INITIAL_WINDOW_SIZE = 4
    for (let offset = 0; offset < payload.length; offset += 6) {
      if (payload.readUInt16BE(offset) === INITIAL_WINDOW_SIZE)
        this.#streamWindowBytes = payload.readUInt32BE(offset + 2)
    }
    this.#outgoing.push(frame(SETTINGS, 0, Buffer.alloc(0), ACK))
  }
}
