import { createHash } from 'node:crypto'
import type { ChargeDetail } from './charge'
import type { LedgerEntry } from './entry'
import { usageParts } from './usage'

/** What the first entry's hash is chained to: SHA-256 of nothing but the user's id. */
export function genesisHashOf(userId: string): Buffer {
  return createHash('sha256').update(`tollgate user\n${userId}`).digest()
}

/**
 * SHA-256 over an entry and the hash of the one before it. Version 1 of the encoding: the fields below in this order,
 * each as `<bytes>:<text>` (absent: `-`), so that no two entries share an encoding; then the previous hash. A later
 * encoding gets another first line and is told by it.
 */
export function entryHashOf(entry: Omit<LedgerEntry, 'hash'>, previousHash: Buffer): Buffer {
  return createHash('sha256').update(encodeEntry(entry)).update(previousHash).digest()
}

function encodeEntry(entry: Omit<LedgerEntry, 'hash'>): string {
  const { balance } = entry
  return (
    'tollgate entry 1\n' +
    [
      entry.userId,
      entry.version,
      entry.kind,
      entry.keyId,
      entry.idempotencyKey,
      entry.createdAt.getTime(),
      entry.allowanceDeltaNanousd,
      entry.creditsDeltaNanousd,
      entry.heldDeltaNanousd,
      entry.spentTodayDeltaNanousd,
      balance.allowanceNanousd,
      balance.creditsNanousd,
      balance.heldNanousd,
      balance.spentTodayNanousd,
      balance.dailyLimitNanousd,
      balance.overdraftLimitNanousd,
      entry.reason,
      entry.chargeKeyId,
      entry.holdKeyId,
      entry.profile === undefined ? undefined : sortedJson(entry.profile),
    ]
      .map(encodeField)
      .join('') +
    (entry.charge === undefined ? '' : encodeCharge(entry.charge))
  )
}

function encodeCharge(charge: ChargeDetail): string {
  return [
    charge.model,
    charge.pricedModel,
    charge.provider,
    charge.pricedProvider,
    charge.priceId,
    charge.priceSource,
    charge.markupBasisPoints,
    charge.serviceTier,
    charge.occurredAt.getTime(),
    charge.quoteId,
    charge.quoteExpired,
    charge.apiKeyId,
    sortedJson(charge.labels),
    charge.usageSource,
    charge.usage.inputTokens,
    charge.usage.outputTokens,
    sortedJson(usageParts(charge.usage)),
    charge.costNanousd,
    charge.amountNanousd,
    charge.trial,
    charge.forgoneNanousd,
    charge.end,
    charge.shortfallNanousd,
    charge.overDailyLimit,
  ]
    .map(encodeField)
    .join('')
}

function encodeField(value: string | number | bigint | boolean | undefined): string {
  if (value === undefined) return '-'
  const text = String(value)
  return `${Buffer.byteLength(text)}:${text}`
}

function sortedJson(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
