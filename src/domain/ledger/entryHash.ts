import { hash } from 'node:crypto'
import { moveToJson } from '../budget/counter'
import { usageParts } from '../usage/usage'
import type { ChargeDetail } from './charge'
import type { LedgerEntry } from './entry'
import { servingToJson } from './serving'

/** What the first entry's hash is chained to: SHA-256 of nothing but the user's id. */
export function genesisHashOf(userId: string): Buffer {
  return hash('sha256', `tollgate user\n${userId}`, 'buffer')
}

/** What is hashed with an entry: the hash of the request that its key stands for, and that of the entry before it. */
interface Chained {
  requestHash: Buffer
  previousHash: Buffer
}

/**
 * SHA-256 over an entry, its request and the hash of the one before it: the request's hash in hex and the fields below in this
 * order, each as `<bytes>:<text>` (absent: `-`), so that no two entries share an encoding; then the previous hash. Each version of
 * the encoding has another first line, and adds its fields at the end:
 *
 * - 2 has the request's hash.
 * - 3 has how a call was served.
 * - 4 has who asked for the entry, and what it moved in budgets' counters; and of every charge how it was served, also where
 *   nothing is known of that.
 *
 * An entry has the first version that has all its fields, so that the hash of an old entry stays as it is.
 */
export function entryHashOf(
  entry: Omit<LedgerEntry, 'hash'>,
  { requestHash, previousHash }: Chained,
): Buffer {
  const version = versionOf(entry)
  const encoded = plain(requestHash.toString('hex')) + encodeEntry(entry) + laterFields(entry, version)
  return sha256(`tollgate entry ${version}\n${encoded}`, previousHash)
}

function versionOf({ charge, actor, counterMoves }: Omit<LedgerEntry, 'hash'>): 2 | 3 | 4 {
  if (actor !== undefined || counterMoves !== undefined) return 4
  return charge?.serving === undefined ? 2 : 3
}

/** What versions after 2 add. An absent field has a mark, so that it can't be taken for another. */
function laterFields({ charge, actor, counterMoves }: Omit<LedgerEntry, 'hash'>, version: 2 | 3 | 4): string {
  if (version === 2) return ''
  const serving = charge?.serving && JSON.stringify(servingToJson(charge.serving))
  const served = charge === undefined ? '' : text(serving)
  if (version === 3) return served
  return served + text(actor) + text(counterMoves && JSON.stringify(counterMoves.map(moveToJson)))
}

/** Whether an entry is what was hashed, in any version of the encoding. Version 1 was without the request, and had the fields of version 2. */
export function hashFits(entry: LedgerEntry, chained: Chained): boolean {
  return (
    entryHashOf(entry, chained).equals(entry.hash) ||
    (versionOf(entry) === 2 &&
      sha256(`tollgate entry 1\n${encodeEntry(entry)}`, chained.previousHash).equals(entry.hash))
  )
}

function sha256(encoded: string, previousHash: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(encoded), previousHash]), 'buffer')
}

function encodeEntry(entry: Omit<LedgerEntry, 'hash'>): string {
  const { balance } = entry
  return (
    text(entry.userId) +
    plain(entry.version) +
    text(entry.kind) +
    text(entry.keyId) +
    text(entry.idempotencyKey) +
    plain(entry.createdAt.getTime()) +
    plain(entry.allowanceDeltaNanousd) +
    plain(entry.creditsDeltaNanousd) +
    plain(entry.heldDeltaNanousd) +
    plain(entry.spentTodayDeltaNanousd) +
    plain(balance.allowanceNanousd) +
    plain(balance.creditsNanousd) +
    plain(balance.heldNanousd) +
    plain(balance.spentTodayNanousd) +
    plain(balance.dailyLimitNanousd) +
    plain(balance.overdraftLimitNanousd) +
    text(entry.reason) +
    text(entry.chargeKeyId) +
    text(entry.holdKeyId) +
    text(entry.profile && sortedJson(entry.profile)) +
    (entry.charge === undefined ? '' : encodeCharge(entry.charge))
  )
}

function encodeCharge(charge: ChargeDetail): string {
  const { reported, priced, usage } = charge
  return (
    text(reported.model) +
    text(priced.model) +
    text(reported.provider) +
    text(priced.provider) +
    text(priced.priceId) +
    text(priced.source) +
    plain(priced.markupBasisPoints) +
    text(reported.serviceTier) +
    plain(reported.occurredAt.getTime()) +
    text(reported.quoteId) +
    plain(priced.quoteExpired) +
    text(reported.apiKeyId) +
    text(sortedJson(reported.labels)) +
    text(charge.usageSource) +
    plain(usage.inputTokens) +
    plain(usage.outputTokens) +
    text(sortedJson(usageParts(usage))) +
    plain(charge.costNanousd) +
    plain(charge.amountNanousd) +
    plain(charge.trial) +
    plain(charge.forgoneNanousd) +
    text(charge.end) +
    plain(charge.shortfallNanousd) +
    plain(charge.overDailyLimit)
  )
}

function text(value: string | undefined): string {
  return value === undefined ? '-' : `${Buffer.byteLength(value)}:${value}`
}

/** What is written in ASCII has as many bytes as characters. */
function plain(value: number | bigint | boolean | string): string {
  const written = String(value)
  return `${written.length}:${written}`
}

function sortedJson(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
