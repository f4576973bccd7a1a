import type { DescMessage } from '@bufbuild/protobuf'
import { WEIGHT_BYTES_MAX, weightOf } from '../../../src/rpc/server/messageWeight'
import { protoRegistry } from '../../../src/rpc/server/protoRegistry'
import { services } from '../../../src/wire/definition'

const BATCH = messageType('BatchChargeUsageRequest')
const CHARGE = messageType('ChargeUsageRequest')
const ENTRIES = messageType('ListLedgerEntriesRequest')

function messageType(name: string): DescMessage {
  return protoRegistry.getMessage(`tollgate.billing.v1.${name}`) as DescMessage
}

test('a batch of 1,000 full charges is light enough', () => {
  const { requestSerialize } = services['tollgate.billing.v1.BillingService'].BatchChargeUsage
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`label-${n}`, 'x'.repeat(64)]))
  const usage = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, audioInputTokens: 4, requests: 5 }
  const charge = { idempotencyKey: 'k'.repeat(128), userId: 'u'.repeat(128), model: 'm', usage, labels }
  const bytes = requestSerialize({ requests: Array.from({ length: 1_000 }, () => charge) })
  expect(weightOf(bytes, BATCH)).toBeLessThan(WEIGHT_BYTES_MAX / 1.5)
})

const repeated = (bytes: number[], count: number) =>
  Buffer.concat(Array.from({ length: count }, () => Buffer.from(bytes)))

test.each([
  ['2 million empty elements', BATCH, repeated([0x0a, 0], 2_000_000)],
  // Field 10 of a charge: labels.
  ['map entries', CHARGE, repeated([(fieldNumber(CHARGE, 'labels') << 3) | 2, 0], 200_000)],
  ['packed enums', ENTRIES, packed(fieldNumber(ENTRIES, 'kinds'), 1_000_000)],
  ['unknown fields', CHARGE, repeated([0xf8, 0x01, 0], 1_000_000)],
])('%s are too many', (_, type, bytes) => {
  expect(() => weightOf(bytes, type)).toThrow(expect.objectContaining({ reason: 'MESSAGE_TOO_LARGE' }))
})

test.each([
  ['a group', [0x0b, 0x0c]],
  ['a length beyond the end', [0x0a, 5, 0]],
  ['a varint without end', [0x08, 0xff, 0xff]],
  // The decoder would take the number for a length, and decode what follows.
  ['a message field with a number', [0x08, 2, 0x0a, 0]],
])('%s is malformed', (_, bytes) => {
  expect(() => weightOf(Buffer.from(bytes), BATCH)).toThrow('no message of this type')
})

function fieldNumber(type: DescMessage, name: string): number {
  return type.fields.find((field) => field.name === name)?.number ?? Number.NaN
}

function packed(number: number, count: number): Buffer {
  const head = Buffer.from([
    (number << 3) | 2,
    (count & 0x7f) | 0x80,
    ((count >> 7) & 0x7f) | 0x80,
    count >> 14,
  ])
  return Buffer.concat([head, Buffer.alloc(count, 1)])
}
