import { NO_SERVING } from '../../../src/domain/ledger/serving'
import { decodeEntry, encodeEntry } from '../../../src/ledger/spool/entryCodec'
import {
  FORMAT_VERSION,
  frameOf,
  HEADER,
  type Scan,
  scanSegment,
  UnknownFormat,
} from '../../../src/ledger/spool/frames'
import { aDeferredCharge } from '../../support/spools'

const PAYLOADS = ['first', 'second', 'third'].map((key) => encodeEntry(aDeferredCharge('ada', key)))
const FRAMES = PAYLOADS.map(frameOf)
const SEGMENT = Buffer.concat([HEADER, ...FRAMES])
/** Where each frame begins, and where the last ends. */
const BOUNDS = [0, 1, 2, 3].map((count) => Buffer.concat([HEADER, ...FRAMES.slice(0, count)]).length)

/** Which of the three were read, in their order. */
function readOf({ frames }: Scan): number[] {
  return frames.map(({ payload }) => PAYLOADS.findIndex((each) => each.equals(payload)))
}

test('a segment cut off at any byte gives every frame before the cut, and no damage', () => {
  const wrong: unknown[] = []
  for (let end = 0; end <= SEGMENT.length; end++) {
    const scan = scanSegment(SEGMENT.subarray(0, end))
    const whole = BOUNDS.filter((bound) => bound > HEADER.length && bound <= end).length
    const tornBytes = end < HEADER.length ? end : end - (BOUNDS[whole] ?? 0)
    if (
      scan.damaged.length > 0 ||
      scan.tornBytes !== tornBytes ||
      readOf(scan).join() !== [0, 1, 2].slice(0, whole).join()
    )
      wrong.push([end, readOf(scan), scan.damaged])
  }
  expect(wrong.slice(0, 3)).toEqual([])
})

test('one wrong byte, wherever it is, is noticed, and costs no other frame', () => {
  const wrong: unknown[] = []
  for (let at = 0; at < SEGMENT.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const bytes = Buffer.from(SEGMENT)
      bytes[at] = (bytes[at] ?? 0) ^ flip
      const scan = scanSegment(bytes)
      const hit = BOUNDS.findIndex((bound) => at < bound) - 1
      const others = [0, 1, 2].filter((index) => index !== hit)
      if (scan.damaged.length + scan.tornBytes === 0 || readOf(scan).join() !== others.join())
        wrong.push([at, readOf(scan), scan.damaged])
    }
  }
  expect(wrong.slice(0, 3)).toEqual([])
})

test('a stretch of zeros, as a file system leaves one, costs only what it covers', () => {
  const bytes = Buffer.from(SEGMENT).fill(0, (BOUNDS[0] ?? 0) + 10, (BOUNDS[1] ?? 0) + 10)
  expect(scanSegment(bytes).frames.map(({ payload }) => payload)).toEqual([PAYLOADS[2]])
  expect(scanSegment(bytes).damaged).toEqual([
    { offset: BOUNDS[0], length: (BOUNDS[2] ?? 0) - (BOUNDS[0] ?? 0) },
  ])
})

test('a later version is not guessed at', () => {
  const later = Buffer.concat([
    HEADER.subarray(0, -1),
    Buffer.from([FORMAT_VERSION + 1]),
    Buffer.from('whatever'),
  ])
  expect(() => scanSegment(later)).toThrow(UnknownFormat)
})

test('an entry comes back as it was, and one that lacks anything does not', () => {
  const { requests: _, ...usage } = aDeferredCharge('ada', 'key').rated.usage
  const deferred = aDeferredCharge('ada', 'key', 10n ** 15n)
  const stream = {
    ...deferred,
    rated: { ...deferred.rated, usage: { ...usage, requests: 0n } },
    stream: { end: 'cancelled' as const },
  }
  expect(decodeEntry(encodeEntry(deferred))).toEqual(deferred)
  expect(decodeEntry(encodeEntry(stream))).toEqual(stream)
  const stated = { reportedNanousd: 12n, source: 'invoice', ratedAmountNanousd: 13n }
  for (const reportedCost of [stated, { reportedNanousd: 12n, source: '' }]) {
    const rated = { ...deferred.rated, serving: { ...NO_SERVING, reportedCost } }
    expect(decodeEntry(encodeEntry({ ...deferred, rated }))).toEqual({ ...deferred, rated })
  }
  for (const field of Object.keys(deferred)) {
    expect(() => decodeEntry(encodeEntry({ ...deferred, [field]: undefined }))).toThrow()
  }
  expect(() => decodeEntry(encodeEntry({ ...deferred, later: 1 } as never))).toThrow()
})
