import { type ImportPricesRequest, importPrices } from '../../billing/prices/importPrices'
import { invalidField } from '../../domain/errors'
import type { ImportPricesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ImportPricesRequest'
import type { ImportPricesResponse } from '../../wire/generated/tollgate/billing/v1/ImportPricesResponse'
import type { UnaryHandler } from '../server/unary'

export const handleImportPrices: UnaryHandler<ImportPricesRequest__Output, ImportPricesResponse> = async (
  billing,
  request,
  caller,
) => {
  const imported = await importPrices(billing, readRequest(request), caller)
  return {
    read: String(imported.read),
    changed: String(imported.changed),
    unchanged: String(imported.unchanged),
    heldBack: String(imported.heldBack),
    rejected: String(imported.rejected),
    rejections: imported.rejections,
    unreadPriceFields: Object.fromEntries(
      Object.entries(imported.unreadFields).map(([field, count]) => [field, String(count)]),
    ),
  }
}

/** The use case knows the formats, and checks the list. */
function readRequest({ format, json, asOperator }: ImportPricesRequest__Output): ImportPricesRequest {
  if (json === '') throw invalidField('json', 'must be set')
  return { format, json, asOperator }
}
