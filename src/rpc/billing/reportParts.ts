import { noticedReportOf } from '../../billing/charges/measured'
import { type ReportPartsRequest, reportParts } from '../../billing/streams/reportParts'
import { invalidField } from '../../domain/errors'
import { keyIdOf, publicIdOf } from '../../domain/ledger/ids'
import type { StreamPart } from '../../domain/stream/parts'
import type { ReportPartsRequest__Output } from '../../wire/generated/tollgate/billing/v1/ReportPartsRequest'
import type { ReportPartsResponse } from '../../wire/generated/tollgate/billing/v1/ReportPartsResponse'
import type { StreamPart__Output } from '../../wire/generated/tollgate/billing/v1/StreamPart'
import { STREAM_ENDS } from '../fields/enums'
import { readCount, readId, readIdempotencyKey, readPublicId } from '../fields/read'
import { requireMeasured } from '../fields/readUsage'
import { integerToWire, timestampToWire } from '../fields/write'
import { endedToWire } from '../fields/writeStream'
import type { UnaryHandler } from '../server/unary'

const PARTS_PER_REQUEST_MAX = 1_000

export const handleReportParts: UnaryHandler<ReportPartsRequest__Output, ReportPartsResponse> = async (
  billing,
  request,
  caller,
) => {
  const { hold, costNanousd, parts, ended } = await reportParts(billing, readReportParts(request), caller)
  return {
    holdId: publicIdOf('hd', hold.keyId),
    costNanousd: integerToWire(costNanousd),
    heldNanousd: integerToWire(hold.heldNanousd),
    parts,
    expiresAt: timestampToWire(hold.expiresAt),
    ...(ended !== undefined && { settled: endedToWire(ended) }),
  }
}

/** @throws BillingError INVALID_FIELD, IMPOSSIBLE_USAGE, UNKNOWN_USAGE_FORMAT */
function readReportParts(request: ReportPartsRequest__Output): ReportPartsRequest {
  const userId = readId(request, 'userId')
  if (request.parts.length > PARTS_PER_REQUEST_MAX)
    throw invalidField('parts', `must be at most ${PARTS_PER_REQUEST_MAX}`)
  return {
    userId,
    keyId: readStreamKey(request, userId),
    parts: request.parts.map(readPart),
    closes: request.close,
    end: STREAM_ENDS.read(request, 'end'),
  }
}

function readStreamKey(request: ReportPartsRequest__Output, userId: string): string {
  const { idempotencyKey = '', holdId = '' } = request
  if (request.stream === 'idempotencyKey')
    return keyIdOf(userId, readIdempotencyKey({ idempotencyKey }, 'idempotencyKey'))
  if (request.stream === 'holdId') return readPublicId({ holdId }, 'holdId', { prefix: 'hd' })
  throw invalidField('stream', 'must be set: either idempotency_key or hold_id')
}

function readPart(part: StreamPart__Output, index: number): StreamPart {
  const at = `parts[${index}].`
  const { usage } = noticedReportOf(requireMeasured(part, at), '', at)
  const sequence = readCount(part, 'sequence', at)
  if (sequence < 1n) throw invalidField(`${at}sequence`, 'must be at least 1')
  return { partId: readId(part, 'partId', at), sequence, usage }
}
