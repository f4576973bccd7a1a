import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { BillingError } from '../../domain/errors'

/*
 * A message of 4 MiB may hold two million empty elements, two bytes each. Decoded, each becomes two objects with every
 * field: together 736 MB, and four seconds in which the process does nothing else. So a message is weighed by a scan of
 * its bytes before it is decoded, at about 1 µs for a charge.
 */

/** Bytes of memory that one decoded part takes, rounded up from measurements. */
const MESSAGE_BYTES = 400
const MAP_ENTRY_BYTES = 200
const FIELD_BYTES = 50

/** A batch of 1,000 charges with every field set weighs about 8 MiB. */
export const WEIGHT_BYTES_MAX = 16 * 1024 * 1024
/** The contract nests four levels. */
const DEPTH_MAX = 16

type WireType = 0 | 1 | 2 | 5

interface FieldShape {
  wireType: WireType
  /** Repeated numbers may also come packed. */
  packed: WireType | undefined
  message: DescMessage | undefined
  bytes: number
}

type Shape = ReadonlyMap<number, FieldShape>

/**
 * The bytes of memory that a message takes once it is decoded, estimated.
 *
 * @throws BillingError MESSAGE_TOO_LARGE where that is too much; Error where the bytes are no message of the type
 */
export function weightOf(bytes: Uint8Array, type: DescMessage): number {
  const scan = { bytes, at: 0, weight: bytes.length }
  scanMessage(scan, { type, end: bytes.length, depth: 1 })
  return scan.weight
}

interface Scan {
  readonly bytes: Uint8Array
  at: number
  weight: number
}

function scanMessage(
  scan: Scan,
  { type, end, depth }: { type: DescMessage; end: number; depth: number },
): void {
  if (depth > DEPTH_MAX) throw tooLarge(`it nests more than ${DEPTH_MAX} levels`)
  const shape = shapeOf(type)
  while (scan.at < end) {
    const tag = readVarint(scan, end)
    const wireType = tag & 7
    const field = shape.get(tag >>> 3)
    scan.weight += field?.bytes ?? FIELD_BYTES
    const payloadEnd = skip(scan, wireType, end)
    if (field === undefined) {
      scan.at = payloadEnd
    } else if (field.message !== undefined && wireType === 2) {
      scanMessage(scan, { type: field.message, end: payloadEnd, depth: depth + 1 })
    } else if (field.packed !== undefined && wireType === 2) {
      addPacked(scan, field.packed, payloadEnd)
    } else if (wireType === field.wireType) {
      scan.at = payloadEnd
    } else {
      // The decoder reads a field by its declared type, whatever its wire type says.
      throw malformed()
    }
    if (scan.weight > WEIGHT_BYTES_MAX) throw tooLarge('it has too many elements')
  }
}

/** Where a field's payload ends. Of a length-delimited one, moves the scan to its first byte. */
function skip(scan: Scan, wireType: number, end: number): number {
  let payloadEnd: number
  if (wireType === 0) {
    payloadEnd = varintEnd(scan, end)
  } else if (wireType === 1) {
    payloadEnd = scan.at + 8
  } else if (wireType === 5) {
    payloadEnd = scan.at + 4
  } else if (wireType === 2) {
    const length = readVarint(scan, end)
    payloadEnd = scan.at + length
  } else {
    // Groups, which no message of the contract has.
    throw malformed()
  }
  if (payloadEnd > end) throw malformed()
  return payloadEnd
}

function addPacked(scan: Scan, wireType: WireType, end: number): void {
  if (wireType === 0) {
    for (let at = scan.at; at < end; at++)
      if (((scan.bytes[at] as number) & 0x80) === 0) scan.weight += FIELD_BYTES
  } else {
    scan.weight += ((end - scan.at) / (wireType === 1 ? 8 : 4)) * FIELD_BYTES
  }
  scan.at = end
}

/** The low 32 bits of a varint, which is what the decoder reads of tags and lengths. */
function readVarint(scan: Scan, end: number): number {
  let value = 0
  const last = varintEnd(scan, end)
  for (let shift = 0; scan.at < last; scan.at++, shift += 7) {
    if (shift < 32) value |= ((scan.bytes[scan.at] as number) & 0x7f) << shift
  }
  return value >>> 0
}

function varintEnd({ bytes, at }: Scan, end: number): number {
  for (let next = at; next < end && next < at + 10; next++) {
    if (((bytes[next] as number) & 0x80) === 0) return next + 1
  }
  throw malformed()
}

const shapes = new Map<DescMessage, Shape>()

function shapeOf(type: DescMessage): Shape {
  let shape = shapes.get(type)
  if (shape === undefined) {
    shape = new Map(type.fields.map((field) => [field.number, fieldShape(field)]))
    shapes.set(type, shape)
  }
  return shape
}

function fieldShape(field: DescField): FieldShape {
  if (field.fieldKind === 'map') {
    return { wireType: 2, packed: undefined, message: undefined, bytes: MAP_ENTRY_BYTES }
  }
  const { message, enum: enumType, scalar } = field
  if (message !== undefined) return { wireType: 2, packed: undefined, message, bytes: MESSAGE_BYTES }
  const wireType = enumType === undefined ? wireTypeOf(scalar as ScalarType) : 0
  const packed = field.fieldKind === 'list' && wireType !== 2 ? wireType : undefined
  return { wireType, packed, message: undefined, bytes: FIELD_BYTES }
}

function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 2
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return 5
    default:
      return 0
  }
}

function malformed(): Error {
  return new Error('the bytes are no message of this type')
}

function tooLarge(why: string): BillingError {
  return new BillingError('MESSAGE_TOO_LARGE', `the message is too large to decode: ${why}`)
}
