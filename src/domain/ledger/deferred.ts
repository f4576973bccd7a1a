import type { Nanousd } from '../money'
import type { Actor } from './actor'
import type { RatedCall, StreamEnd } from './charge'
import type { KeyedRequest } from './keyRef'

/**
 * A charge that was accepted while the database was unreachable, under the client's own key: the charge's, or the stream's.
 * Its price and amount are fixed; whether the user exists and can pay is found out when it is deducted.
 */
export interface DeferredCharge extends KeyedRequest {
  /** Who sent it. Absent where nobody is known. */
  actor?: Actor
  /** By the database's clock, as far as this process had seen it. */
  acceptedAt: Date
  rated: RatedCall
  /** The part that no hold covers. The sum of it is limited for each user. */
  uncoveredNanousd: Nanousd
  /** Only of a stream that its client closed. */
  stream?: { end: StreamEnd }
}
