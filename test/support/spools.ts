import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeferredCharge } from '../../src/domain/ledger/deferred'
import { realDisk } from '../../src/ledger/spool/disk'
import { Spool, type SpoolSettings } from '../../src/ledger/spool/spool'
import { aCharge, USD } from './postings'

export function aDeferredCharge(
  userId: string,
  idempotencyKey: string,
  amountNanousd = 1_000n,
): DeferredCharge {
  const { keyId, requestHash, rated } = aCharge(userId, idempotencyKey, amountNanousd)
  const acceptedAt = new Date('2026-03-01T12:00:00.123Z')
  return { userId, keyId, idempotencyKey, requestHash, rated, acceptedAt, uncoveredNanousd: amountNanousd }
}

/** A folder of the test's own. */
export function spoolDir(): { dir: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'spool-test-'))
  return { dir: join(folder, 'spool'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export function openSpool(dir: string, settings: Partial<SpoolSettings> = {}): Promise<Spool> {
  return Spool.open({ disk: realDisk, dir, bytesMax: 1 << 20, userNanousdMax: 1_000n * USD, ...settings })
}

/** The keys of all waiting entries. */
export function keysIn(spool: Spool): Promise<string[]> {
  return Promise.all(
    spool
      .due(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
      .map(async (waiting) => (await spool.read(waiting)).idempotencyKey),
  )
}
