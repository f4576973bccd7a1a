import { Command } from 'commander'
import { readConfig } from '../../config/config'
import { publicIdOf } from '../../domain/ledger/ids'
import { formatUsd } from '../../domain/money'
import { realDisk } from '../../ledger/spool/disk'
import { type RecoveredSegment, recoverSegments } from '../../ledger/spool/recover'
import { note, print, printTable } from '../print'
import { existingDir } from './spoolDir'

export function spoolListCommand(): Command {
  return new Command('list')
    .description(
      'what waits on a disk; a server that uses it may run, and what it deducts meanwhile may be listed',
    )
    .option('--dir <folder>', 'the spool (default: spool in TOLLGATE_DATA_DIR)')
    .option('--json', 'one JSON object a line')
    .action(async ({ dir, json = false }: { dir?: string; json?: boolean }) => {
      await list(existingDir(dir ?? readConfig(process.env).deferral.spoolDir), json)
    })
}

async function list(dir: string, asJson: boolean): Promise<void> {
  const rows: string[][] = []
  for await (const segment of recoverSegments(realDisk, dir)) {
    if (asJson) for (const line of linesOf(segment)) print(line)
    else rows.push(...rowsOf(segment))
    for (const damage of segment.damage) note(`${segment.segment.name} is damaged: ${damage}`)
    if (segment.damage.length > 0) process.exitCode = 1
  }
  if (asJson) return
  if (rows.length === 0) print('nothing waits')
  else printTable(['accepted', 'user', 'charge', 'key', 'model', 'amount>'], rows)
}

function rowsOf({ entries }: RecoveredSegment): string[][] {
  return entries.map(({ deferred }) => [
    deferred.acceptedAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    deferred.userId,
    publicIdOf('ch', deferred.keyId),
    deferred.idempotencyKey,
    deferred.rated.reported.model,
    formatUsd(deferred.rated.amountNanousd),
  ])
}

function linesOf({ entries, segment }: RecoveredSegment): string[] {
  return entries.map(({ deferred }) =>
    JSON.stringify({
      acceptedAt: deferred.acceptedAt.toISOString(),
      userId: deferred.userId,
      chargeId: publicIdOf('ch', deferred.keyId),
      idempotencyKey: deferred.idempotencyKey,
      model: deferred.rated.reported.model,
      amountNanousd: String(deferred.rated.amountNanousd),
      isStream: deferred.stream !== undefined,
      segment: segment.name,
    }),
  )
}
