import type { ConnectionSettings } from '../../src/database/database'
import type { Posting } from '../../src/domain/decide/posting'
import { BillingError } from '../../src/domain/errors'
import { inFlight, startLedger } from './ledger'
import { aCharge, aGrant, anExtension, anOpen, aSettlement } from './postings'

// One replica's ledger in a process of its own: `node fromSource.js test/support/replica <job as JSON>`. Prints the
// outcome of every posting, a line each, and ends.

export interface ReplicaJob {
  connection: ConnectionSettings
  name: string
  seed: number
  postings: number
  userIds: string[]
}

/** The answer to a posting. */
export interface Told {
  userId: string
  keyId: string
  /** `posted`, `replayed`, or the reason of a refusal. */
  outcome: string
  /** Hash of the entry in the answer. */
  hash?: string
}

const IN_FLIGHT = 48

async function run({ connection, name, seed, postings, userIds }: ReplicaJob): Promise<void> {
  const ledger = await startLedger(connection)
  process.stdout.write('ready\n')
  const post = async (posting: Posting) => {
    const told = await tell(posting)
    process.stdout.write(`${JSON.stringify(told)}\n`)
  }
  const tell = async (posting: Posting): Promise<Told> => {
    const { userId, keyId } = posting
    try {
      const { replayed, entry } = await ledger.post(posting)
      return { userId, keyId, outcome: replayed ? 'replayed' : 'posted', hash: entry.hash.toString('hex') }
    } catch (error) {
      if (!(error instanceof BillingError)) throw error
      return { userId, keyId, outcome: error.reason }
    }
  }
  await inFlight(
    IN_FLIGHT,
    storiesOf({ name, seed, postings, userIds }).map((story) => async () => {
      for (const posting of story) await post(posting)
    }),
  )
  await ledger.drain()
}

/** Postings of all kinds, in the order in which one caller sends them. Other replicas use some of the same keys. */
function storiesOf({ name, seed, postings, userIds }: Omit<ReplicaJob, 'connection'>): Posting[][] {
  const random = randomOf(seed)
  const pick = (max: number) => Math.floor(random() * max)
  const stories: Posting[][] = []
  for (let count = 0; count < postings; count += stories.at(-1)?.length ?? 1) {
    const userId = userIds[pick(userIds.length)] ?? ''
    const key = `${name}-${count}`
    const kind = pick(10)
    if (kind < 5) stories.push([aCharge(userId, key, BigInt(1 + pick(40)))])
    // The same request under the same key at every replica: one of them charges, the others replay.
    else if (kind < 6) stories.push([aCharge(userId, `shared-${pick(200)}`, 7n)])
    else if (kind < 7) stories.push([aGrant(userId, key, BigInt(pick(60)))])
    else {
      const open = anOpen(userId, key, { minimumNanousd: 5n, wantNanousd: 20n })
      const extension = anExtension(open, 1, { wantNanousd: 45n, sequence: 1n })
      // The number of a derived posting depends on how many were made. Both can occur; the wrong one is a conflict.
      stories.push([open, extension, aSettlement(open, 2, { amountNanousd: BigInt(pick(70)) })])
    }
  }
  return stories
}

/** mulberry32: small, and the same on every machine. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

void run(JSON.parse(process.argv[2] ?? '{}') as ReplicaJob)
