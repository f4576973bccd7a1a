import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { costOf, MODEL } from '../prices'
import type { Answer, Command, Scenario, Step } from '../protocol'
import { Driver } from './driver'
import type { Language } from './languages'
import { Way } from './way'
import type { OnLedger, World } from './world'

/** What came of a scenario in one language. */
export interface Played {
  /** The first answer that is not what the scenario says, or what the driver died of. */
  problem: string | undefined
  expectedNanousd: bigint
  ledger: OnLedger
}

const DOLLAR = 1_000_000_000n
const DELIVERY_WITHIN_MS = 30_000

/**
 * Plays a scenario for all languages at once: each has its own driver, user and network, and what
 * the server does hits all.
 */
export async function play(
  world: World,
  scenario: Scenario,
  { languages, outageMs, number }: { languages: readonly Language[]; outageMs: number; number: number },
): Promise<Map<string, Played>> {
  await world.startServer()
  const players = await Promise.all(
    languages.map((language, index) =>
      Player.of(world, {
        language,
        next: languages[(index + 1) % languages.length] ?? language,
        userId: `${language.name}-${number}`,
        creditsNanousd: scenario.creditsNanousd ?? DOLLAR,
      }),
    ),
  )
  try {
    for (const step of scenario.steps) {
      await changeWorld(world, step, { players, outageMs })
      await Promise.all(players.map((player) => player.take(step)))
    }
    world.wakeUpIfHung()
    await world.startServer()
    return new Map(
      await Promise.all(
        players.map(async (player) => [player.name, await player.outcome(scenario)] as const),
      ),
    )
  } finally {
    world.wakeUpIfHung()
    await Promise.all(players.map((player) => player.leave()))
  }
}

async function changeWorld(
  world: World,
  step: Step,
  { players, outageMs }: { players: readonly Player[]; outageMs: number },
): Promise<void> {
  if ('wait' in step) await sleep(step.wait === 'outage' ? outageMs : step.wait)
  if ('holds' in step) await world.expireHolds(players.map(({ userId }) => userId))
  if (!('server' in step)) return
  switch (step.server) {
    case 'kill':
      return await world.killServer()
    case 'start':
      return await world.startServer()
    case 'replace':
      return await world.replaceServer()
    case 'hang':
      return world.hang()
    case 'wake':
      return world.wakeUpIfHung()
  }
}

interface Cast {
  language: Language
  /** Who gets the store where a scenario gives it away. */
  next: Language
  userId: string
  creditsNanousd: bigint
}

/** One language in one scenario. */
class Player {
  readonly #world: World
  readonly #cast: Cast
  readonly #way: Way
  readonly #store: string
  readonly #startedAt = new Date().toISOString()
  #driver: Driver
  readonly #later = new Map<string, Promise<Answer>>()
  /** Chunks that the end user has, by stream. */
  readonly #delivered = new Map<string, number>()
  #problem: string | undefined

  static async of(world: World, cast: Cast): Promise<Player> {
    await world.givenUser(cast.userId, cast.creditsNanousd)
    const way = await Way.to(() => world.port)
    return new Player(world, cast, way, `${await world.folder(cast.language.name)}/store`)
  }

  private constructor(world: World, cast: Cast, way: Way, store: string) {
    this.#world = world
    this.#cast = cast
    this.#way = way
    this.#store = store
    this.#driver = new Driver(cast.language)
  }

  get name(): string {
    return this.#cast.language.name
  }

  get userId(): string {
    return this.#cast.userId
  }

