import { type Deadline, status } from '@grpc/grpc-js'

/** Status names as go-grpc-middleware spells them: common dashboards query for these. */
const NAMES = Object.fromEntries(
  Object.values(status)
    .filter((code) => typeof code === 'number')
    .map((code) => [code, nameOf(code)]),
)

export function codeNameOf(code: status): string {
  return NAMES[code] ?? 'Unknown'
}

// The client counts from when it sent the call, so its deadline passes first.
const EARLIER_MS_MAX = 100

/** The status of a call that was cut short: by its deadline, on whichever side it passed first, or by its client. */
export function cutCodeOf(call: { getDeadline(): Deadline }): status {
  const isLate = Date.now() + EARLIER_MS_MAX >= Number(call.getDeadline())
  return isLate ? status.DEADLINE_EXCEEDED : status.CANCELLED
}

function nameOf(code: status): string {
  if (code === status.OK) return 'OK'
  if (code === status.CANCELLED) return 'Canceled'
  return status[code].replace(
    /_?([A-Z])([A-Z]*)/g,
    (_, first: string, rest: string) => first + rest.toLowerCase(),
  )
}
