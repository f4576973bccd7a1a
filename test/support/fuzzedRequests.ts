import { join } from 'node:path'
import { loadSync, type MessageTypeDefinition, type MethodDefinition } from '@grpc/proto-loader'
import { packageRoot } from '../../src/packageRoot'
import type { Randomness } from './randomness'

export type AnyMethod = MethodDefinition<object, object>

interface Field {
  name: string
  type: string
  label: string
  typeName: string
}

const types = loadSync(
  ['billing_service', 'admin_services', 'budget_service'].map((name) => `tollgate/billing/v1/${name}.proto`),
  { includeDirs: [join(packageRoot, 'proto')] },
)

const DEPTH_MAX = 4
const WHOLE = [
  '0',
  '1',
  '-1',
  '7',
  '1000',
  '1000000',
  '1000000000000',
  '9223372036854775807',
  '-9223372036854775808',
]
const NUMBERS = [0, 1, -1, 2, 100, 1_000, 2_147_483_647, -2_147_483_648]
const FORMATS = [
  'openai.chat',
  'openai.responses',
  'anthropic.messages',
  'gemini',
  'openrouter',
  'bedrock',
  'x',
]
const HALF_A_PAIR = '\\ud800'
const JSONS = [
  '{"usage":{"prompt_tokens":10,"completion_tokens":5}}',
  '{"usage":{"input_tokens":1e308,"output_tokens":-0.5}}',
  `{"usage":{"${HALF_A_PAIR}":1,"prompt_tokens":"${HALF_A_PAIR}"}}`,
  `{"data":[{"id":"${HALF_A_PAIR}","pricing":{"prompt":"${HALF_A_PAIR}","completion":"0"}}]}`,
  '{"data":[{"id":"a/b","pricing":{"prompt":"0.000001","completion":"0.000002"}}]}',
  '{"__proto__":{"usage":1},"constructor":{"prototype":1}}',
  '['.repeat(5_000),
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  '{"usage":{"prompt_tokens":1',
  'null',
]
const TEXTS = [
  ...[
    'ada',
    'bob',
    'm',
    'gpt-5',
    'openai',
    'k1',
    'k2',
    '',
    ' ',
    '\0',
    '\u200b',
    '😀',
    'é',
    '%',
    '%00',
    '../..',
  ],
  ...["'; drop table users; --", '$1', '{{1}}', 'x'.repeat(128), 'x'.repeat(200), '__proto__', 'constructor'],
  ...['12:00', '24:00', 'W10', 'WyJhZGEiXQ', 'NaN', `ch_${'0'.repeat(32)}`, `hd_${'0'.repeat(32)}`],
  ...FORMATS,
  ...JSONS,
]

/**
 * A request of a method: `good` with up to three fields changed, or made up to the contract. Some are then broken, and some
 * are only random bytes.
 */
export function fuzzedRequest(
  { requestType, requestSerialize }: AnyMethod,
  good: object,
  random: Randomness,
): Buffer {
  const kind = random.below(10)
  if (kind === 0) return random.bytes(random.below(300))
  const message = kind < 7 ? changed(good, requestType, random) : messageOf(requestType, random, 0)
  const bytes = serialised(requestSerialize, message) ?? random.bytes(random.below(50))
  return random.once(4) ? broken(bytes, random) : bytes
}

/** With one field changed, added or removed, at any depth. */
function changed(good: object, { type }: AnyMethod['requestType'], random: Randomness): object {
  const message = structuredClone(good) as Record<string, unknown>
  const { field } = type as { field: Field[] }
  for (let n = random.below(4); n > 0; n--) {
    const one = random.oneOf(field)
    const inside = one.label === 'LABEL_REPEATED' ? undefined : typeNamed(one.typeName)
    const there = message[one.name]
    if (random.once(6)) delete message[one.name]
    else if (inside !== undefined && typeof there === 'object' && there !== null)
      message[one.name] = changed(there, inside, random)
    else message[one.name] = valuesOf(one, random, 0)
  }
  return message
}

function serialised(serialize: AnyMethod['requestSerialize'], message: object): Buffer | undefined {
  try {
    return serialize(message)
  } catch {
    return undefined
  }
}

function messageOf(type: MessageTypeDefinition<object, object>, random: Randomness, depth: number): object {
  const { field } = type.type as { field: Field[] }
  const set = field.filter(() => !random.once(4))
  return Object.fromEntries(set.map((each) => [each.name, valuesOf(each, random, depth)]))
}

function valuesOf(field: Field, random: Randomness, depth: number): unknown {
  const one = () => oneValueOf(field, random, depth)
  if (field.label !== 'LABEL_REPEATED') return one()
  // A map is a repeated entry without a type of its own.
  if (field.type === 'TYPE_MESSAGE' && typeNamed(field.typeName) === undefined)
    return Object.fromEntries(several(random, () => [random.oneOf(TEXTS), random.oneOf(TEXTS)]))
  return several(random, one)
}

function several<T>(random: Randomness, make: () => T): T[] {
  return Array.from({ length: random.once(20) ? 50 : random.below(3) }, make)
}

function oneValueOf({ type, typeName }: Field, random: Randomness, depth: number): unknown {
  switch (type) {
    case 'TYPE_STRING':
      return random.oneOf(TEXTS)
    case 'TYPE_BYTES':
      return Buffer.from(random.oneOf(TEXTS))
    case 'TYPE_BOOL':
      return random.once(2)
    case 'TYPE_INT64':
    case 'TYPE_UINT64':
      return random.oneOf(WHOLE)
    case 'TYPE_ENUM':
      return random.once(5) ? random.oneOf(NUMBERS) : random.below(8)
    case 'TYPE_MESSAGE':
      return inner(typeName, random, depth)
    default:
      return random.oneOf(NUMBERS)
  }
}

function inner(typeName: string, random: Randomness, depth: number): object {
  const type = typeNamed(typeName)
  if (type === undefined) return { seconds: random.oneOf(WHOLE), nanos: random.oneOf(NUMBERS) }
  return depth === DEPTH_MAX ? {} : messageOf(type, random, depth + 1)
}

function typeNamed(name: string): MessageTypeDefinition<object, object> | undefined {
  return types[`tollgate.billing.v1.${name}`] as MessageTypeDefinition<object, object> | undefined
}

/** With bits flipped, and bytes removed, doubled or inserted. */
function broken(bytes: Buffer, random: Randomness): Buffer {
  const at = random.below(bytes.length + 1)
  switch (random.below(4)) {
    case 0: {
      const turned = Buffer.from(bytes)
      for (let n = 0; n <= random.below(8) && turned.length > 0; n++) {
        const place = random.below(turned.length)
        turned.writeUInt8(turned.readUInt8(place) ^ (1 << random.below(8)), place)
      }
      return turned
    }
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at)])
    default:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(20)), bytes.subarray(at)])
  }
}