  /** After the first problem the rest says nothing any more, and is left out. */
  async take(step: Step): Promise<void> {
    if (this.#problem !== undefined) return
    try {
      this.#problem = await this.#problemOf(step)
    } catch (error) {
      this.#problem = `${JSON.stringify(step)}: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async outcome({ chargedNanousd }: Scenario): Promise<Played> {
    const ledger = await this.#world.ledgerOf(this.userId)
    const expectedNanousd =
      typeof chargedNanousd === 'bigint'
        ? chargedNanousd
        : costOf(chargedNanousd.inputTokens, this.#delivered.get(chargedNanousd.deliveredOf) ?? 0)
    return { problem: this.#problem, expectedNanousd, ledger }
  }

  async leave(): Promise<void> {
    await this.#driver.kill()
    this.#way.close()
  }

  async #problemOf(step: Step): Promise<string | undefined> {
    if ('ask' in step) return await this.#ask(step)
    if ('answerOf' in step) {
      const answer = await this.#later.get(step.answerOf)
      return differenceOf(step, step.answers, answer)
    }
    if ('delivers' in step) return await this.#deliver(step.delivers)
    if ('network' in step) {
      if ('count' in step) this.#way.loseReplies(step.count)
      else if (step.network === 'down') this.#way.down()
      else this.#way.up()
    }
    if ('gateway' in step) {
      if (step.gateway === 'kill') await this.#driver.kill()
      else this.#driver = new Driver(step.gateway === 'start' ? this.#cast.language : this.#cast.next)
    }
    if ('elsewhere' in step) {
      const open = { ...step.elsewhere, userId: this.userId, model: MODEL }
      await this.#world.takeOver(open, step.closesWith)
    }
    if ('memoryGrowthMax' in step && this.#driver.memoryGrowth > step.memoryGrowthMax) {
      return `the driver's memory grew by ${this.#driver.memoryGrowth} bytes`
    }
    if ('callsMax' in step && this.#way.calls > step.callsMax) return `it made ${this.#way.calls} calls`
    return undefined
  }

  async #ask(step: Extract<Step, { ask: Command }>): Promise<string | undefined> {
    const times = 'times' in step ? (step.times ?? 1) : 1
    const commands = Array.from({ length: times }, (_, index) =>
      this.#complete(step.ask, times === 1 ? '' : `-${index}`),
    )
    const asked = commands.map((command) => this.#driver.ask(command))
    if ('later' in step) {
      const [answer = Promise.resolve({})] = asked
      const noted = this.#noting(step.ask, answer)
      // A driver that is killed fails it, and the scenario may not ask for it any more.
      noted.catch(() => undefined)
      this.#later.set(step.later, noted)
      return undefined
    }
    const answers = await Promise.all(asked.map((answer) => this.#noting(step.ask, answer)))
    if (step.answers === undefined) return undefined
    if ('outcomes' in step.answers) {
      const outcomes = countsOf(answers.map(outcomeText))
      return differenceOf(step, step.answers.outcomes, outcomes)
    }
    return differenceOf(step, step.answers, answers[0])
  }

  async #noting(command: Command, answer: Promise<Answer>): Promise<Answer> {
    const answered = await answer
    if ('stream' in command && answered.delivered !== undefined) {
      this.#delivered.set(command.stream, answered.delivered)
    }
    return answered
  }

  async #deliver(count: number): Promise<string | undefined> {
    const endsAt = performance.now() + DELIVERY_WITHIN_MS
    let delivered = 0
    for (;;) {
      const answer = await this.#driver.ask({ do: 'deliver' })
      delivered += answer.deliveredCount ?? 0
      const isOver = answer.waitingCount === 0 || performance.now() > endsAt
      if (!isOver) await sleep(300)
      else if (answer.waitingCount === 0 && answer.refusedCount === 0 && delivered === count) return undefined
      else return `delivered ${delivered} of ${count}; the last answer is ${JSON.stringify(answer)}`
    }
  }

  /** With what is this player's own: its user, its address, its store. */
  #complete(command: Command, suffix: string): Command {
    switch (command.do) {
      case 'connect': {
        const store = command.store === 'STORE' ? this.#store : command.store
        return { ...command, address: this.#way.address, ...(store !== undefined && { store }) }
      }
      case 'charge': {
        const idempotencyKey = `${command.request.idempotencyKey}${suffix}`
        const occurredAt = this.#startedAt
        const request = {
          ...{ userId: this.userId, model: MODEL, occurredAt },
          ...command.request,
          idempotencyKey,
        }
        return { ...command, request }
      }
      case 'hold':
      case 'stream': {
        const idempotencyKey = `${command.open.idempotencyKey}${suffix}`
        const open = { userId: this.userId, model: MODEL, ...command.open, idempotencyKey }
        return { ...command, open }
      }
      default:
        return command
    }
  }
}

function outcomeText({ outcome, reason, providerCalled }: Answer): string {
  const why = reason === undefined ? `${outcome}` : `${outcome} ${reason}`
  if (providerCalled === undefined) return why
  return `${why}, provider ${providerCalled ? 'called' : 'not called'}`
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Undefined where the answer has everything that is expected, whatever else it has. */
function differenceOf(step: Step, expected: object, actual: object | undefined): string | undefined {
  const known = actual as Record<string, unknown> | undefined
  const isEqual = Object.entries(expected).every(([name, value]) => isDeepStrictEqual(known?.[name], value))
  if (isEqual && (known?.['error'] === undefined || 'error' in expected)) return undefined
  return `${JSON.stringify(step)}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
}
