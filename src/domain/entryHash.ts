import { hash } from 'node:crypto'
import type { ChargeDetail } from './charge'
import type { LedgerEntry } from './entry'
import { usageParts } from './usage'

/** What the first entry's hash is chained to: SHA-256 of nothing but the user's id. */
export function genesisHashOf(userId: string): Buffer {
  return hash('sha256', `tollgate user\n${userId}`, 'buffer')
}

/**
 * SHA-256 over an entry and the hash of the one before it. Version 1 of the encoding: the fields below in this order,
 * each as `<bytes>:<text>` (absent: `-`), so that no two entries share an encoding; then the previous hash. A later
 * encoding gets another first line and is told by it.
 */
export function entryHashOf(entry: Omit<LedgerEntry, 'hash'>, previousHash: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(encodeEntry(entry)), previousHash]), 'buffer')
}

function encodeEntry(entry: Omit<LedgerEntry, 'hash'>): string {
  const { balance } = entry
  return (
    'tollgate entry 1\n' +
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
  return (
    text(charge.model) +
    text(charge.pricedModel) +
    text(charge.provider) +
    text(charge.pricedProvider) +
    text(charge.priceId) +
    text(charge.priceSource) +
    plain(charge.markupBasisPoints) +
    text(charge.serviceTier) +
    plain(charge.occurredAt.getTime()) +
    text(charge.quoteId) +
    plain(charge.quoteExpired) +
    text(charge.apiKeyId) +
    text(sortedJson(charge.labels)) +
    text(charge.usageSource) +
    plain(charge.usage.inputTokens) +
    plain(charge.usage.outputTokens) +
    text(sortedJson(usageParts(charge.usage))) +
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
function plain(value: number | bigint | boolean): string {
  const written = String(value)
  return `${written.length}:${written}`
}

function sortedJson(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
