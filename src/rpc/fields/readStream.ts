import { reportOf } from '../../billing/charges/chargeUsage'
import type { StreamOpenRequest } from '../../billing/streams/openStream'
import { BillingError, invalidField } from '../../domain/errors'
import type { Close, Progress } from '../../domain/stream/state'
import { checkUsage } from '../../domain/usage/checkUsage'
import type { StreamClose__Output } from '../../wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen__Output } from '../../wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamProgress__Output } from '../../wire/generated/tollgate/billing/v1/StreamProgress'
import { STREAM_ENDS, USAGE_SOURCES } from './enums'
import { readCount, readId, readIdempotencyKey } from './read'
import { readCall } from './readCall'
import { readMeasured, readUsage } from './readUsage'

/** @throws BillingError INVALID_FIELD */
export function readStreamOpen(open: StreamOpen__Output): StreamOpenRequest {
  const at = 'open.'
  return {
    idempotencyKey: readIdempotencyKey(open, 'idempotencyKey', at),
    userId: readId(open, 'userId', at),
    call: readCall(open, at),
    inputTokens: readCount(open, 'inputTokens', at),
    maxOutputTokens: readCount(open, 'maxOutputTokens', at),
    holdsMaxOutputTokens: readHoldsMaxOutputTokens(open, at),
  }
}

function readHoldsMaxOutputTokens(open: StreamOpen__Output, at: string): boolean {
  if (open.holdMaxOutputTokens && open.maxOutputTokens === '0') {
    throw invalidField(`${at}hold_max_output_tokens`, 'needs max_output_tokens')
  }
  return open.holdMaxOutputTokens
}

/** @throws BillingError INVALID_FIELD, IMPOSSIBLE_USAGE, STREAM_PROTOCOL */
export function readStreamProgress({ sequence, usage }: StreamProgress__Output): Progress {
  if (usage === null) throw invalidField('progress.usage', 'must be set')
  const read = readUsage(usage, 'progress.usage.')
  checkUsage(read, 'progress.usage')
  return { sequence: readSequence(sequence, { min: 1n, at: 'progress.' }), usage: read }
}

/** @throws BillingError INVALID_FIELD, IMPOSSIBLE_USAGE, UNKNOWN_USAGE_FORMAT, STREAM_PROTOCOL */
export function readStreamClose(close: StreamClose__Output): Close {
  const at = 'close.'
  const measured = readMeasured(close)
  return {
    // A close is final whatever its sequence, so none is needed.
    sequence: readSequence(close.sequence, { min: 0n, at }),
    ...(measured !== undefined && { usage: reportOf(measured, '').usage }),
    usageSource: USAGE_SOURCES.read(close, 'usageSource', at),
    end: STREAM_ENDS.read(close, 'end', at),
  }
}

/** @param text an int64 as the decoder gives it */
function readSequence(text: string, { min, at }: { min: bigint; at: string }): bigint {
  const sequence = BigInt(text)
  if (sequence < min) {
    throw new BillingError('STREAM_PROTOCOL', `${at}sequence must be at least ${min}`, {
      field: `${at}sequence`,
    })
  }
  return sequence
}
