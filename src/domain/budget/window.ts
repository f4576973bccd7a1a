import { unreachable } from '../errors'
import { offsetChangeBetween, offsetMsAt } from './timeZone'

export type BudgetPeriod = 'hour' | 'day' | 'week' | 'month' | 'lifetime'

export interface BudgetWindow {
  period: BudgetPeriod
  /** As `canonicalTimeZone` returns it. */
  timeZone: string
  /** 1 = Monday to 7 = Sunday. Only a week looks at it. */
  weekStartsOn: number
  /** 1 to 31. A shorter month starts on its last day. Only a month looks at it. */
  monthStartsOn: number
}

/** From the first instant, up to and without the second. */
export interface WindowSpan {
  from: Date
  /** Undefined if the window never ends. */
  to: Date | undefined
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** No clock has ever been further from UTC: Manila was 15:56 behind. */
const OFFSET_MS_MAX = 16 * HOUR_MS
/** 1970-01-01 was a Thursday: this many days after a Monday. */
const EPOCH_WEEKDAY = 3

/**
 * The window that an instant belongs to. Windows tile time: each starts where the one before ends.
 *
 * - A day starts at the first instant of its local date, also where the clock skips midnight or shows
 *   it twice. Weeks and months start with their first day.
 * - An hour is an hour of the local clock. A change of the clock ends it early: an hour that the clock
 *   shows twice is two windows, and a part of an hour is a window of its own.
 */
export function windowAt(window: BudgetWindow, instant: Date): WindowSpan {
  switch (window.period) {
    case 'hour':
      return hourAt(window.timeZone, instant.getTime())
    case 'day':
    case 'week':
    case 'month':
      return daysAt(window, instant.getTime())
    case 'lifetime':
      return { from: new Date(0), to: undefined }
    default:
      return unreachable(window.period)
  }
}

function hourAt(timeZone: string, atMs: number): WindowSpan {
  const offsetMs = offsetMsAt(timeZone, atMs)
  const fromMs = Math.floor((atMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs
  const toMs = fromMs + HOUR_MS
  const from =
    offsetMsAt(timeZone, fromMs) === offsetMs ? fromMs : offsetChangeBetween(timeZone, { fromMs, toMs: atMs })
  // The last instant before the end: an offset that changes at the end itself cuts nothing off.
  const to =
    offsetMsAt(timeZone, toMs - 1) === offsetMs
      ? toMs
      : offsetChangeBetween(timeZone, { fromMs: atMs, toMs: toMs - 1 })
  return { from: new Date(from), to: new Date(to) }
}

/** A local date, as days since 1970-01-01. */
type LocalDay = number

function daysAt(window: BudgetWindow, atMs: number): WindowSpan {
  const day = Math.floor((atMs + offsetMsAt(window.timeZone, atMs)) / DAY_MS)
  let first = firstDayOf(window, day)
  let next = dayAfter(window, first)
  let toMs = startOfDay(window.timeZone, next)
  // Where the clock goes back over midnight, it shows the evening before again in the new day.
  while (toMs <= atMs) {
    first = next
    next = dayAfter(window, first)
    toMs = startOfDay(window.timeZone, next)
  }
  return { from: new Date(startOfDay(window.timeZone, first)), to: new Date(toMs) }
}

/** The first day of the period that a day belongs to. */
function firstDayOf({ period, weekStartsOn, monthStartsOn }: BudgetWindow, day: LocalDay): LocalDay {
  if (period === 'week') return day - modulo(day + EPOCH_WEEKDAY - (weekStartsOn - 1), 7)
  if (period === 'month') {
    const first = startOfMonth(monthOf(day), monthStartsOn)
    return first <= day ? first : startOfMonth(monthOf(day) - 1, monthStartsOn)
  }
  return day
}

/** The first day of the period after the one that starts on `first`. */
function dayAfter({ period, monthStartsOn }: BudgetWindow, first: LocalDay): LocalDay {
  if (period === 'week') return first + 7
  if (period === 'month') return startOfMonth(monthOf(first) + 1, monthStartsOn)
  return first + 1
}

/** Months since January 1970. */
function monthOf(day: LocalDay): number {
  const date = new Date(day * DAY_MS)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

function startOfMonth(month: number, startsOn: number): LocalDay {
  const firstOfMonth = Date.UTC(1970, month) / DAY_MS
  const firstOfNext = Date.UTC(1970, month + 1) / DAY_MS
  return Math.min(firstOfMonth + startsOn, firstOfNext) - 1
}

/** The first instant whose local date is this day, or a later one if the zone skips the day. */
function startOfDay(timeZone: string, day: LocalDay): number {
  const midnightMs = day * DAY_MS
  const earlyMs = midnightMs - OFFSET_MS_MAX
  const lateMs = midnightMs + OFFSET_MS_MAX
  const before = offsetMsAt(timeZone, earlyMs)
  const after = offsetMsAt(timeZone, lateMs)
  if (before === after) return midnightMs - before
  const changeMs = offsetChangeBetween(timeZone, { fromMs: earlyMs, toMs: lateMs })
  // Midnight comes before the change, or is skipped by it, or comes after it.
  return midnightMs - before < changeMs ? midnightMs - before : Math.max(changeMs, midnightMs - after)
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
