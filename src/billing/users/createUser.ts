import { insertUser, type NewUser } from '../../database/users/userQueries'
import { BillingError } from '../../domain/errors'
import type { User } from '../../domain/ledger/user'
import type { Billing } from '../billing'
import { reportMissedWebhook } from './reportMissedWebhook'

/**
 * Creates a user with nothing in either pot.
 *
 * @throws BillingError USER_EXISTS
 */
export async function createUser(
  { database, rules }: Pick<Billing, 'database' | 'rules'>,
  request: NewUser,
): Promise<User> {
  const user = await insertUser(database, request)
  if (user === undefined) {
    throw new BillingError('USER_EXISTS', `there is a user ${JSON.stringify(request.userId)} already`, {
      field: 'user_id',
      metadata: { user_id: request.userId },
    })
  }
  reportMissedWebhook(user, rules)
  return user
}
