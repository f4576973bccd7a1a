import { putAlias } from '../../billing/prices/prices'
import type { PutAliasRequest__Output } from '../../wire/generated/tollgate/billing/v1/PutAliasRequest'
import type { PutAliasResponse } from '../../wire/generated/tollgate/billing/v1/PutAliasResponse'
import { readId, readOptionalId } from '../fields/read'
import type { UnaryHandler } from '../server/unary'

export const handlePutAlias: UnaryHandler<PutAliasRequest__Output, PutAliasResponse> = async (
  billing,
  request,
) => {
  await putAlias(billing, { alias: readId(request, 'alias'), model: readOptionalId(request, 'model') })
  return {}
}
