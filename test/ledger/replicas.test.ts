import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { entriesOf, givenUser, startLedger, whatIsWrong } from '../support/ledger'
import { aGrant } from '../support/postings'
import type { ReplicaJob, Told } from '../support/replica'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

const POSTINGS = 50_000
const SEED = Number(process.env['REPLICA_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

let database: TestDatabase
const children: ChildProcess[] = []

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await database.drop()
})

test.each([2, 4])(
  '%d processes on the same 20 users, one of them paused now and then: the books balance, every answer is true',
  async (replicas) => {
    const userIds = Array.from({ length: 20 }, (_, n) => `of-${replicas}-${n}`)
    const ledger = await startLedger(database.connection)
    for (const userId of userIds) {
      await givenUser(database, userId)
      await ledger.post(aGrant(userId, 'start', 2_000n))
    }
    await ledger.drain()

    const runs = Array.from({ length: replicas }, (_, n) =>
      startReplica({
        connection: database.connection,
        name: `replica-${n}`,
        seed: SEED + n,
        postings: POSTINGS / replicas,
        userIds,
      }),
    )
    const all = Promise.all(runs.map(({ told }) => told))
    await pauseNowAndThen(runs[0]?.child, all)
    const told = (await all).flat()

    try {
      await check(userIds, told)
    } catch (error) {
      throw new Error(`with REPLICA_SEED=${SEED}`, { cause: error })
    }
  },
  180_000,
)

async function check(userIds: string[], told: Told[]): Promise<void> {
  const hashes = new Map<string, string>()
  for (const userId of userIds) {
    expect(await whatIsWrong(database, userId)).toEqual([])
    for (const entry of await entriesOf(database, userId)) hashes.set(entry.keyId, entry.hash.toString('hex'))
  }
  const postedKeys = told.filter(({ outcome }) => outcome === 'posted').map(({ keyId }) => keyId)
  expect(new Set(postedKeys).size).toBe(postedKeys.length)
  expect(postedKeys.length).toBeGreaterThan(told.length / 4)
  for (const { keyId, outcome, hash } of told) {
    if (outcome === 'posted' || outcome === 'replayed') expect(hashes.get(keyId)).toBe(hash)
  }
  // Every entry was acknowledged: what is neither posted nor replayed has no entry, unless its
  // caller was told that it isn't known.
  const answered = new Set(told.filter(({ hash }) => hash !== undefined).map(({ keyId }) => keyId))
  const open = new Set(['CONCURRENT_MODIFICATION', 'DATABASE_UNAVAILABLE'])
  const unknown = new Set(told.filter(({ outcome }) => open.has(outcome)).map(({ keyId }) => keyId))
  for (const { keyId } of told) {
    if (hashes.has(keyId)) expect(answered.has(keyId) || unknown.has(keyId)).toBe(true)
  }
}

function startReplica(job: ReplicaJob): { child: ChildProcess; told: Promise<Told[]> } {
  const child = spawn(
    process.execPath,
    [join(__dirname, '../support/fromSource.js'), 'test/support/replica', JSON.stringify(job)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TOLLGATE_LOG_LEVEL: 'fatal' } },
  )
  children.push(child)
  const told: Told[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'ready') told.push(JSON.parse(line) as Told)
  })
  return {
    child,
    told: new Promise((resolve, reject) => {
      child.once('close', (code) => {
        if (code === 0) resolve(told)
        else reject(new Error(`a replica ended with ${code}`))
      })
    }),
  }
}

/** Stops the process in its tracks, locks and all, again and again, until everybody is done. */
async function pauseNowAndThen(child: ChildProcess | undefined, done: Promise<unknown>): Promise<void> {
  let running = true
  const stop = () => {
    running = false
  }
  void done.then(stop, stop)
  for (let round = 0; running && round < 4; round++) {
    await sleep(150 + 100 * round)
    child?.kill('SIGSTOP')
    await sleep(300)
    child?.kill('SIGCONT')
  }
}
