import { listAliases } from '../billing/prices'
import type { ListAliasesRequest__Output } from '../wire/generated/tollgate/billing/v1/ListAliasesRequest'
import type { ListAliasesResponse } from '../wire/generated/tollgate/billing/v1/ListAliasesResponse'
import { readPage } from './read'
import type { UnaryHandler } from './unary'

export const handleListAliases: UnaryHandler<ListAliasesRequest__Output, ListAliasesResponse> = (
  billing,
  request,
) => listAliases(billing, readPage(request))
