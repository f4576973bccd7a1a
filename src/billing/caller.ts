import type { Actor } from '../domain/ledger/actor'
import type { PostOptions } from '../ledger/engine'

/** Who calls, and until when an answer is of use. */
export interface Caller extends PostOptions {
  actor: Actor
}
