import type { Nanousd } from '../money'
import type { RatedCall, StreamEnd } from './charge'

/**
 * A charge that was accepted while the database was away. Its price and amount are fixed; whether the user is known and can
 * pay shows when it is deducted.
 */
export interface DeferredCharge {
  userId: string
  /** Of the client's own key: the charge's, or the stream's. */
  keyId: string
  idempotencyKey: string
  requestHash: Buffer
  /** By the database's clock, as far as this process had seen it. */
  acceptedAt: Date
  call: RatedCall
  /** What of it no hold covers: that is what a user may defer only so much of. */
  uncoveredNanousd: Nanousd
  /** Only of a stream that its client closed. */
  stream?: { end: StreamEnd }
}
