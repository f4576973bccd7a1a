import type { Insertable, Selectable } from 'kysely'
import { refFromJson, refToJson } from '../../domain/budget/counter'
import { reportedCallOf } from '../../domain/ledger/charge'
import type { Final, Hold, HoldState, PinnedOpen } from '../../domain/ledger/hold'
import { type ServingJson, servingFromJson, servingToJson } from '../../domain/ledger/serving'
import type { PriceSource } from '../../domain/rating/price'
import { unitsFromText, unitsToText } from '../../domain/usage/units'
import { type Usage, usageFromText, usageToText } from '../../domain/usage/usage'
import { rateCardsFromJson, rateCardsToStored } from '../prices/priceRow'
import type { HoldRow } from '../schema'

export function holdFromRow(row: Selectable<HoldRow>): Hold {
  return {
    userId: row.user_id,
    keyId: row.key_id,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    status: statusFromRow(row),
    epoch: row.epoch,
    postings: row.postings,
    heldNanousd: row.held_nanousd,
    trial: row.trial,
    counters: (row.counters ?? []).map(refFromJson),
    open: openFromJson(row.stream_open),
    sequence: row.sequence,
    usage: usageFromText(row.usage),
    openedAt: row.opened_at,
    expiresAt: row.expires_at,
  }
}

export function holdToRow(hold: Hold): Insertable<HoldRow> {
  const { status } = hold
  return {
    user_id: hold.userId,
    key_id: hold.keyId,
    idempotency_key: hold.idempotencyKey,
    request_hash: hold.requestHash,
    state: status.state,
    final_reason: (status.state !== 'settled' && 'reason' in status && status.reason) || null,
    epoch: hold.epoch,
    postings: hold.postings,
    held_nanousd: hold.heldNanousd,
    trial: hold.trial,
    stream_open: openToJson(hold.open),
    sequence: hold.sequence,
    usage: usageToJson(hold.usage),
    opened_at: hold.openedAt,
    expires_at: hold.expiresAt,
    settled_version: status.state === 'settled' ? status.version : null,
    settled_by_expiry: status.state === 'settled' && status.byExpiry,
    amendable_until: (status.state === 'settled' && status.amendableUntil) || null,
    amended_version: (status.state === 'settled' && status.amendedVersion) || null,
    counters: hold.counters.length === 0 ? null : JSON.stringify(hold.counters.map(refToJson)),
    final_budget_id: (status.state !== 'settled' && 'budgetId' in status && status.budgetId) || null,
  }
}

function statusFromRow(row: Selectable<HoldRow>): HoldState {
  const final = finalFromRow(row)
  switch (row.state) {
    case 'open':
      return { state: 'open' }
    case 'final':
      if (final === undefined) throw new Error(`hold ${row.key_id} is final without a reason`)
      return { state: 'final', ...final }
    case 'detached':
      return { state: 'detached', ...final }
    case 'settled':
      if (row.settled_version === null) throw new Error(`hold ${row.key_id} is settled without a version`)
      return {
        state: 'settled',
        version: row.settled_version,
        byExpiry: row.settled_by_expiry,
        ...(row.amendable_until !== null && { amendableUntil: row.amendable_until }),
        ...(row.amended_version !== null && { amendedVersion: row.amended_version }),
      }
    default:
      throw new Error(`hold ${row.key_id} has the unknown state ${row.state}`)
  }
}

function finalFromRow({
  final_reason: reason,
  final_budget_id: budgetId,
}: Selectable<HoldRow>): Final | undefined {
  return reason === null ? undefined : { reason, ...(budgetId !== null && { budgetId }) }
}

/** A usage as it is stored in jsonb: counts as decimal strings, zeros left out. */
export function usageToJson(usage: Usage): string {
  return JSON.stringify(usageToText(usage))
}

/** As `stream_open` stores an open: one flat object. */
interface OpenJson {
  inputTokens: string
  maxOutputTokens: string
  units?: Readonly<Record<string, string>>
  chargeNanousdMax?: string
  holdSeconds?: string
  model: string
  pricedModel: string
  provider: string
  pricedProvider: string
  priceId: string
  priceSource: PriceSource | 'reported'
  markupBasisPoints: number
  serviceTier: string
  occurredAt: string
  quoteId: string
  quoteExpired: boolean
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  serving?: ServingJson
  rateCards?: object[]
}

function openToJson({ call: { reported, priced, serving }, ...open }: PinnedOpen): string {
  return JSON.stringify({
    inputTokens: open.inputTokens.toString(),
    maxOutputTokens: open.maxOutputTokens.toString(),
    ...(open.units !== undefined && { units: unitsToText(open.units) }),
    model: reported.model,
    pricedModel: priced.model,
    provider: reported.provider,
    pricedProvider: priced.provider,
    priceId: priced.priceId,
    priceSource: priced.source,
    markupBasisPoints: priced.markupBasisPoints,
    serviceTier: reported.serviceTier,
    occurredAt: reported.occurredAt.toISOString(),
    quoteId: reported.quoteId,
    quoteExpired: priced.quoteExpired,
    apiKeyId: reported.apiKeyId,
    labels: reported.labels,
    ...(serving !== undefined && { serving: servingToJson(serving) }),
    ...(open.rateCards !== undefined && { rateCards: rateCardsToStored(open.rateCards) }),
    ...(open.chargeNanousdMax !== undefined && { chargeNanousdMax: open.chargeNanousdMax.toString() }),
    ...(open.holdSeconds !== undefined && { holdSeconds: open.holdSeconds.toString() }),
  } satisfies OpenJson)
}

function openFromJson(stored: Record<string, unknown>): PinnedOpen {
  const json = stored as unknown as OpenJson
  return {
    call: {
      reported: reportedCallOf(json, new Date(json.occurredAt)),
      priced: {
        priceId: json.priceId,
        model: json.pricedModel,
        provider: json.pricedProvider,
        source: json.priceSource,
        markupBasisPoints: json.markupBasisPoints,
        quoteExpired: json.quoteExpired,
      },
      ...(json.serving !== undefined && { serving: servingFromJson(json.serving) }),
    },
    inputTokens: BigInt(json.inputTokens),
    maxOutputTokens: BigInt(json.maxOutputTokens),
    ...(json.units !== undefined && { units: unitsFromText(json.units) }),
    ...(json.rateCards !== undefined && { rateCards: rateCardsFromJson(json.rateCards) }),
    ...(json.chargeNanousdMax !== undefined && { chargeNanousdMax: BigInt(json.chargeNanousdMax) }),
    ...(json.holdSeconds !== undefined && { holdSeconds: BigInt(json.holdSeconds) }),
  }
}
