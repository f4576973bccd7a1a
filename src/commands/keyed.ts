import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { TollgateClient } from '../../clients/node/src/connect'
import { hasUnknownOutcome } from '../../clients/node/src/errors'
import { note } from './print'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

export interface KeyedOptions extends RemoteOptions {
  key?: string
}

/** The options of a command that must not take effect twice. */
export function withKeyedOptions(command: Command): Command {
  return withRemoteOptions(command).option(
    '--key <key>',
    'idempotency key: repeating the command with it has no further effect; default: a new one, which is printed',
  )
}

/** Calls a running server under an idempotency key. If the outcome is unknown, prints a command that repeats it safely. */
export async function askUnderKey(
  { key, ...options }: KeyedOptions,
  ask: (client: TollgateClient, idempotencyKey: string) => Promise<void>,
): Promise<void> {
  const idempotencyKey = key ?? `cli-${randomUUID()}`
  if (key === undefined) note(`key: ${idempotencyKey}`)
  let isUnknown = false
  try {
    await askServer(options, async (client) => {
      try {
        await ask(client, idempotencyKey)
      } catch (error) {
        isUnknown = hasUnknownOutcome(error)
        throw error
      }
    })
  } finally {
    if (isUnknown) {
      const again = repeated(process.argv.slice(2), idempotencyKey)
      note(`It may or may not have taken effect. This repeats it, at most once in all:\n  ${again}`)
    }
  }
}

/** The same command line with the key, quoted for a shell. A token is left out, so that it doesn't appear on a screen. */
function repeated(args: readonly string[], idempotencyKey: string): string {
  const kept = args.filter(
    (arg, at) => !/^--(token|key)(=|$)/.test(arg) && !(/^--(token|key)$/.test(args[at - 1] ?? '') && at > 0),
  )
  // What follows `--` (`grant ada -- -1`) is not an option.
  const end = kept.includes('--') ? kept.indexOf('--') : kept.length
  const again = ['tollgate', ...kept.slice(0, end), '--key', idempotencyKey, ...kept.slice(end)]
  return again.map(quoted).join(' ')
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
}
