import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import { formatUsd } from '../../domain/money'
import type { StreamGrant__Output } from '../../wire/generated/tollgate/billing/v1/StreamGrant'
import type { Display, Tone } from './display'

/** A finished call, with the usage as the provider reported it. */
export interface FinishedCall {
  key: string
  model: string
  provider: string
  format: string
  usage: object
  /** The team of an organization that made it. */
  team?: string
}

export interface LiveCall {
  key: string
  model: string
  provider: string
  inputTokens: number
  maxOutputTokens: number
}

/** Plays a gateway that uses tollgate, and narrates it. */
export class DemoGateway {
  readonly client: TollgateClient
  readonly #display: Display
  readonly #run: string

  constructor(client: TollgateClient, display: Display, run: string) {
    this.client = client
    this.#display = display
    this.#run = run
  }

  userIdOf(name: string): string {
    return `${this.#run}-${name}`
  }

  async createUser(name: string): Promise<void> {
    await this.client.createUser({ userId: this.userIdOf(name) })
  }

  async grant(name: string, key: string, amountNanousd: bigint): Promise<void> {
    const { entry } = await this.client.grantCredits({
      idempotencyKey: key,
      userId: this.userIdOf(name),
      pot: 'POT_CREDITS',
      amountNanousd: amountNanousd.toString(),
      reason: 'demo',
    })
    const left = usd(entry?.balance?.availableNanousd)
    await this.#display.line(name, `granted ${formatUsd(amountNanousd)}, available ${left}`, 'good')
  }

