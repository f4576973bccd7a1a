import type { TollgateClient } from '../../../src/client/connect'
import { errorOfItem, type TollgateError } from '../../../src/client/errors'
import type { Charge__Output } from '../../../src/wire/generated/tollgate/billing/v1/Charge'
import type { LedgerEntry__Output } from '../../../src/wire/generated/tollgate/billing/v1/LedgerEntry'
import type { Randomness } from '../randomness'
import { TestStream } from '../streamClients'

export const START_NANOUSD = 1_000_000_000_000n
/** gpt-4o-mini: $0.15 and $0.60 a million tokens. The test knows the prices by itself. */
export const MODEL = { model: 'gpt-4o-mini', provider: 'openai' }
export const INPUT_NANOUSD = 150n
export const OUTPUT_NANOUSD = 600n
const CALL_MS_MAX = 30_000

/** One thing that is to happen to a user's credits, once. */
export interface Operation {
  kind: 'charge' | 'grant' | 'stream'
  userId: string
  idempotencyKey: string
  /** What it does to the user's credits. */
  deltaNanousd: bigint
  /** Rejects with a TollgateError. */
  send(client: TollgateClient): Promise<Answer>
}

export interface Answer {
  replayed: boolean
  receipt: Charge__Output | LedgerEntry__Output
  isDeferred: boolean
}

/** What travels together: one operation, or the charges of a batch. */
export interface Sending {
  operations: readonly Operation[]
  /** The answer to each, or its error. Rejects where the call as a whole failed. */
  send(client: TollgateClient): Promise<(Answer | TollgateError)[]>
}

export function alone(operation: Operation): Sending {
  return { operations: [operation], send: async (client) => [await operation.send(client)] }
}

export interface Tokens {
  inputTokens: number
  outputTokens: number
}

export function costOf({ inputTokens, outputTokens }: Tokens): bigint {
  return BigInt(inputTokens) * INPUT_NANOUSD + BigInt(outputTokens) * OUTPUT_NANOUSD
}

export function aChargeOf(userId: string, idempotencyKey: string, usage: Tokens): Operation {
  return {
    ...{ kind: 'charge', userId, idempotencyKey, deltaNanousd: -costOf(usage) },
    async send(client) {
      const request = { userId, idempotencyKey, usage, ...MODEL }
      return chargeAnswer(await client.chargeUsage(request, { timeoutMs: CALL_MS_MAX }))
    },
  }
}

export function aBatchOf(charges: readonly { userId: string; key: string; usage: Tokens }[]): Sending {
  return {
    operations: charges.map(({ userId, key, usage }) => aChargeOf(userId, key, usage)),
    async send(client) {
      const requests = charges.map(({ userId, key, usage }) => ({
        ...{ userId, idempotencyKey: key, usage, ...MODEL },
      }))
      const { results } = await client.batchChargeUsage({ requests }, { timeoutMs: CALL_MS_MAX })
      return results.map(({ response, error }) => {
        if (error) return errorOfItem(error)
        if (!response) throw new Error('neither a response nor an error')
        return chargeAnswer(response)
      })
    },
  }
}

export function aGrantOf(userId: string, idempotencyKey: string, amountNanousd: bigint): Operation {
  return {
    ...{ kind: 'grant', userId, idempotencyKey, deltaNanousd: amountNanousd },
    async send(client) {
      const grant = {
        userId,
        idempotencyKey,
        pot: 'POT_CREDITS',
        amountNanousd: String(amountNanousd),
      } as const
      const { entry, replayed } = await client.grantCredits(grant, { timeoutMs: CALL_MS_MAX })
      if (entry === null) throw new Error('no entry')
      return { replayed, receipt: entry, isDeferred: false }
    },
  }
}

/** Opened, reported to twice, and closed. Sent again, it takes up where it was. */
export function aStreamOf(userId: string, idempotencyKey: string, usage: Tokens): Operation {
  const { inputTokens, outputTokens } = usage
  return {
    ...{ kind: 'stream', userId, idempotencyKey, deltaNanousd: -costOf(usage) },
    async send(client) {
      const stream = new TestStream(client, { userId, idempotencyKey, inputTokens, ...MODEL })
      const timer = setTimeout(() => stream.cancel(), CALL_MS_MAX)
      try {
        await stream.until(({ grants, settlement }) => grants.length > 0 || settlement !== undefined)
        if (stream.settlement === undefined || stream.settlement.amendableUntil !== null) {
          stream.progress(1, Math.floor(outputTokens / 3), inputTokens)
          stream.progress(2, Math.floor(outputTokens / 2), inputTokens)
          stream.close(usage)
        }
        await stream.until(({ settlement }) => settlement !== undefined && settlement.amendableUntil === null)
        const { charge = null, replayed = false } = stream.settlement ?? {}
        // Its server ends the call. Cancelled by the thousand, calls cost their connection: HTTP/2 takes that for an attack.
        await stream.ended
        return chargeAnswer({ charge, replayed })
      } catch (error) {
        stream.cancel()
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

export interface LoadShape {
  userIds: readonly string[]
  /** Begins every key. */
  name: string
  /** Of a hundred. The rest are single charges. */
  batches?: number
  grants?: number
  streams?: number
}

/** Half of it is the first user's. */
export function* sendings(
  random: Randomness,
  { userIds, name, batches = 15, grants = 10, streams = 15 }: LoadShape,
): Generator<Sending, never> {
  const aUser = () => (random.once(2) ? (userIds[0] ?? '') : random.oneOf(userIds))
  const tokens = () => ({ inputTokens: 1_000 + random.below(5_000), outputTokens: random.below(3_000) })
  for (let n = 0; ; n++) {
    const key = `${name}-${n}`
    const die = random.below(100)
    if (die < batches) {
      const members = Array.from({ length: 2 + random.below(8) }, (_, index) => ({
        ...{ userId: aUser(), key: `${key}/${index}`, usage: tokens() },
      }))
      yield aBatchOf(members)
    } else if (die < batches + grants) {
      yield alone(aGrantOf(aUser(), key, BigInt(1 + random.below(1_000_000_000))))
    } else if (die < batches + grants + streams) yield alone(aStreamOf(aUser(), key, tokens()))
    else yield alone(aChargeOf(aUser(), key, tokens()))
  }
}

function chargeAnswer({ charge, replayed }: { charge: Charge__Output | null; replayed: boolean }): Answer {
  if (charge === null) throw new Error('no receipt')
  return { replayed, receipt: charge, isDeferred: charge.status === 'CHARGE_STATUS_DEFERRED' }
}
