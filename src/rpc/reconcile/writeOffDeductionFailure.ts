import { writeOffDeductionFailure } from '../../billing/failures/deductionFailures'
import { invalidField } from '../../domain/errors'
import type { WriteOffDeductionFailureRequest__Output } from '../../wire/generated/tollgate/billing/v1/WriteOffDeductionFailureRequest'
import type { WriteOffDeductionFailureResponse } from '../../wire/generated/tollgate/billing/v1/WriteOffDeductionFailureResponse'
import { readId, readPublicId, readText } from '../fields/read'
import { failureToWire } from '../fields/writeFailure'
import type { UnaryHandler } from '../server/unary'

export const handleWriteOffDeductionFailure: UnaryHandler<
  WriteOffDeductionFailureRequest__Output,
  WriteOffDeductionFailureResponse
> = async (billing, request, caller) => {
  const keyId = readPublicId(request, 'failureId', { prefix: 'fl' })
  const userId = readId(request, 'userId')
  const note = readText(request, 'note')
  if (note.trim() === '') throw invalidField('note', 'must say why the debt is written off')
  const failure = await writeOffDeductionFailure(billing, { userId, keyId, note }, caller)
  return { failure: failureToWire(failure) }
}
