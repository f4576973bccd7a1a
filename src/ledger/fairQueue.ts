interface Waiting<T> {
  items: T[]
  /** Items before this are taken. */
  head: number
}

/**
 * Items of many users, taken one user after the other: each user's in their order, and no user's backlog in front of
 * another's single item.
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

  /** At most `max` items. */
  take(max: number): T[] {
    const taken: T[] = []
    // A map that is iterated shows what is added meanwhile: a user with more to take goes to the end, and comes up again.
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