  /** One budget with a counter for each value of the label `team`. */
  async putTeamBudget(name: string, limitNanousd: bigint): Promise<void> {
    await this.client.putBudget({
      budget: {
        userId: this.userIdOf(name),
        budgetId: 'teams',
        groupBy: [{ label: 'team' }],
        window: { period: 'BUDGET_PERIOD_DAY' },
        limitNanousd: limitNanousd.toString(),
        action: 'BUDGET_ACTION_ENFORCE',
      },
    })
    await this.#display.line(
      name,
      `budget teams: each team may spend ${formatUsd(limitNanousd)} a day`,
      'good',
    )
  }

  async showBudgets(name: string): Promise<void> {
    const { usages } = await this.client.listBudgetUsage({ userId: this.userIdOf(name) })
    for (const { budgetId, groupValues, spentNanousd, limitNanousd } of usages) {
      const spent = `${usd(spentNanousd)} of ${usd(limitNanousd)}`
      await this.#display.line(name, `budget ${budgetId}, ${groupValues.join(', ')}: ${spent} spent`, 'quiet')
    }
  }

  async quote(
    name: string,
    call: Pick<LiveCall, 'model' | 'provider' | 'inputTokens' | 'maxOutputTokens'>,
  ): Promise<void> {
    const { model, provider, inputTokens, maxOutputTokens } = call
    const quote = await this.client.priceQuote({
      model,
      provider,
      usage: { inputTokens },
      maxOutputTokens,
      userId: this.userIdOf(name),
    })
    const affordable = quote.affordable
      ? 'affordable'
      : `the credits buy ${tokens(quote.affordableOutputTokens)} of ${tokens(maxOutputTokens)} output tokens`
    await this.#display.line(
      name,
      `quote ${model}: ${tokens(inputTokens)} in, at most ${tokens(maxOutputTokens)} out: up to ${usd(quote.maxCostNanousd)}; ${affordable}`,
      quote.affordable ? 'plain' : 'bad',
    )
  }

  /** True if it was deducted, now or before. */
  async charge(name: string, { key, model, provider, format, usage, team }: FinishedCall): Promise<boolean> {
    const what = team === undefined ? `charge ${model}` : `charge ${model} of team ${team}`
    try {
      const { charge, replayed } = await this.client.chargeUsage({
        idempotencyKey: key,
        userId: this.userIdOf(name),
        model,
        provider,
        providerUsage: { format, json: JSON.stringify(usage) },
        ...(team !== undefined && { labels: { team } }),
      })
      const counts = `${tokens(charge?.usage?.inputTokens)} in, ${tokens(charge?.usage?.outputTokens)} out`
      const receipt = `${usd(charge?.amountNanousd)}, available ${usd(charge?.balance?.availableNanousd)}`
      await this.#display.line(
        name,
        replayed
          ? `${what}: charged before, same receipt ${charge?.chargeId.slice(0, 11)}…: nothing is taken twice`
          : `${what}: ${counts}: ${receipt}`,
        replayed ? 'quiet' : 'good',
      )
      return true
    } catch (error) {
      await this.#refused(name, what, error)
      return false
    }
  }

  /** Streams `outputTokens` as far as the grants allow. */
  async stream(name: string, call: LiveCall, generation: Generation): Promise<void> {
    const { outputTokens, end = 'STREAM_END_COMPLETED', cutAfterTokens } = generation
    const stream = this.client.streamSettle()
    const say = (what: string, tone?: Tone) => this.#display.line(name, `stream ${call.model}: ${what}`, tone)
    const usageAt = (count: number) => ({ inputTokens: call.inputTokens, outputTokens: count })
    stream.open({
      idempotencyKey: call.key,
      userId: this.userIdOf(name),
      model: call.model,
      provider: call.provider,
      inputTokens: call.inputTokens,
      maxOutputTokens: call.maxOutputTokens,
    })
    let sequence = 0
    let closed = false
    try {
      for await (const { grant, ack, settled } of stream.events) {
        if (grant && !closed) {
          await say(...grantLine(grant))
          sequence = Math.max(sequence, Number(grant.acknowledgedSequence)) + 1
          const generated = Math.min(cutAfterTokens ?? outputTokens, Number(grant.grantedOutputTokens))
          stream.progress({ sequence, usage: usageAt(generated) })
          closed = cutAfterTokens === undefined && (generated === outputTokens || isFinal(grant))
          if (closed) {
            stream.close({ sequence: sequence + 1, usage: usageAt(generated), end })
            stream.end()
          }
        }
        if (ack && cutAfterTokens !== undefined) {
          await say(
            `connection lost at ${tokens(cutAfterTokens)} tokens; the hold stays, ${usd(ack.costNanousd)} is on record`,
            'bad',
          )
          stream.cancel()
          return
        }
        if (settled) {
          const { charge, releasedNanousd } = settled
          const how = `${endOf(charge?.end)} at ${tokens(charge?.usage?.outputTokens)} tokens`
          await say(`${how}: ${usd(charge?.amountNanousd)}, ${usd(releasedNanousd)} given back`, 'good')
        }
      }
    } catch (error) {
      await this.#refused(name, `stream ${call.model}`, error)
    }
  }

  async #refused(name: string, what: string, error: unknown): Promise<void> {
    if (!(error instanceof TollgateError)) throw error
    await this.#display.line(name, `${what}: refused, ${error.reason}: ${error.message}`, 'bad')
  }
}

export interface Generation {
  outputTokens: number
  end?: 'STREAM_END_COMPLETED' | 'STREAM_END_CANCELLED'
  /** Breaks the gateway's connection once this much is reported and recorded. */
  cutAfterTokens?: number
}

function grantLine(grant: StreamGrant__Output): [string, Tone] {
  const until = `up to ${tokens(grant.grantedOutputTokens)} output tokens, ${usd(grant.grantedNanousd)} held`
  return isFinal(grant)
    ? [`last grant (${reasonOf(grant.finalReason)}): ${until}`, 'plain']
    : [`granted ${until}`, 'plain']
}

function isFinal({ finalReason }: StreamGrant__Output): boolean {
  return finalReason !== 'FINAL_REASON_UNSPECIFIED'
}

/** An amount from the wire, for a person. */
export function usd(amountNanousd: string | undefined): string {
  return formatUsd(BigInt(amountNanousd ?? '0'))
}

function tokens(count: string | number | undefined): string {
  return BigInt(count ?? 0).toLocaleString('en-US')
}

function reasonOf(finalReason: string): string {
  return finalReason.replace('FINAL_REASON_', '').toLowerCase().replaceAll('_', ' ')
}

function endOf(end: string | undefined): string {
  return (end ?? '').replace('STREAM_END_', '').toLowerCase()
}
