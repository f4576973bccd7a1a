import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Command, ConnectCommand } from '../../conformance/protocol'
import { isUndecided, openTollgate, type Tollgate, TollgateError } from '../src/index'

// The driver of the conformance suite for Node: does what the lines on stdin say, and answers on stdout.

type StreamCommand = Extract<Command, { do: 'stream' }>
type HoldCommand = Extract<Command, { do: 'hold' }>
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
  #tollgate: Tollgate | undefined
  #timeoutMs: number | undefined
  readonly #generations = new Map<string, Generation>()
  readonly #running = new Set<Promise<unknown>>()

  async answer(command: Command): Promise<Answer> {
    switch (command.do) {
      case 'connect':
        return await this.#connect(command)
      case 'charge':
        return await this.#charge(command)
      case 'hold':
        return await this.#hold(command)
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
        const delivery = await this.#connected.deliver()
        return {
          deliveredCount: delivery.delivered,
          waitingCount: delivery.waiting,
          refusedCount: delivery.refused,
        }
      }
      case 'close':
        await this.#connected.shutdown()
        await Promise.allSettled(this.#running)
        return {}
    }
  }

  async #connect(command: ConnectCommand): Promise<Answer> {
    const { address = '', store, storeBytesMax, batching, timeoutMs } = command
    const { retriesMax, attemptTimeoutMs, waitMs, outputTokensBeyondGrant } = command
    this.#timeoutMs = timeoutMs
    try {
      this.#tollgate = await openTollgate({
        address,
        // The scenario says when to deliver.
        deliverEveryMs: 0,
        onProblem: (problem) => process.stderr.write(`${problem.message}\n`),
        ...(store !== undefined && { store }),
        ...(storeBytesMax !== undefined && { storeBytesMax }),
        ...(batching !== undefined && { batching }),
        retry: {
          ...(retriesMax !== undefined && { retriesMax }),
          ...(attemptTimeoutMs !== undefined && { attemptTimeoutMs }),
        },
        whileDown: {
          ...(waitMs !== undefined && { waitMs }),
          ...(outputTokensBeyondGrant !== undefined && { outputTokensMax: outputTokensBeyondGrant }),
        },
      })
    } catch {
      return { error: 'STORE_UNWRITABLE' }
    }
    return {}
  }

  async #charge({ request }: Extract<Command, { do: 'charge' }>): Promise<Answer> {
    const { occurredAt, ...call } = request
    const ms = Date.parse(occurredAt ?? '')
    const timeoutMs = this.#timeoutMs
    try {
      const { charge, replayed } = await this.#connected.charge(
        { ...call, occurredAt: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 } },
        timeoutMs === undefined ? {} : { timeoutMs },
      )
      return charge === undefined
        ? { outcome: 'kept' }
        : { outcome: 'charged', amountNanousd: charge.amountNanousd, replayed }
    } catch (error) {
      return { outcome: isUndecided(error) ? 'undecided' : 'refused', reason: reasonOf(error) }
    }
  }

  async #hold({ open, takesMs = 0, usage, fails }: HoldCommand): Promise<Answer> {
    let providerCalled = false
    try {
      const { charge } = await this.#connected.hold({
        open,
        format: 'openai.chat',
        async call() {
          providerCalled = true
          await sleep(takesMs)
          if (fails) throw new Error('the provider failed')
          return { usage: { prompt_tokens: usage?.inputTokens, completion_tokens: usage?.outputTokens } }
        },
      })
      return { ...receiptOf(charge), providerCalled }
    } catch (error) {
      if (!(error instanceof TollgateError)) return { outcome: 'nothing', providerCalled }
      const outcome = providerCalled && isUndecided(error) ? 'undecided' : 'refused'
      return { outcome, reason: reasonOf(error), providerCalled }
    }
  }

  async #stream({ stream, open, format }: StreamCommand): Promise<Answer> {
    const generation = this.#generation(stream)
    const metered = this.#connected.meterStream({
      open,
      format,
      signal: generation.abort.signal,
      start: () => generation.chunks(),
    })
    const facts = () => ({ delivered: generation.delivered, providerCalled: generation.providerCalled })
    try {
      await generation.read(metered).catch(() => undefined)
      const { charge, stoppedBy } = await metered.ended
      return { ...receiptOf(charge), ...(stoppedBy !== undefined && { stoppedBy }), ...facts() }
    } catch (error) {
      const outcome = generation.providerCalled && isUndecided(error) ? 'undecided' : 'refused'
      return { outcome, reason: reasonOf(error), ...facts() }
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

  get #connected(): Tollgate {
    if (this.#tollgate === undefined) throw new Error('not connected')
    return this.#tollgate
  }
}

function receiptOf(charge: { amountNanousd: string } | undefined): Answer {
  if (charge === undefined) return { outcome: 'kept' }
  if (charge.amountNanousd === '0') return { outcome: 'nothing' }
  return { outcome: 'charged', amountNanousd: charge.amountNanousd }
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
