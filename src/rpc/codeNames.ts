import { status } from '@grpc/grpc-js'

/** As go-grpc-middleware spells them, which is what dashboards look for. */
const NAMES = Object.fromEntries(
  Object.values(status)
    .filter((code) => typeof code === 'number')
    .map((code) => [code, nameOf(code)]),
)

export function codeNameOf(code: status): string {
  return NAMES[code] ?? 'Unknown'
}

function nameOf(code: status): string {
  if (code === status.OK) return 'OK'
  if (code === status.CANCELLED) return 'Canceled'
  return status[code].replace(
    /_?([A-Z])([A-Z]*)/g,
    (_, first: string, rest: string) => first + rest.toLowerCase(),
  )
}
