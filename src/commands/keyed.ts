import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { TollgateClient } from '../../clients/node/src/connect'
import { hasUnknownOutcome } from '../../clients/node/src/errors'
import { note } from './print'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

export interface KeyedOptions extends RemoteOptions {
  key?: string
}

/** For what must not happen twice. */
export function withKeyedOptions(command: Command): Command {
  return withRemoteOptions(command).option(
    '--key <key>',
    'idempotency key: the same again under it does nothing more; without it, one is made and shown',
  )
}

/** Asks a running server under a key. Where it can't be known whether it happened, says how to ask again safely. */
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
      note(`It may have happened or not. This asks again, and does it once at most:\n  ${again}`)
    }
  }
}

/** The same command line with the key, for a shell. A token is not repeated: it has no business on a screen. */
function repeated(args: readonly string[], idempotencyKey: string): string {
  const kept = args.filter(
    (arg, at) => !/^--(token|key)(=|$)/.test(arg) && !(/^--(token|key)$/.test(args[at - 1] ?? '') && at > 0),
  )
  // What stands behind a `--` (`grant ada -- -1`) is no option any more.
  const end = kept.includes('--') ? kept.indexOf('--') : kept.length
  const again = ['tollgate', ...kept.slice(0, end), '--key', idempotencyKey, ...kept.slice(end)]
  return again.map(quoted).join(' ')
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
}
