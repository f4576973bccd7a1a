import fc from 'fast-check'
import type * as Polyfill from 'temporal-polyfill' with { 'resolution-mode': 'import' }
import {
  type BudgetPeriod,
  type BudgetWindow,
  type WindowSpan,
  windowAt,
} from '../../../src/domain/budget/window'
import { WindowCache } from '../../../src/domain/budget/windowCache'

// The compiler takes it for an ES module that can't be required; jest.config.js has it compiled.
const { Temporal }: typeof Polyfill = require('temporal-polyfill')

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/St_Johns',
  // Midnight is skipped in spring and shown twice in autumn.
  'America/Havana',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  // Leaves its ordinary time for Ramadan.
  'Africa/Casablanca',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  // Changes by half an hour.
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Etc/GMT+12',
]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const FIRST = Temporal.PlainDate.from('2025-01-01')
const LAST = Temporal.PlainDate.from('2026-12-31')

const definition = (timeZone: string, period: BudgetPeriod, startsOn = 1): BudgetWindow => ({
  period,
  timeZone,
  weekStartsOn: period === 'week' ? startsOn : 1,
  monthStartsOn: period === 'month' ? startsOn : 1,
})

const definitionsOf = (timeZone: string): BudgetWindow[] => [
  definition(timeZone, 'hour'),
  definition(timeZone, 'day'),
  ...[1, 3, 7].map((weekday) => definition(timeZone, 'week', weekday)),
  ...[1, 15, 29, 31].map((day) => definition(timeZone, 'month', day)),
]

/** The starts of all windows in the two years and a month around them, from the library's calendar. */
function startsOf(window: BudgetWindow): number[] {
  if (window.period === 'hour') return startsOfHours(window.timeZone)
  const starts = new Set<number>()
  const first = FIRST.subtract({ days: 40 })
  const last = LAST.add({ days: 40 })
  for (let date = first; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    if (startsOn(window, date)) {
      starts.add(date.toZonedDateTime({ timeZone: window.timeZone }).epochMilliseconds)
    }
  }
  return [...starts].sort((a, b) => a - b)
}

function startsOn(
  { period, weekStartsOn, monthStartsOn }: BudgetWindow,
  date: Polyfill.Temporal.PlainDate,
): boolean {
  if (period === 'week') return date.dayOfWeek === weekStartsOn
  if (period === 'month') return date.equals(date.with({ day: monthStartsOn }, { overflow: 'constrain' }))
  return true
}

/** Full hours of the local clock, and the changes of the clock. */
function startsOfHours(timeZone: string): number[] {
  const first = FIRST.subtract({ days: 40 }).toZonedDateTime(timeZone).epochMilliseconds
  const last = LAST.add({ days: 40 }).toZonedDateTime(timeZone).epochMilliseconds
  const ends = [...changesOf(timeZone), last]
  return ends.flatMap((end, index) => {
    const start = ends[index - 1] ?? first
    const local = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone)
    const starts = [start]
    for (let ms = start + (60 - local.minute) * MINUTE_MS; ms < end; ms += HOUR_MS) starts.push(ms)
    return starts
  })
}

function changesOf(timeZone: string): number[] {
  const changes: number[] = []
  let at = FIRST.toZonedDateTime(timeZone).getTimeZoneTransition('next')
  while (at !== null && Temporal.PlainDate.compare(at.toPlainDate(), LAST) <= 0) {
    changes.push(at.epochMilliseconds)
    at = at.getTimeZoneTransition('next')
  }
  return changes
}

/** Instants spread over the two years, and many around each change of the clock. */
function instantsOf(timeZone: string): number[] {
  const first = FIRST.toZonedDateTime('UTC').epochMilliseconds
  const last = LAST.toZonedDateTime('UTC').epochMilliseconds
  const instants: number[] = []
  for (let ms = first; ms < last; ms += 11 * HOUR_MS + 7 * MINUTE_MS) instants.push(ms)
  for (const change of changesOf(timeZone)) {
    for (let minutes = -26 * 60; minutes <= 26 * 60; minutes += 30) {
      instants.push(change + minutes * MINUTE_MS - 1, change + minutes * MINUTE_MS)
    }
  }
  return instants
}

