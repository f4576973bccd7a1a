/** What may continue while no tollgate server answers. Needs a store. */
export interface WhileDown {
  /** How long a user stays known after tollgate admitted a call of theirs. Default: 10 minutes. */
  knownForMs?: number
  /** Calls that a known user may start on trust until tollgate admits one again; 0 = none. Default: 20. */
  callsPerUserMax?: number
  /** Output tokens that a stream may deliver beyond its grant (in all, without one); 0 = none. Default: 4,096. */
  outputTokensMax?: number
  /**
   * How long a call waits for a server. After one wait that no server ended, further calls wait half a second until one
   * answers again. Default: 5 s.
   */
  waitMs?: number
}

const DEFAULTS: Required<WhileDown> = {
  knownForMs: 600_000,
  callsPerUserMax: 20,
  outputTokensMax: 4_096,
  waitMs: 5_000,
}
const WAIT_MS_WHILE_DOWN = 500
// About 20 MB of users.
const USERS_MAX = 100_000

interface KnownUser {
  /** By `performance.now()`. */
  knownUntil: number
  callsLeft: number
}

/** Remembers whom tollgate admitted lately, and so who may be served while it is down. */
export class Trust {
  readonly #settings: Required<WhileDown>
  /** The user admitted longest ago comes first. */
  readonly #users = new Map<string, KnownUser>()
  #isDown = false

  constructor(settings: WhileDown = {}) {
    this.#settings = { ...DEFAULTS, ...settings }
  }

  get outputTokensMax(): number {
    return this.#settings.outputTokensMax
  }

  /** How long to wait for a server. */
  get waitMs(): number {
    return this.#isDown ? Math.min(WAIT_MS_WHILE_DOWN, this.#settings.waitMs) : this.#settings.waitMs
  }

  /** tollgate admitted a call of this user. */
  admitted(userId: string): void {
    this.#isDown = false
    const { knownForMs, callsPerUserMax } = this.#settings
    this.#users.delete(userId)
    this.#users.set(userId, { knownUntil: performance.now() + knownForMs, callsLeft: callsPerUserMax })
    const [oldest] = this.#users.keys()
    if (this.#users.size > USERS_MAX && oldest !== undefined) this.#users.delete(oldest)
  }

  /** tollgate refused a call of this user. */
  refused(userId: string): void {
    this.#isDown = false
    this.#users.delete(userId)
  }

  /** No server answered within `waitMs`. */
  unreachable(): void {
    this.#isDown = true
  }

  /** Takes one of the user's calls on trust, if there is one. */
  take(userId: string): boolean {
    const user = this.#users.get(userId)
    if (user === undefined || user.knownUntil < performance.now() || user.callsLeft <= 0) return false
    user.callsLeft--
    return true
  }
}
