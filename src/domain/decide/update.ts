import { changeProfile } from '../ledger/profile'
import type { User } from '../ledger/user'
import { nextEntry } from './nextEntry'
import type { Decision, UpdatePosting } from './posting'

/**
 * Changes facts about a user. A limit may be lowered below what is already spent or owed: then nothing new is admitted until
 * that is paid. A request that changes nothing makes an entry as well, so that its key is found when it is sent again.
 */
export function decideUpdate(posting: UpdatePosting, { user, at }: { user: User; at: Date }): Decision {
  const { user: changedUser, changed } = changeProfile(user, posting.changes)
  const posted = nextEntry(
    { user: changedUser, posting, at },
    { kind: 'profile', ...(Object.keys(changed).length > 0 && { profile: changed }) },
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}
