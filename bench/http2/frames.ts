/** Just enough of HTTP/2 (RFC 9113) and HPACK (RFC 7541) to call a gRPC server. */

export const FRAME_HEADER_BYTES = 9
export const FRAME_PAYLOAD_BYTES_MAX = 16_384
export const WINDOW_BYTES_DEFAULT = 65_535
export const WINDOW_BYTES_MAX = 2 ** 31 - 1

export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8

export const ACK = 1
export const END_STREAM = 1
const END_HEADERS = 4

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export function writeFrameHeader(
  target: Buffer,
  offset: number,
  { length, type, flags, streamId }: { length: number; type: number; flags: number; streamId: number },
): void {
  target.writeUIntBE(length, offset, 3)
  target[offset + 3] = type
  target[offset + 4] = flags
  target.writeUInt32BE(streamId, offset + 5)
}

export function frame(type: number, streamId: number, payload: Buffer, flags = 0): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(bytes, 0, { length: payload.length, type, flags, streamId })
  payload.copy(bytes, FRAME_HEADER_BYTES)
  return bytes
}

/** Lets the peer send without limit on every stream. */
export function openSettings(): Buffer {
  const INITIAL_WINDOW_SIZE = 4
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(INITIAL_WINDOW_SIZE, 0)
  payload.writeUInt32BE(WINDOW_BYTES_MAX, 2)
  return frame(SETTINGS, 0, payload)
}

export function windowUpdate(streamId: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(bytes, 0)
  return frame(WINDOW_UPDATE, streamId, payload)
}

export function headersFrame(streamId: number, block: Buffer): Buffer {
  return frame(HEADERS, streamId, block, END_HEADERS)
}

const METHOD_POST = 0x83
const SCHEME_HTTP = 0x86
const FIRST_DYNAMIC_INDEX = 62

/**
 * A call's headers. The first block of a connection enters them into the peer's table; later blocks refer to it with one byte
 * each, as those of h2load and grpc-js do.
 */
export function headerBlocks(authority: string, path: string): { first: Buffer; later: Buffer } {
  const indexed = (name: number, value: string) => [Buffer.from([0x40 | name]), text(value)]
  const AUTHORITY = 1
  const PATH = 4
  const CONTENT_TYPE = 31
  const first = Buffer.concat([
    Buffer.from([METHOD_POST, SCHEME_HTTP]),
    ...indexed(PATH, path),
    ...indexed(AUTHORITY, authority),
    ...indexed(CONTENT_TYPE, 'application/grpc'),
    Buffer.from([0x40]),
    text('te'),
    text('trailers'),
  ])
  const later = Buffer.from([
    METHOD_POST,
    SCHEME_HTTP,
    ...[3, 2, 1, 0].map((age) => 0x80 | (FIRST_DYNAMIC_INDEX + age)),
  ])
  return { first, later }
}

function text(value: string): Buffer {
  if (value.length > 126) throw new Error(`too long for one byte of length: ${value}`)
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')])
}

/** A message as gRPC sends it: the flag of no compression, the length, the bytes. */
export function grpcMessage(bytes: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(5 + bytes.length)
  message[0] = 0
  message.writeUInt32BE(bytes.length, 1)
  message.set(bytes, 5)
  return message
}
