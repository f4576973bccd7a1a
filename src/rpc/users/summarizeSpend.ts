import { type SummarizeSpendRequest as Request, summarizeSpend } from '../../billing/users/summarizeSpend'
import { invalidField } from '../../domain/errors'
import type { SpendDimension, SpendGroup } from '../../domain/ledger/spend'
import type { SpendDimension__Output } from '../../wire/generated/tollgate/billing/v1/SpendDimension'
import type { SpendGroup as WireGroup } from '../../wire/generated/tollgate/billing/v1/SpendGroup'
import type { SummarizeSpendRequest__Output } from '../../wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import type { SummarizeSpendResponse } from '../../wire/generated/tollgate/billing/v1/SummarizeSpendResponse'
import { SPEND_FIELDS } from '../fields/enums'
import { readOptionalId, readPage, readText, readTimestamp } from '../fields/read'
import { integerToWire, timestampToWire } from '../fields/write'
import type { UnaryHandler } from '../server/unary'

const DIMENSIONS_MAX = 4

export const handleSummarizeSpend: UnaryHandler<
  SummarizeSpendRequest__Output,
  SummarizeSpendResponse
> = async (billing, request) => {
  const { groups, nextPageToken, until } = await summarizeSpend(billing, readRequest(request))
  return { groups: groups.map(groupToWire), nextPageToken, until: timestampToWire(until) }
}

function readRequest(request: SummarizeSpendRequest__Output): Request {
  const from = readTimestamp(request, 'from')
  const until = readTimestamp(request, 'until')
  if (from !== undefined && until !== undefined && until <= from) {
    throw invalidField('until', 'must be after from')
  }
  return {
    groupBy: readDimensions(request.groupBy),
    from,
    until,
    userId: readOptionalId(request, 'userId'),
    ...readPage(request),
  }
}

function readDimensions(groupBy: readonly SpendDimension__Output[]): SpendDimension[] {
  if (groupBy.length > DIMENSIONS_MAX) throw invalidField('group_by', `must be at most ${DIMENSIONS_MAX}`)
  const dimensions = groupBy.map((each, index) => readDimension(each, `group_by[${index}].`))
  const names = dimensions.map((dimension) => JSON.stringify(dimension))
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice !== -1) throw invalidField(`group_by[${twice}]`, 'must not be repeated')
  return dimensions
}

function readDimension(dimension: SpendDimension__Output, at: string): SpendDimension {
  const by = SPEND_FIELDS.read(dimension, 'field', at)
  const label = readText(dimension, 'label', at)
  if (by !== 'label') {
    if (label !== '') throw invalidField(`${at}label`, 'may be set with SPEND_FIELD_LABEL only')
    return { by }
  }
  if (label === '') throw invalidField(`${at}label`, 'must be set')
  return { by, label }
}

function groupToWire(group: SpendGroup): WireGroup {
  const { chargedNanousd, adjustedNanousd, refundedNanousd } = group
  return {
    values: group.values,
    calls: integerToWire(group.calls),
    chargedNanousd: integerToWire(chargedNanousd),
    adjustedNanousd: integerToWire(adjustedNanousd),
    refundedNanousd: integerToWire(refundedNanousd),
    spentNanousd: integerToWire(chargedNanousd + adjustedNanousd - refundedNanousd),
    fromAllowanceNanousd: integerToWire(group.fromAllowanceNanousd),
    fromCreditsNanousd: integerToWire(group.fromCreditsNanousd),
    forgoneNanousd: integerToWire(group.forgoneNanousd),
    inputTokens: integerToWire(group.inputTokens),
    outputTokens: integerToWire(group.outputTokens),
  }
}
