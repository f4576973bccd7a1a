import { changeProfile } from '../ledger/profile'
import type { User } from '../ledger/user'
import { nextEntry } from './nextEntry'
import type { Decision, UpdatePosting } from './posting'

/**
 * Changes facts about a user. A limit may be lowered below what is spent or owed already: then nothing new is admitted until
 * that is paid. What changes nothing is an entry too, since whoever asked must find it under its key.
 */
export function decideUpdate(posting: UpdatePosting, { user, at }: { user: User; at: Date }): Decision {
  const { user: changedUser, changed } = changeProfile(user, posting.changes)
  const posted = nextEntry(
    changedUser,
    {
      kind: 'profile',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      ...(Object.keys(changed).length > 0 && { profile: changed }),
    },
    at,
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}
