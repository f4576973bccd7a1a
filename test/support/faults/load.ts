import { setTimeout as sleep } from 'node:timers/promises'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import type { Randomness } from '../randomness'
import type { Operation, Sending } from './operations'
import type { AuditRules, TestBook } from './testBook'

export interface LoadSettings {
  book: TestBook
  random: Randomness
  sendings: Iterator<Sending>
  /** The servers that may be called at the moment. */
  clients: () => readonly TollgateClient[]
  inFlight?: number
  /** The pause of each caller between two calls. */
  pauseMs?: number
  /** Percentage of failed calls that are retried at once, perhaps at another server; the rest waits for the audit. */
  resent?: number
  /** Called for an answer that is repeated because another operation of the same call failed. */
  rules?: AuditRules
}

const NOBODY_THERE_MS = 20
const TOLD_MAX = 5

/** Callers that send one operation after the other until they are stopped. What fails is recorded as unanswered. */
export class Load {
  readonly #settings: LoadSettings
  readonly #workers: Promise<void>[]
  #isOver = false
  /** A bug: any error except a refusal or a lost connection. */
  #broken: unknown
  /** Failed calls, by reason. */
  readonly failures = new Map<string, number>()
  /** The messages of a few failures, for a person to read. */
  readonly told: string[] = []

  constructor(settings: LoadSettings) {
    this.#settings = settings
    this.#workers = Array.from({ length: settings.inFlight ?? 12 }, () => this.#work())
  }

  /** Waits until this many more are answered. */
  async answers(more: number): Promise<void> {
    const { book } = this.#settings
    const goal = book.answers + more
    while (book.answers < goal && this.#broken === undefined) await sleep(5)
    this.#throwIfBroken()
  }

  /** Waits for everything in flight. */
  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#workers)
    this.#throwIfBroken()
  }

  async #work(): Promise<void> {
    const { sendings, random, resent = 50, pauseMs } = this.#settings
    while (!this.#isOver && this.#broken === undefined) {
      const sending = sendings.next().value as Sending
      for (const operation of sending.operations) this.#settings.book.sent(operation)
      try {
        let isAnswered = await this.#send(sending)
        for (let again = 0; again < 3 && !isAnswered && random.below(100) < resent; again++)
          isAnswered = await this.#send(sending)
      } catch (error) {
        this.#broken ??= error
      }
      if (pauseMs !== undefined) await sleep(pauseMs)
    }
  }

  async #send({ operations, send }: Sending): Promise<boolean> {
    const { book, random, clients, rules } = this.#settings
    while (clients().length === 0) await sleep(NOBODY_THERE_MS)
    try {
      const answers = await send(random.oneOf(clients()))
      for (const [index, operation] of operations.entries()) {
        const answer = answers[index]
        if (answer === undefined) throw new Error(`${operation.idempotencyKey} was not answered`)
        if (answer instanceof TollgateError) this.#count(operation, answer)
        else book.answered(operation, answer, rules)
      }
      return !answers.some((answer) => answer instanceof TollgateError)
    } catch (error) {
      if (!(error instanceof TollgateError)) throw error
      this.#count(operations[0], error)
      return false
    }
  }

  #count(operation: Operation | undefined, { reason, message }: TollgateError): void {
    if (this.told.length < TOLD_MAX) this.told.push(`${operation?.idempotencyKey}: ${reason}, ${message}`)
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1)
  }

  #throwIfBroken(): void {
    if (this.#broken !== undefined) throw this.#broken
  }
}
