import { status } from '@grpc/grpc-js'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { errorOfItem, TollgateError } from '../../../clients/node/src/errors'
import type { Charge__Output } from '../../../src/wire/generated/tollgate/billing/v1/Charge'
import type { LedgerEntry__Output } from '../../../src/wire/generated/tollgate/billing/v1/LedgerEntry'
import type { Randomness } from '../randomness'
import { TestStream } from '../streamClients'

export const START_NANOUSD = 1_000_000_000_000n
/** gpt-4o-mini: $0.15 and $0.60 for a million tokens. The test computes costs by itself. */
export const MODEL = { model: 'gpt-4o-mini', provider: 'openai' }
export const INPUT_NANOUSD = 150n
export const OUTPUT_NANOUSD = 600n
const CALL_MS_MAX = 30_000

/** One change of a user's credits, which must happen once. */
export interface Operation {
  kind: 'charge' | 'grant' | 'stream' | 'refund'
  userId: string
  idempotencyKey: string
  /** Its effect on the user's credits. */
  deltaNanousd: bigint
  /** Its user can't pay for it until a grant arrives: it may be refused or fall short, and is collected then. */
  isOwed?: true
  /** Rejects with a TollgateError. */
  send(client: TollgateClient): Promise<Answer>
}

export interface Answer {
  replayed: boolean
  receipt: Charge__Output | LedgerEntry__Output
  isDeferred: boolean
}

/** Operations that are sent together: one alone, or the charges of a batch. */
export interface Sending {
  operations: readonly Operation[]
  /** The answer to each, or its error. Rejects if the whole call failed. */
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

/**
 * Refunds half of a charge or stream, which it makes or finds first. Then it asks for a full refund under another key,
 * which must be refused: otherwise the audit finds an unknown entry.
 */
export function aRefundOf(
  charge: Operation,
  { andTooMuch = true }: { andTooMuch?: boolean } = {},
): Operation {
  const { userId } = charge
  const idempotencyKey = `${charge.idempotencyKey}/refund`
  const chargedNanousd = -charge.deltaNanousd
  const deltaNanousd = chargedNanousd / 2n
  return {
    ...{ kind: 'refund', userId, idempotencyKey, deltaNanousd },
    async send(client) {
      const { receipt, isDeferred } = await charge.send(client)
      if (isDeferred) throw new TollgateError(status.UNAVAILABLE, 'what waits on a disk is not refunded')
      const { chargeId } = receipt
      const refund = (key: string, amountNanousd: bigint) =>
        client.refundCharge(
          { userId, idempotencyKey: key, chargeId, amountNanousd: String(amountNanousd) },
          { timeoutMs: CALL_MS_MAX },
        )
      const { entry, replayed } = await refund(idempotencyKey, deltaNanousd)
      if (entry === null) throw new Error('no entry')
      if (andTooMuch) await refund(`${idempotencyKey}/too-much`, chargedNanousd).catch(() => undefined)
      return { replayed, receipt: entry, isDeferred: false }
    },
  }
}

/** A call that its user can't pay for, and the grant from which it is collected. */
export function aDebtOf(userId: string, key: string, usage: Tokens): Sending {
  const charge: Operation = { ...aChargeOf(userId, key, usage), isOwed: true }
  const grant = aGrantOf(userId, `${key}/paid`, costOf(usage))
  return {
    operations: [grant, charge],
    async send(client) {
      const refused = await answerOf(charge, client)
      const granted = await grant.send(client)
      // If it could be paid, another operation's grant paid it.
      return [granted, refused instanceof TollgateError ? await answerOf(charge, client) : refused]
    },
  }
}

/** A stream that ends with more than its user can pay, and the grant from which the rest is collected. */
export function aShortfallOf(userId: string, key: string, usage: Tokens): Sending {
  const stream: Operation = { ...aStreamOf(userId, key, usage), isOwed: true }
  const beginNanousd = costOf({ ...usage, outputTokens: 1 })
  const begin = aGrantOf(userId, `${key}/begin`, beginNanousd)
  const rest = aGrantOf(userId, `${key}/rest`, costOf(usage) - beginNanousd)
  return {
    operations: [begin, stream, rest],
    send: async (client) => [
      await begin.send(client),
      await answerOf(stream, client),
      await rest.send(client),
    ],
  }
}

async function answerOf(operation: Operation, client: TollgateClient): Promise<Answer | TollgateError> {
  try {
    return await operation.send(client)
  } catch (error) {
    if (error instanceof TollgateError) return error
    throw error
  }
}

/** Opens, reports twice and closes. Sent again, it resumes the stream. */
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
        // The server ends the call. Thousands of cancelled calls would cost the connection: HTTP/2 takes them for an attack.
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

/** Their only credits are the grants for what they owe. */
export const POOR_USER_IDS = ['poor-1', 'poor-2', 'poor-3', 'poor-4']

export interface LoadShape {
  userIds: readonly string[]
  /** The prefix of every key. */
  name: string
  /** Percentages. The rest are single charges. */
  batches?: number
  grants?: number
  streams?: number
  /** Percentage of operations that refund an earlier one. */
  refunds?: number
  /** Percentage of calls and streams of users who can't pay yet. */
  debts?: number
  /** Whether each refund is followed by one that must be refused. */
  refundsTooMuch?: boolean
}

/** Only operations that are deferred while the database is unreachable. */
export const CHARGES_ALONE = { grants: 0, streams: 0, refunds: 0, debts: 0 } as const

/** Half of the operations are the first user's. */
export function* sendings(random: Randomness, shape: LoadShape): Generator<Sending, never> {
  const { userIds, name, batches = 15, grants = 10, streams = 15, refunds = 8, debts = 6 } = shape
  const aUser = () => (random.once(2) ? (userIds[0] ?? '') : random.oneOf(userIds))
  const tokens = () => ({ inputTokens: 1_000 + random.below(5_000), outputTokens: random.below(3_000) })
  const refundable: Operation[] = []
  const remembered = (operation: Operation) => {
    refundable.push(operation)
    return alone(operation)
  }
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
    } else if (die < batches + grants + streams) yield remembered(aStreamOf(aUser(), key, tokens()))
    else if (die < batches + grants + streams + refunds && refundable.length > REFUNDABLE_MIN) {
      // Not one of the latest, which may be in flight.
      const [charge] = refundable.splice(random.below(refundable.length - REFUNDABLE_MIN), 1)
      if (charge !== undefined) yield alone(aRefundOf(charge, { andTooMuch: shape.refundsTooMuch ?? true }))
    } else if (die >= 100 - debts) {
      const owes = random.once(2) ? aShortfallOf : aDebtOf
      yield owes(random.oneOf(POOR_USER_IDS), key, { ...tokens(), outputTokens: 2 + random.below(3_000) })
    } else yield remembered(aChargeOf(aUser(), key, tokens()))
  }
}

/** More than there are callers. */
const REFUNDABLE_MIN = 20

function chargeAnswer({ charge, replayed }: { charge: Charge__Output | null; replayed: boolean }): Answer {
  if (charge === null) throw new Error('no receipt')
  return { replayed, receipt: charge, isDeferred: charge.status === 'CHARGE_STATUS_DEFERRED' }
}
