import type { Insertable, Selectable } from 'kysely'
import type { Hold, HoldState, PinnedOpen } from '../../domain/ledger/hold'
import { type Usage, usageFromParts, usageParts } from '../../domain/usage/usage'
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
    open: openFromJson(row.stream_open),
    sequence: row.sequence,
    usage: usageFromJson(row.usage),
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
  }
}

function statusFromRow(row: Selectable<HoldRow>): HoldState {
  const reason = row.final_reason
  switch (row.state) {
    case 'open':
      return { state: 'open' }
    case 'final':
      if (reason === null) throw new Error(`hold ${row.key_id} is final without a reason`)
      return { state: 'final', reason }
    case 'detached':
      return { state: 'detached', ...(reason !== null && { reason }) }
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

/** A usage as it is stored in jsonb: counts as decimal strings, zeros left out. */
export function usageToJson(usage: Usage): string {
  return JSON.stringify({
    inputTokens: usage.inputTokens.toString(),
    outputTokens: usage.outputTokens.toString(),
    ...usageParts(usage),
  })
}

export function usageFromJson(json: Readonly<Record<string, string>>): Usage {
  return usageFromParts(BigInt(json['inputTokens'] ?? '0'), BigInt(json['outputTokens'] ?? '0'), json)
}

function openToJson(open: PinnedOpen): string {
  return JSON.stringify({
    inputTokens: open.inputTokens.toString(),
    maxOutputTokens: open.maxOutputTokens.toString(),
    ...open.call,
    occurredAt: open.call.occurredAt.toISOString(),
  })
}

type OpenJson = Omit<PinnedOpen['call'], 'occurredAt'> & {
  occurredAt: string
  inputTokens: string
  maxOutputTokens: string
}

function openFromJson(json: Record<string, unknown>): PinnedOpen {
  const { inputTokens, maxOutputTokens, occurredAt, ...call } = json as unknown as OpenJson
  return {
    call: { ...call, occurredAt: new Date(occurredAt) },
    inputTokens: BigInt(inputTokens),
    maxOutputTokens: BigInt(maxOutputTokens),
  }
}
