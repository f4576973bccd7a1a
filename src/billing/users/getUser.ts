import { findUser } from '../../database/users/userQueries'
import { BillingError } from '../../domain/errors'
import type { User } from '../../domain/ledger/user'
import type { Billing } from '../billing'

/** @throws BillingError USER_NOT_FOUND */
export async function getUser({ database }: Pick<Billing, 'database'>, userId: string): Promise<User> {
  const user = await findUser(database, userId)
  if (user === undefined) {
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(userId)}; create it first`, {
      field: 'user_id',
      metadata: { user_id: userId },
    })
  }
  return user
}
