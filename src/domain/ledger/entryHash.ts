import { hash } from 'node:crypto'
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
 * the encoding has another first line. Version 3 has how a call was served at its end; an entry without that has version 2.
 */
export function entryHashOf(
  entry: Omit<LedgerEntry, 'hash'>,
  { requestHash, previousHash }: Chained,
): Buffer {
  const version = entry.charge?.serving === undefined ? 2 : 3
  const encoded = `${plain(requestHash.toString('hex'))}${encodeEntry(entry)}`
  return sha256(`tollgate entry ${version}\n${encoded}`, previousHash)
}

/** Whether an entry is what was hashed, in any version of the encoding. Version 1 was without the request. */
export function hashFits(entry: LedgerEntry, chained: Chained): boolean {
  return (
    entryHashOf(entry, chained).equals(entry.hash) ||
    sha256(`tollgate entry 1\n${encodeEntry(entry)}`, chained.previousHash).equals(entry.hash)
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
    plain(charge.overDailyLimit) +
    (charge.serving === undefined ? '' : text(JSON.stringify(servingToJson(charge.serving))))
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
