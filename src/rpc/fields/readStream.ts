import { noticedReportOf, readableOf, usageSourceOf } from '../../billing/charges/measured'
import type { StreamOpenRequest } from '../../billing/streams/openStream'
import { BillingError, invalidField } from '../../domain/errors'
import type { CallRequest } from '../../domain/ledger/charge'
import { NO_SERVING, type ServedPart, type Serving, servingOrNothing } from '../../domain/ledger/serving'
import type { Close, Progress } from '../../domain/stream/state'
import { checkUsage } from '../../domain/usage/checkUsage'
import { type ProviderReport, UnreadableUsage } from '../../domain/usage/readProviderUsage'
import { NOTHING_SERVED, type Served } from '../../domain/usage/served'
import { readUnits } from '../../domain/usage/units'
import { COUNT_MAX, NO_USAGE, sumOfUsages } from '../../domain/usage/usage'
import type { ServedPart__Output } from '../../wire/generated/tollgate/billing/v1/ServedPart'
import type { StreamClose__Output } from '../../wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen__Output } from '../../wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamProgress__Output } from '../../wire/generated/tollgate/billing/v1/StreamProgress'
import { STREAM_ENDS, USAGE_SOURCES } from './enums'
import { readCount, readId, readIdempotencyKey, readOptionalId } from './read'
import { readCall, readReportedCost } from './readCall'
import { readMeasured, readUsage, requireMeasured } from './readUsage'

/** @throws BillingError INVALID_FIELD, IMPOSSIBLE_USAGE */
export function readStreamOpen(open: StreamOpen__Output): StreamOpenRequest {
  const at = 'open.'
  const units = readUnits(open.units, `${at}units`)
  const request: StreamOpenRequest = {
    idempotencyKey: readIdempotencyKey(open, 'idempotencyKey', at),
    userId: readId(open, 'userId', at),
    call: readCall(open, at),
    inputTokens: readCount(open, 'inputTokens', at),
    maxOutputTokens: readCount(open, 'maxOutputTokens', at),
    holdsMaxOutputTokens: readHoldsMaxOutputTokens(open, at),
    holdSeconds: readHoldSeconds(open, at),
  }
  if (units === undefined) return request
  checkUsage({ ...NO_USAGE, inputTokens: request.inputTokens, outputTokens: COUNT_MAX, units }, 'open')
  return { ...request, units }
}

const HOLD_SECONDS_MAX = 35n * 86_400n

function readHoldSeconds(open: StreamOpen__Output, at: string): bigint {
  const holdSeconds = readCount(open, 'holdSeconds', at)
  if (holdSeconds > HOLD_SECONDS_MAX)
    throw invalidField(`${at}hold_seconds`, `must be at most ${HOLD_SECONDS_MAX}: 35 days`)
  return holdSeconds
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

/**
 * @param opened the model and provider that the open of this connection named
 * @throws BillingError INVALID_FIELD, IMPOSSIBLE_USAGE, UNKNOWN_USAGE_FORMAT, STREAM_PROTOCOL
 */
export function readStreamClose(close: StreamClose__Output, opened: OpenedCall): Close {
  const at = 'close.'
  if (close.parts.length > 0) return readPartedClose(close, opened)
  const measured = readMeasured(close)
  const report = measured && readableOf(measured, opened.model)
  const serving = servingOf(close, report, opened)
  return {
    // A close is final whatever its sequence, so none is needed.
    sequence: readSequence(close.sequence, { min: 0n, at }),
    ...(report instanceof UnreadableUsage && { unreadable: report }),
    ...(report !== undefined && 'usage' in report && { usage: report.usage }),
    ...(serving !== undefined && { serving }),
    usageSource: usageSourceOf({ measured, usageSource: USAGE_SOURCES.read(close, 'usageSource', at) }),
    end: STREAM_ENDS.read(close, 'end', at),
  }
}

const SERVED_PARTS_MAX = 16

/** A close of a stream that several models served. */
function readPartedClose(close: StreamClose__Output, opened: OpenedCall): Close {
  const at = 'close.'
  if (close.parts.length > SERVED_PARTS_MAX)
    throw invalidField(`${at}parts`, `must be at most ${SERVED_PARTS_MAX}`)
  const { servedModel, servedProvider, servedServiceTier, reportedCostNanousd } = close
  const isElsewhere =
    readMeasured(close) !== undefined ||
    `${servedModel}${servedProvider}${servedServiceTier}` !== '' ||
    reportedCostNanousd !== '0'
  if (isElsewhere)
    throw invalidField(
      `${at}parts`,
      'must not be beside a usage, a stated cost or the fields of what served all',
    )
  const parts = close.parts.map((part, index) => readServedPart(part, opened, `${at}parts[${index}].`))
  return {
    sequence: readSequence(close.sequence, { min: 0n, at }),
    usage: sumOfUsages(parts.map(({ usage }) => usage)),
    serving: { ...NO_SERVING, stated: parts.at(-1)?.stated ?? NOTHING_SERVED, parts },
    usageSource: USAGE_SOURCES.read(close, 'usageSource', at),
    end: STREAM_ENDS.read(close, 'end', at),
  }
}

function readServedPart(part: ServedPart__Output, opened: OpenedCall, at: string): ServedPart {
  const { served, usage } = noticedReportOf(requireMeasured(part, at), part.servedModel || opened.model, at)
  return { stated: namedBy(part, served, { opened, at }), usage }
}

/** What the open of a connection named. */
export type OpenedCall = Pick<CallRequest, 'model' | 'provider'>

/** What the gateway names wins over what the provider's body states. */
function servingOf(
  close: StreamClose__Output,
  report: ProviderReport | UnreadableUsage | undefined,
  opened: OpenedCall,
): Serving | undefined {
  const at = 'close.'
  const { served, ...read } = report ?? { served: NOTHING_SERVED }
  const { unreadFields, assumptions } = 'usage' in read ? read : NO_SERVING
  const stated = namedBy(close, served, { opened, at })
  const reportedCost = readReportedCost(close, at)
  if (reportedCost !== undefined && report === undefined)
    throw invalidField(`${at}reported_cost_nanousd`, 'must be beside a usage')
  const cost = reportedCost !== undefined && { reportedCost }
  return servingOrNothing({ stated, unreadFields, assumptions, ...cost }, '')
}

function namedBy(
  named: StreamClose__Output | ServedPart__Output,
  served: Served,
  { opened, at }: { opened: OpenedCall; at: string },
): Served {
  const model = readOptionalId(named, 'servedModel', at)
  const provider = readOptionalId(named, 'servedProvider', at) || (model === '' ? '' : opened.provider)
  const serviceTier = readOptionalId(named, 'servedServiceTier', at) || served.serviceTier
  return { ...served, model: model || served.model, provider, serviceTier }
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
