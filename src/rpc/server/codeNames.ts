import { type Deadline, status } from '@grpc/grpc-js'

/** As go-grpc-middleware spells them, which is what dashboards look for. */
const NAMES = Object.fromEntries(
  Object.values(status)
    .filter((code) => typeof code === 'number')
    .map((code) => [code, nameOf(code)]),
)

export function codeNameOf(code: status): string {
  return NAMES[code] ?? 'Unknown'
}

// A client counts from when it sent the call, and is the first to give up.
const EARLIER_MS_MAX = 100

/** What a call counts as that was cut short: by its deadline, whichever side was the first to say so, or by its client. */
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
