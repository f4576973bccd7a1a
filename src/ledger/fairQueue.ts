interface Waiting<T> {
  items: T[]
  /** The items before this index were taken. */
  head: number
}

/**
 * The items of many users. Users take turns, and each user's items keep their order, so that a user's backlog never delays
 * another user's single item for long.
 */
export class FairQueue<T> {
  readonly #users = new Map<string, Waiting<T>>()
  #length = 0

  get length(): number {
    return this.#length
  }

  push(userId: string, item: T): void {
    const waiting = this.#users.get(userId)
    if (waiting === undefined) this.#users.set(userId, { items: [item], head: 0 })
    else waiting.items.push(item)
    this.#length++
  }

  /** Removes and returns at most `max` items. */
  take(max: number): T[] {
    const taken: T[] = []
    // Iterating over a map also visits what is added meanwhile. So a user with more items goes to the end and is visited again.
    for (const [userId, waiting] of this.#users) {
      if (taken.length === max) break
      taken.push(waiting.items[waiting.head++] as T)
      this.#users.delete(userId)
      if (waiting.head < waiting.items.length) this.#users.set(userId, waiting)
    }
    this.#length -= taken.length
    return taken
  }
}
