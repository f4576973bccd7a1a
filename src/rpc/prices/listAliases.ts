import { listAliases } from '../../billing/prices/prices'
import type { ListAliasesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListAliasesRequest'
import type { ListAliasesResponse } from '../../wire/generated/tollgate/billing/v1/ListAliasesResponse'
import { readPage } from '../fields/read'
import type { UnaryHandler } from '../server/unary'

export const handleListAliases: UnaryHandler<ListAliasesRequest__Output, ListAliasesResponse> = (
  billing,
  request,
) => listAliases(billing, readPage(request))
