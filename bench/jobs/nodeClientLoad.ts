import { connectTollgate } from '../../clients/node/src/connect'
import { nextKey } from '../keys'
import { type Load, type Measured, underLoad } from '../load'
import { chargeRequest } from '../messages'
import { type UserChoice, userChooser } from '../users'

/** ChargeUsage from the client that gateways use: grpc-js, on one connection. */
export async function nodeClientLoad({
  address,
  users,
  load,
}: {
  address: string
  users: UserChoice
  load: Load
}): Promise<Measured> {
  const client = connectTollgate({ address, batching: false, retry: { retriesMax: 0 } })
  const nextUser = userChooser(users)
  try {
    return await underLoad(() => client.chargeUsage(chargeRequest(nextUser(), nextKey())), load)
  } finally {
    client.close()
  }
}
