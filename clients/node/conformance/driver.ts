import { createInterface } from 'node:readline'
import type { Answer, Command, ConnectCommand } from '../../conformance/protocol'
import {
  connectTollgate,
  isUndecided,
  type MeterStreamSettings,
  meterStream,
  type TollgateClient,
  TollgateError,
  UndeliveredSettlements,
} from '../src/index'

// The driver of the conformance suite for Node: does what the lines on stdin say, and answers on stdout.

type StreamCommand = Extract<Command, { do: 'stream' }>
type ChunksCommand = Extract<Command, { do: 'chunks' }>

/** A provider that gives what it is told to, and the end user who reads it. */
class Generation {
  readonly abort = new AbortController()
  delivered = 0
  providerCalled = false
  isOver = false
  #chunks: object[] = []
  #given = 0
  #end: 'ends' | 'fails' | undefined
  readonly #listeners = new Set<() => void>()

  give({ chunk, count }: ChunksCommand): Promise<Answer> {
    this.#given += count
    const upTo = this.#given
    for (let n = 0; n < count; n++) this.#chunks.push(chunk)
    this.#changed()
    return this.#until(() => this.delivered >= upTo || this.isOver).then(() => ({
      delivered: this.delivered,
    }))
  }

  end(how: 'ends' | 'fails'): void {
    this.#end = how
    this.#changed()
  }

  over(): void {
    this.isOver = true
    this.#changed()
  }

  async *chunks(): AsyncGenerator<object> {
    this.providerCalled = true
    for (;;) {
      const next = this.#chunks.shift()
      if (next !== undefined) yield next
      else if (this.#end === 'fails') throw new Error('the provider failed')
      else if (this.#end === 'ends') return
      else await this.#until(() => this.#chunks.length > 0 || this.#end !== undefined)
    }
  }

  async read(chunks: AsyncIterable<object>): Promise<void> {
    for await (const _chunk of chunks) {
      this.delivered++
      this.#changed()
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#listeners.add(resolve))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }
}

class Driver {
  #client: TollgateClient | undefined
  #settings: Omit<ConnectCommand, 'do'> = {}
  #undelivered: UndeliveredSettlements | undefined
  readonly #generations = new Map<string, Generation>()
  readonly #running = new Set<Promise<unknown>>()

  async answer(command: Command): Promise<Answer> {
    switch (command.do) {
      case 'connect':
        return await this.#connect(command)
      case 'charge':
        return await this.#charge(command)
      case 'hold':
        throw new Error('there is no hold() yet')
      case 'stream':
        return await this.#stream(command)
      case 'chunks':
        return await this.#generation(command.stream).give(command)
      case 'end':
        this.#generation(command.stream).end(command.fails ? 'fails' : 'ends')
        return {}
      case 'leave':
        this.#generation(command.stream).abort.abort()
        return {}
      case 'deliver': {
        const delivery = await this.#store.deliver(this.#connected)
        return {
          deliveredCount: delivery.delivered,
          waitingCount: delivery.waiting,
          refusedCount: delivery.refused,
        }
      }
      case 'close':
        for (const { abort } of this.#generations.values()) abort.abort()
        await Promise.allSettled(this.#running)
        this.#connected.close()
        return {}
    }
  }

  async #connect({
    address = '',
    store,
    batching,
    retriesMax,
    attemptTimeoutMs,
    ...settings
  }: ConnectCommand) {
    const retry = {
      ...(retriesMax !== undefined && { retriesMax }),
      ...(attemptTimeoutMs !== undefined && { attemptTimeoutMs }),
    }
    this.#client = connectTollgate({ address, retry, ...(batching !== undefined && { batching }) })
    this.#settings = settings
    if (store !== undefined) this.#undelivered = new UndeliveredSettlements(store)
    return {}
  }

  async #charge({ request }: Extract<Command, { do: 'charge' }>): Promise<Answer> {
    const { timeoutMs } = this.#settings
    const occurredAt = { seconds: Math.floor(Date.parse(request.occurredAt ?? '') / 1_000) }
    const dated = { ...request, occurredAt }
    try {
      const { charge, replayed } = await this.#connected.chargeUsage(
        dated,
        timeoutMs === undefined ? {} : { timeoutMs },
      )
      return { outcome: 'charged', amountNanousd: charge?.amountNanousd ?? '', replayed }
    } catch (error) {
      if (!isUndecided(error)) return { outcome: 'refused', reason: reasonOf(error) }
      if (this.#undelivered === undefined) return { outcome: 'undecided', reason: reasonOf(error) }
      await this.#undelivered.keepCharge(dated)
      return { outcome: 'kept' }
    }
  }

  async #stream({ stream, open, format }: StreamCommand): Promise<Answer> {
    const generation = this.#generation(stream)
    const { waitMs, outputTokensBeyondGrant = 4_096 } = this.#settings
    const settings: MeterStreamSettings<object> = {
      open,
      format,
      signal: generation.abort.signal,
      start: () => generation.chunks(),
      whenUnreachable: {
        ...(waitMs !== undefined && { waitMs }),
        ...(this.#undelivered !== undefined && {
          undelivered: this.#undelivered,
          outputTokensBeyondGrant,
        }),
      },
    }
    const metered = meterStream(this.#connected, settings)
    const isRead = generation.read(metered).catch(() => undefined)
    const facts = () => ({ delivered: generation.delivered, providerCalled: generation.providerCalled })
    try {
      await isRead
      const { charge, stoppedBy } = await metered.ended
      const stopped = stoppedBy === undefined ? {} : { stoppedBy }
      if (charge === undefined) return { outcome: 'kept', ...stopped, ...facts() }
      if (charge.amountNanousd === '0') return { outcome: 'nothing', ...stopped, ...facts() }
      return { outcome: 'charged', amountNanousd: charge.amountNanousd, ...stopped, ...facts() }
    } catch (error) {
      return { outcome: isUndecided(error) ? 'undecided' : 'refused', reason: reasonOf(error), ...facts() }
    } finally {
      generation.over()
    }
  }

  #generation(name: string): Generation {
    const known = this.#generations.get(name) ?? new Generation()
    this.#generations.set(name, known)
    return known
  }

  /** What must be over before the client is closed. */
  track(answer: Promise<unknown>): void {
    this.#running.add(answer)
    void answer.finally(() => this.#running.delete(answer)).catch(() => undefined)
  }

  get #connected(): TollgateClient {
    if (this.#client === undefined) throw new Error('not connected')
    return this.#client
  }

  get #store(): UndeliveredSettlements {
    if (this.#undelivered === undefined) throw new Error('there is no store')
    return this.#undelivered
  }
}

function reasonOf(error: unknown): string {
  return error instanceof TollgateError ? error.reason : String(error)
}

const driver = new Driver()
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, ...command } = JSON.parse(line) as Command & { id: number }
  const answer = driver.answer(command).catch((error) => ({ error: String(error) }))
  if (command.do !== 'close') driver.track(answer)
  void answer.then((answered) => {
    process.stdout.write(`${JSON.stringify({ id, ...answered })}\n`)
    if (command.do === 'close') process.exit(0)
  })
})
