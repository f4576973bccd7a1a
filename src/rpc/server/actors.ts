import type { Metadata } from '@grpc/grpc-js'
import type { Actor } from '../../domain/ledger/actor'

/** By the metadata of their calls: the interceptor that admits a call can hand its handler nothing else. */
const actors = new WeakMap<Metadata, Actor>()

export function rememberActor(metadata: Metadata, actor: Actor): void {
  actors.set(metadata, actor)
}

/** Who makes an admitted call. */
export function actorOf({ metadata }: { metadata: Metadata }): Actor {
  const actor = actors.get(metadata)
  if (actor === undefined) throw new Error('a call that was never admitted reached its handler')
  return actor
}
