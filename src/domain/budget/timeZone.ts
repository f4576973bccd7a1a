import { invalidField } from '../errors'

const SECOND_MS = 1_000
/** Far more zones than there are, unless a client varies the case of their names. */
const ZONES_KEPT_MAX = 1_000
const UTC_NAMES = new Set(
  ['UTC', 'Etc/UTC', 'UCT', 'Etc/UCT', 'GMT', 'Etc/GMT', 'GMT0', 'Etc/GMT0', 'Zulu', 'Etc/Zulu'].map((name) =>
    name.toLowerCase(),
  ),
)

/** Making one takes 50 µs, and using it one. */
const formatters = new Map<string, Intl.DateTimeFormat>()

/**
 * The name under which a budget keeps its time zone: an empty name is UTC, and the case of letters is
 * that of the tz database. An alias stays as it is, because which of two names is the alias differs
 * between releases of the tz database, and another name would restart the budget.
 */
export function canonicalTimeZone(name: string, field: string): string {
  if (name === '' || UTC_NAMES.has(name.toLowerCase())) return 'UTC'
  const resolved = resolvedTimeZone(name)
  if (resolved === undefined) {
    throw invalidField(field, 'must be a time zone of the IANA database, such as Europe/Berlin')
  }
  return resolved.toLowerCase() === name.toLowerCase() ? resolved : name
}

/** Undefined if there is no zone of this name. Offsets such as +01:00 have no rules, so they are no zones. */
function resolvedTimeZone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    return formatterOf(name).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
export function offsetMsAt(timeZone: string, instantMs: number): number {
  if (timeZone === 'UTC') return 0
  const text = formatterOf(timeZone).format(instantMs)
  // Ends in `GMT+05:45`, in `GMT-00:44:30` where a zone counted seconds, and in `GMT` at no offset.
  const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text)
  if (found === null) throw new Error(`the offset of ${timeZone} can't be read from ${text}`)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = found
  const offsetMs = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS
  return sign === '-' ? -offsetMs : offsetMs
}

/**
 * The first instant in (fromMs, toMs] at which the zone's offset is no longer that of `fromMs`. The
 * caller has seen that the offsets of both differ; they lie so close that it changes once.
 */
export function offsetChangeBetween(
  timeZone: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): number {
  const offsetMs = offsetMsAt(timeZone, fromMs)
  // Offsets change at whole seconds.
  let before = Math.floor(fromMs / SECOND_MS)
  let after = Math.ceil(toMs / SECOND_MS)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetMsAt(timeZone, middle * SECOND_MS) === offsetMs) before = middle
    else after = middle
  }
  return after * SECOND_MS
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known !== undefined) return known
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    timeZoneName: 'longOffset',
    hour: 'numeric',
  })
  if (formatters.size >= ZONES_KEPT_MAX) formatters.clear()
  formatters.set(timeZone, formatter)
  return formatter
}
