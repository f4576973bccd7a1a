import { reconcile } from '../../billing/reconcile/reconcile'
import type { ReconcileRequest__Output } from '../../wire/generated/tollgate/billing/v1/ReconcileRequest'
import type { ReconcileResponse } from '../../wire/generated/tollgate/billing/v1/ReconcileResponse'
import { readOptionalId, readPage } from '../fields/read'
import type { UnaryHandler } from '../server/unary'

export const handleReconcile: UnaryHandler<ReconcileRequest__Output, ReconcileResponse> = async (
  billing,
  request,
) => {
  const result = await reconcile(billing, {
    ...readPage(request),
    userId: readOptionalId(request, 'userId'),
    isTokenOfCaller: true,
    fromCheckpoints: request.fromCheckpoints,
  })
  return {
    usersChecked: result.usersChecked.toString(),
    entriesChecked: result.entriesChecked.toString(),
    discrepancies: result.discrepancies,
    nextPageToken: result.nextPageToken,
    ...(result.usersTotal !== undefined && { usersTotal: result.usersTotal.toString() }),
  }
}
