import { Session } from 'node:inspector/promises'
import { type ChargeUsageRequest, chargeRequestHashOf } from '../../src/billing/charges/chargeUsage'
import { type PriceCallRequest, priceCall } from '../../src/billing/charges/priceCall'
import { receiptOf } from '../../src/billing/charges/receipt'
import { readConfig } from '../../src/config/config'
import { type ConnectionSettings, openDatabase } from '../../src/database/database'
import { swapParameters, type Write } from '../../src/database/ledger/write'
import { findUser } from '../../src/database/users/userQueries'
import { decide } from '../../src/domain/decide/decide'
import type { ChargePosting } from '../../src/domain/decide/posting'
import type { RatedCall } from '../../src/domain/ledger/charge'
import { asChargeEntry, type ChargeEntry } from '../../src/domain/ledger/entry'
import { entryHashOf } from '../../src/domain/ledger/entryHash'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { NO_SERVING } from '../../src/domain/ledger/serving'
import type { User } from '../../src/domain/ledger/user'
import { NO_USAGE } from '../../src/domain/usage/usage'
import { metrics } from '../../src/observability/metrics'
import { PriceBook } from '../../src/pricing/priceBook'
import { chargeResultToWire, readChargeUsage } from '../../src/rpc/billing/chargeUsage'
import { services } from '../../src/wire/definition'
import { nextKey } from '../keys'
import { chargeRequest } from '../messages'
import { userIdOf } from '../users'

/** What one stage takes for each charge. */
export interface StageCost {
  micros: number
  bytes: number
}

const BATCH = 100
const { ChargeUsage } = services['tollgate.billing.v1.BillingService']

/**
 * What a charge costs, stage by stage, in a batch of 100 and without any I/O. `whole` is all of them in a row, which the sum of the
 * stages has to explain.
 */