function indexOfLast(starts: readonly number[], atMs: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= atMs) low = middle
    else high = middle
  }
  return low
}

const inMs = ({ from, to }: WindowSpan) => [from.getTime(), to?.getTime()]
const text = ({ from, to }: WindowSpan) => [from.toISOString(), to?.toISOString()]

describe('over two years, a window is that of the calendar of temporal-polyfill', () => {
  test.each(ZONES)('%s', (timeZone) => {
    const instants = instantsOf(timeZone)
    const wrong = definitionsOf(timeZone).flatMap((window) => {
      const starts = startsOf(window)
      return instants.flatMap((atMs) => {
        const index = indexOfLast(starts, atMs)
        const [from, to] = inMs(windowAt(window, new Date(atMs)))
        return from === starts[index] && to === starts[index + 1]
          ? []
          : [{ window, at: new Date(atMs), from, to }]
      })
    })
    expect(wrong).toEqual([])
  })
})

describe('single windows', () => {
  test.each([
    [
      'hour',
      'Asia/Kathmandu',
      '2026-05-05T10:20:00Z',
      '2026-05-05T10:15:00.000Z',
      '2026-05-05T11:15:00.000Z',
    ],
    // The clock shows 02:00 to 03:00 twice.
    ['hour', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z'],
    // At 02:00 the clock goes back to 01:30, and at 02:00 in spring it jumps to 02:30.
    [
      'hour',
      'Australia/Lord_Howe',
      '2026-04-04T15:10:00Z',
      '2026-04-04T15:00:00.000Z',
      '2026-04-04T15:30:00.000Z',
    ],
    [
      'hour',
      'Australia/Lord_Howe',
      '2026-10-03T15:40:00Z',
      '2026-10-03T15:30:00.000Z',
      '2026-10-03T16:00:00.000Z',
    ],
    ['day', 'UTC', '2026-11-30T23:59:59.999Z', '2026-11-30T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['day', 'Asia/Tokyo', '2026-11-30T14:59:59Z', '2026-11-29T15:00:00.000Z', '2026-11-30T15:00:00.000Z'],
    [
      'day',
      'Pacific/Kiritimati',
      '2026-11-30T09:59:59Z',
      '2026-11-29T10:00:00.000Z',
      '2026-11-30T10:00:00.000Z',
    ],
    [
      'day',
      'Pacific/Pago_Pago',
      '2026-11-30T10:59:59Z',
      '2026-11-29T11:00:00.000Z',
      '2026-11-30T11:00:00.000Z',
    ],
    // The day starts at 01:00.
    ['day', 'America/Havana', '2026-03-08T05:00:00Z', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    // At midnight the clock goes back to 23:00 of the day before.
    [
      'day',
      'America/Santiago',
      '2026-04-05T03:30:00Z',
      '2026-04-04T03:00:00.000Z',
      '2026-04-05T04:00:00.000Z',
    ],
    // At 00:01 the clock goes back to 23:01: the new day has begun, and stays.
    [
      'day',
      'America/St_Johns',
      '2010-11-07T02:45:00Z',
      '2010-11-07T02:30:00.000Z',
      '2010-11-08T03:30:00.000Z',
    ],
    // Samoa had no 30 December 2011.
    ['day', 'Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
    // Liberia was 44 minutes and 30 seconds behind UTC.
    [
      'day',
      'Africa/Monrovia',
      '1971-06-01T12:00:00Z',
      '1971-06-01T00:44:30.000Z',
      '1971-06-02T00:44:30.000Z',
    ],
    ['week', 'UTC', '2026-11-29T23:59:59Z', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    ['week', 'UTC', '2026-11-30T00:00:00Z', '2026-11-30T00:00:00.000Z', '2026-12-07T00:00:00.000Z'],
    ['month', 'UTC', '2024-02-29T12:00:00Z', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    [
      'month',
      'America/New_York',
      '2026-12-01T04:59:59Z',
      '2026-11-01T04:00:00.000Z',
      '2026-12-01T05:00:00.000Z',
    ],
  ] as const)('the %s in %s at %s', (period, timeZone, at, from, to) => {
    expect(text(windowAt(definition(timeZone, period), new Date(at)))).toEqual([from, to])
  })

  test.each([
    ['2026-02-27T23:59:59Z', '2026-01-31', '2026-02-28'],
    ['2026-02-28T00:00:00Z', '2026-02-28', '2026-03-31'],
    ['2028-02-29T00:00:00Z', '2028-02-29', '2028-03-31'],
    ['2026-04-30T00:00:00Z', '2026-04-30', '2026-05-31'],
    ['2027-01-01T00:00:00Z', '2026-12-31', '2027-01-31'],
  ])('a month that starts on the 31st, at %s', (at, from, to) => {
    const span = windowAt(definition('UTC', 'month', 31), new Date(at))
    expect(text(span)).toEqual([`${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`])
  })

  test.each([
    [7, '2026-11-29', '2026-12-06'],
    [1, '2026-11-30', '2026-12-07'],
    [2, '2026-11-24', '2026-12-01'],
  ])('a week that starts on weekday %i, on a Monday', (startsOn, from, to) => {
    const span = windowAt(definition('UTC', 'week', startsOn), new Date('2026-11-30T12:00:00Z'))
    expect(text(span)).toEqual([`${from}T00:00:00.000Z`, `${to}T00:00:00.000Z`])
  })

  test('a lifetime has one window, without an end', () => {
    const at = new Date('2026-11-30T12:00:00Z')
    expect(windowAt(definition('UTC', 'lifetime'), at)).toEqual({ from: new Date(0), to: undefined })
  })
})

const windows = fc.record({
  period: fc.constantFrom<BudgetPeriod[]>('hour', 'day', 'week', 'month'),
  timeZone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  weekStartsOn: fc.integer({ min: 1, max: 7 }),
  monthStartsOn: fc.integer({ min: 1, max: 31 }),
})
const instants = fc.date({
  min: new Date('1975-01-01T00:00:00Z'),
  max: new Date('2060-01-01T00:00:00Z'),
  noInvalidDate: true,
})

describe('in every zone, between 1975 and 2060', () => {
  test('a window contains its instant, and is the window of all its instants', () => {
    fc.assert(
      fc.property(windows, instants, fc.double({ min: 0, max: 1, noNaN: true }), (window, at, part) => {
        const span = windowAt(window, at)
        const [from, to] = inMs(span) as [number, number]
        expect(from).toBeLessThanOrEqual(at.getTime())
        expect(to).toBeGreaterThan(at.getTime())
        const inside = [from, to - 1, Math.floor(from + (to - 1 - from) * part)]
        for (const ms of inside) expect(windowAt(window, new Date(ms))).toEqual(span)
      }),
      { numRuns: 2_000 },
    )
  })

  test('windows tile time: each starts where the one before ends', () => {
    fc.assert(
      fc.property(windows, instants, (window, at) => {
        const { from, to } = windowAt(window, at)
        expect(windowAt(window, to as Date).from).toEqual(to)
        expect(windowAt(window, new Date(from.getTime() - 1)).to).toEqual(from)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the cache answers as the function does', () => {
    const cache = new WindowCache()
    fc.assert(
      fc.property(windows, instants, (window, at) => {
        const to = windowAt(window, at).to as Date
        for (const asked of [at, at, to, at]) expect(cache.at(window, asked)).toEqual(windowAt(window, asked))
      }),
      { numRuns: 1_000 },
    )
  })
})

test('the cache answers a lifetime', () => {
  const cache = new WindowCache()
  const at = new Date('2026-11-30T12:00:00Z')
  for (const _ of [1, 2]) expect(cache.at(definition('UTC', 'lifetime'), at).to).toBeUndefined()
})
