import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { grpcMessage } from '../../../bench/http2/frames'
import { protoRegistry } from '../../../src/rpc/server/protoRegistry'
import { services } from '../../../src/wire/definition'

const BYTES_MAX = 4 * 1024 * 1024 - 64

export interface HeavyRequest {
  path: string
  /** `/service/Method labels` */
  field: string
  body: Buffer
}

/** For every repeated or map field of every method, also of inner messages: as many elements as 4 MiB hold. */
export function* heavyRequests(): Generator<HeavyRequest> {
  for (const name of Object.keys(services)) {
    for (const method of protoRegistry.getService(name)?.methods ?? []) {
      const path = `/${name}/${method.name}`
      for (const { field, bytes } of heavyMessages(method.input, []))
        yield { path, field: `${path} ${field}`, body: grpcMessage(bytes) }
    }
  }
}

function* heavyMessages(
  type: DescMessage,
  parents: readonly DescField[],
): Generator<{ field: string; bytes: Buffer }> {
  for (const field of type.fields) {
    if (field.fieldKind === 'map' || field.fieldKind === 'list') {
      const elements = manyElements(field)
      const bytes = parents.reduceRight((inner, parent) => within(parent, inner), elements)
      yield { field: [...parents, field].map(({ name }) => name).join('.'), bytes }
    }
    const { message } = field
    if (message !== undefined && field.fieldKind !== 'map' && parents.length < 4)
      yield* heavyMessages(message, [...parents, field])
  }
}

/** Two bytes for each element; one where numbers are packed. */
function manyElements(field: DescField): Buffer {
  const isPacked = field.fieldKind === 'list' && field.message === undefined && field.packed
  if (isPacked) return within(field, Buffer.alloc(BYTES_MAX, 1))
  const element = within(field, Buffer.alloc(0))
  return Buffer.alloc(Math.floor(BYTES_MAX / element.length) * element.length, element)
}

function within({ number }: DescField, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}
