import { createHash } from 'node:crypto'

/*
 * A segment is a header and frames one after the other:
 *
 *   header  "tollgate spool\n" and a byte for the version of all that follows
 *   frame   marker (4 bytes) · length of the payload (4, big endian) · checksum (16) · payload
 *
 * The checksum is the first half of SHA-256 over length and payload. The marker is where reading continues after a frame
 * that can't be read.
 */

export const FORMAT_VERSION = 1

const MAGIC = Buffer.from('tollgate spool\n')
export const HEADER = Buffer.concat([MAGIC, Buffer.from([FORMAT_VERSION])])

const MARKER = Buffer.from([0xf1, 0x54, 0x47, 0x9d])
const CHECKSUM_BYTES = 16
export const FRAME_OVERHEAD_BYTES = MARKER.length + 4 + CHECKSUM_BYTES
/** Far longer than any charge. A longer frame has a damaged length. */
const PAYLOAD_BYTES_MAX = 1 << 20

export interface Frame {
  /** Of the whole frame, overhead included, in the segment. */
  offset: number
  length: number
  payload: Buffer
}

export interface Scan {
  frames: Frame[]
  /** Passages without a readable frame. */
  damaged: { offset: number; length: number }[]
  /**
   * The file ends within a frame, as after a crash during an append. That frame was never promised.
   */
  tornBytes: number
}

/** A version that this release can't read. */
export class UnknownFormat extends Error {
  readonly version: number

  constructor(version: number) {
    super(`format ${version} of the spool is not known to this release`)
    this.version = version
  }
}

export function frameOf(payload: Buffer): Buffer {
  if (payload.length > PAYLOAD_BYTES_MAX) throw new Error(`a spool entry has ${payload.length} bytes`)
  const length = lengthOf(payload)
  return Buffer.concat([MARKER, length, checksumOf(length, payload), payload])
}

/** The payload of one frame. @throws Error where its checksum is wrong */
export function payloadOf(frame: Buffer): Buffer {
  const read = readFrame(frame, 0)
  if (read === undefined || read === 'cut off') throw new Error('a frame of the spool is damaged')
  return read.payload
}

/** Every frame of a segment that can be read, and what can't. @throws UnknownFormat */
export function scanSegment(bytes: Buffer): Scan {
  const scan: Scan = { frames: [], damaged: [], tornBytes: 0 }
  if (bytes.length < HEADER.length) {
    if (HEADER.subarray(0, bytes.length).equals(bytes)) scan.tornBytes = bytes.length
    else scan.damaged.push({ offset: 0, length: bytes.length })
    return scan
  }
  let offset = HEADER.length
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) scan.damaged.push({ offset: 0, length: HEADER.length })
  else if (bytes[MAGIC.length] !== FORMAT_VERSION) {
    // The version's byte can be damaged, too. Then the frames that follow are readable and show it.
    if (!hasFrames(bytes)) throw new UnknownFormat(bytes[MAGIC.length] ?? 0)
    scan.damaged.push({ offset: 0, length: HEADER.length })
  }
  while (offset < bytes.length) {
    const read = readFrame(bytes, offset)
    if (read !== undefined && read !== 'cut off') {
      scan.frames.push(read)
      offset += read.length
      continue
    }
    const next = nextFrame(bytes, offset + 1)
    const length = (next ?? bytes.length) - offset
    if (next === undefined && read === 'cut off') scan.tornBytes = length
    else scan.damaged.push({ offset, length })
    offset += length
  }
  return scan
}

function readFrame(bytes: Buffer, offset: number): Frame | 'cut off' | undefined {
  const left = bytes.length - offset
  const marker = bytes.subarray(offset, offset + MARKER.length)
  if (!MARKER.subarray(0, marker.length).equals(marker)) return undefined
  if (left < FRAME_OVERHEAD_BYTES) return 'cut off'
  const length = bytes.subarray(offset + 4, offset + 8)
  const payloadBytes = length.readUInt32BE()
  if (payloadBytes > PAYLOAD_BYTES_MAX) return undefined
  if (left < FRAME_OVERHEAD_BYTES + payloadBytes) return 'cut off'
  const checksum = bytes.subarray(offset + 8, offset + FRAME_OVERHEAD_BYTES)
  const end = offset + FRAME_OVERHEAD_BYTES + payloadBytes
  const payload = bytes.subarray(offset + FRAME_OVERHEAD_BYTES, end)
  if (!checksumOf(length, payload).equals(checksum)) return undefined
  return { offset, length: end - offset, payload }
}

/** Where the next readable frame begins. */
function nextFrame(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(MARKER, from); at >= 0; at = bytes.indexOf(MARKER, at + 1)) {
    const read = readFrame(bytes, at)
    if (read !== undefined && read !== 'cut off') return at
  }
  return undefined
}

function hasFrames(bytes: Buffer): boolean {
  return nextFrame(bytes, HEADER.length) === HEADER.length
}

function lengthOf(payload: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(payload.length)
  return length
}

function checksumOf(length: Buffer, payload: Buffer): Buffer {
  return createHash('sha256').update(length).update(payload).digest().subarray(0, CHECKSUM_BYTES)
}
