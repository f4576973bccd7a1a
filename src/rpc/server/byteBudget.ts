/** What one call holds of a {@link ByteBudget}. */
export interface ByteAccount {
  bytes: number
  /** Whether the call may be ended to make room. */
  mayEnd: boolean
  /** Ends the call. */
  end(): void
}

/**
 * Bounds the bytes that all calls of a process hold together. When they are too many, the calls that have held theirs for
 * longest end: a call that behaves holds its bytes for milliseconds, one that attacks holds them for as long as it can.
 */
export class ByteBudget {
  readonly #bytesMax: number
  /** Accounts that hold bytes, the oldest first. */
  readonly #accounts = new Set<ByteAccount>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Whether there was room, if need be made by ending older calls. The account may be among those that ended. */
  take(account: ByteAccount, bytes: number): boolean {
    this.#accounts.add(account)
    account.bytes += bytes
    this.#bytes += bytes
    for (const oldest of this.#accounts) {
      if (this.#bytes <= this.#bytesMax) break
      if (!oldest.mayEnd) continue
      this.give(oldest)
      oldest.end()
    }
    return this.#bytes <= this.#bytesMax
  }

  /** Gives back some of the account's bytes, by default all. */
  give(account: ByteAccount, bytes = account.bytes): void {
    const given = Math.min(bytes, account.bytes)
    account.bytes -= given
    this.#bytes -= given
    if (account.bytes === 0) this.#accounts.delete(account)
  }
}
