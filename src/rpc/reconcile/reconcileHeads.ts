import { reconcileHeads } from '../../billing/reconcile/ledgerHeads'
import { invalidField } from '../../domain/errors'
import type { ReconcileHeadsRequest__Output } from '../../wire/generated/tollgate/billing/v1/ReconcileHeadsRequest'
import type { ReconcileHeadsResponse } from '../../wire/generated/tollgate/billing/v1/ReconcileHeadsResponse'
import { readId } from '../fields/read'
import type { UnaryHandler } from '../server/unary'

const HEADS_MAX = 1_000
const HASH_BYTES = 32

export const handleReconcileHeads: UnaryHandler<
  ReconcileHeadsRequest__Output,
  ReconcileHeadsResponse
> = async (billing, { heads }) => {
  if (heads.length > HEADS_MAX) throw invalidField('heads', `must be at most ${HEADS_MAX}`)
  const read = heads.map((head, index) => {
    const at = `heads[${index}].`
    const userId = readId(head, 'userId', at)
    const version = BigInt(head.version)
    if (version < 0n) throw invalidField(`${at}version`, 'must not be negative')
    if (head.hash.length !== HASH_BYTES) throw invalidField(`${at}hash`, `must have ${HASH_BYTES} bytes`)
    return { userId, version, hash: head.hash }
  })
  return { headsChecked: heads.length.toString(), discrepancies: await reconcileHeads(billing, read) }
}