export async function stages({
  connection,
  durationMs,
}: {
  connection: ConnectionSettings
  durationMs: number
}): Promise<Record<string, StageCost>> {
  const database = openDatabase(connection, { poolSizeMax: 2, onIdleError: () => undefined })
  const config = readConfig({})
  const now = () => new Date()
  const prices = new PriceBook(database, { ...config.prices, quoteValidityMs: config.quoteValidityMs }, now)
  try {
    await prices.start()
    const user = await findUser(database, userIdOf(1))
    if (user === undefined) throw new Error('the fixture has no users')
    const pricing = { prices, limits: { chargeNanousdMax: config.chargeNanousdMax, summaryMsMax: 0 } }
    const rules = { trial: config.trial }

    const priced = (request: ChargeUsageRequest): PriceCallRequest => ({
      userId: request.userId,
      call: request.call,
      usage: 'usage' in request.measured ? request.measured.usage : NO_USAGE,
      usageSource: request.usageSource,
      serving: NO_SERVING,
      now: now(),
      purpose: 'charge',
    })
    const postingOf = (
      request: ChargeUsageRequest,
      requestHash: Buffer,
      rated: RatedCall,
    ): ChargePosting => ({
      type: 'charge',
      from: 'call',
      actor: 'bench',
      userId: request.userId,
      keyId: keyIdOf(request.userId, request.idempotencyKey),
      idempotencyKey: request.idempotencyKey,
      requestHash,
      rated,
    })
    const decided = (postings: readonly ChargePosting[]): { users: User[]; entries: ChargeEntry[] } => {
      const users: User[] = []
      const entries: ChargeEntry[] = []
      for (const posting of postings) {
        const facts = { user, known: undefined, failure: undefined, hold: undefined }
        const decision = decide(facts, posting, { rules, now: now() })
        if (decision.outcome !== 'posted') throw new Error(`a charge was ${decision.outcome}`)
        users.push(decision.user)
        entries.push(asChargeEntry(decision.entry))
      }
      return { users, entries }
    }
    const writeOf = ({ users, entries }: ReturnType<typeof decided>, hashes: readonly Buffer[]): Write => ({
      users: users.map((each) => ({ user: each, expectedVersion: user.version })),
      entries: entries.map((entry, n) => ({ entry, requestHash: hashes[n] ?? Buffer.alloc(32) })),
      profiles: [],
      holds: [],
      failures: [],
      resolvedFailures: [],
      counters: [],
      newCounters: [],
      budgets: [],
    })
    const receipts = (entries: readonly ChargeEntry[]) =>
      Promise.all(
        entries.map(async (entry) =>
          chargeResultToWire({ receipt: await receiptOf(pricing, entry), replayed: false }),
        ),
      )

    const bytes = Array.from({ length: BATCH }, () =>
      ChargeUsage.requestSerialize(chargeRequest(userIdOf(1), nextKey())),
    )
    const messages = bytes.map((each) => ChargeUsage.requestDeserialize(each))
    const requests = messages.map(readChargeUsage)
    const hashes = requests.map(chargeRequestHashOf)
    const price = (of: readonly ChargeUsageRequest[]) =>
      Promise.all(of.map((request) => priceCall(pricing, priced(request))))
    const rated = await price(requests)
    const post = (calls: readonly RatedCall[]) =>
      requests.map((request, n) => postingOf(request, hashes[n] as Buffer, calls[n] as RatedCall))
    const postings = post(rated)
    const posted = decided(postings)
    const write = writeOf(posted, hashes)
    const answers = await receipts(posted.entries)

    const work: Record<string, () => unknown> = {
      decode: () => bytes.map((each) => ChargeUsage.requestDeserialize(each)),
      read: () => messages.map(readChargeUsage),
      'hash of the request': () => requests.map(chargeRequestHashOf),
      price: () => price(requests),
      'decide, with the entry and its hash': () => decided(post(rated)),
      'of it the hash of the entry': () =>
        posted.entries.map((entry, n) =>
          entryHashOf(entry, { requestHash: hashes[n] as Buffer, previousHash: user.lastHash }),
        ),
      'parameters of the statement': () => swapParameters(write),
      metrics: () => {
        for (const entry of posted.entries) metrics.charged(entry)
      },
      receipt: () => receipts(posted.entries),
      encode: () => answers.map((answer) => ChargeUsage.responseSerialize(answer)),
      whole: async () => {
        const read = bytes.map((each) => readChargeUsage(ChargeUsage.requestDeserialize(each)))
        const requestHashes = read.map(chargeRequestHashOf)
        const outcome = decided(post(await price(read)))
        swapParameters(writeOf(outcome, requestHashes))
        for (const entry of outcome.entries) metrics.charged(entry)
        for (const answer of await receipts(outcome.entries)) ChargeUsage.responseSerialize(answer)
      },
    }
    const costs: Record<string, StageCost> = {}
    for (const [name, run] of Object.entries(work)) costs[name] = await costOf(run, durationMs)
    return costs
  } finally {
    await prices.stop()
    await database.close()
  }
}

/** Processor time and allocations of one charge, after a warm-up. */
async function costOf(run: () => unknown, durationMs: number): Promise<StageCost> {
  await repeat(run, durationMs / 2)
  const before = process.cpuUsage()
  const runs = await repeat(run, durationMs)
  const { user, system } = process.cpuUsage(before)
  return { micros: (user + system) / runs / BATCH, bytes: await bytesOf(run) }
}

async function repeat(run: () => unknown, durationMs: number): Promise<number> {
  const endMs = performance.now() + durationMs
  let runs = 0
  for (; performance.now() < endMs; runs++) await run()
  return runs
}

const SAMPLED_RUNS = 50
const SAMPLING_INTERVAL_BYTES = 512

/** Sampled by V8, with what a collection of garbage has freed since. */
async function bytesOf(run: () => unknown): Promise<number> {
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING_INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    for (let n = 0; n < SAMPLED_RUNS; n++) await run()
    const { profile } = await session.post('HeapProfiler.stopSampling')
    return selfAndBelow(profile.head) / SAMPLED_RUNS / BATCH
  } finally {
    session.disconnect()
  }
}

interface Node {
  selfSize: number
  children: Node[]
}

function selfAndBelow({ selfSize, children }: Node): number {
  return children.reduce((sum, child) => sum + selfAndBelow(child), selfSize)
}
