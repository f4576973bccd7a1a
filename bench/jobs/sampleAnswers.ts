import { connectTollgate } from '../../clients/node/src/connect'
import { nextKey } from '../keys'
import { chargeRequest, openRequest, quoteRequest } from '../messages'
import { userIdOf } from '../users'
import type { SampleAnswers } from './noopServer'

/** Makes each call to a server once. */
export async function sampleAnswers({ address }: { address: string }): Promise<SampleAnswers> {
  const client = connectTollgate({ address })
  try {
    const user = userIdOf(1)
    const stream = client.streamSettle()
    stream.open(openRequest(user, nextKey()))
    const { value: grant } = await stream.events[Symbol.asyncIterator]().next()
    stream.end()
    return {
      ChargeUsage: await client.chargeUsage(chargeRequest(user, nextKey())),
      PriceQuote: await client.priceQuote(quoteRequest()),
      StreamSettle: grant,
    }
  } finally {
    client.close()
  }
}
