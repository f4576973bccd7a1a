import type { ProfileChanges } from '../../domain/ledger/profile'
import { type RequestFields, requestHashOf } from '../../domain/ledger/requestHash'
import type { User } from '../../domain/ledger/user'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { keyOrOwn } from '../keyOrOwn'
import { getUser } from './getUser'
import { reportMissedWebhook } from './reportMissedWebhook'

export interface UpdateUserRequest {
  /** Empty = the request is none that is sent again. */
  idempotencyKey: string
  userId: string
  changes: ProfileChanges
}

/**
 * Changes facts about a user in an entry of its ledger, exactly once per key. Returns the current
 * user.
 *
 * @throws BillingError USER_NOT_FOUND, IDEMPOTENCY_KEY_REUSED
 */
export async function updateUser(
  billing: Pick<Billing, 'ledger' | 'database' | 'rules'>,
  request: UpdateUserRequest,
  caller: Caller,
): Promise<User> {
  const { userId, changes } = request
  await billing.ledger.post(
    {
      type: 'update',
      actor: caller.actor,
      userId,
      ...keyOrOwn(request, 'update'),
      requestHash: requestHashOf('UpdateUser', { userId, changes: changeFields(changes) }),
      changes,
    },
    caller,
  )
  const user = await getUser(billing, userId)
  reportMissedWebhook(user, billing.rules)
  return user
}

/** A field that is set to nothing is set: marked, so that it isn't left out like one that isn't. */
function changeFields(changes: ProfileChanges): RequestFields {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [
      name,
      `=${value instanceof Date ? value.getTime() : String(value)}`,
    ]),
  )
}
