import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import { mayBeRetried } from '../../../clients/node/src/retry'
import type { LedgerEntry__Output } from '../../../src/wire/generated/tollgate/billing/v1/LedgerEntry'
import { inFlight } from '../ledger'
import { type Answer, type Operation, POOR_USER_IDS, START_NANOUSD } from './operations'

/** The result of an audit. */
export interface Audit {
  operations: number
  /** Answered before everything was sent again, and how many of these as `DEFERRED`. */
  acknowledged: number
  deferred: number
  /** Acknowledged but no longer known, or sent again and still not in the ledger. */
  lost: number
  /** Keys that took effect more than once, and entries of unknown keys. */
  twice: number
  /** The sum of the differences between actual and expected balances. */
  driftNanousd: string
  /** Keys that a fault was expected to undo (see `AuditRules`) and did undo. */
  undone: number
  /** Refunds, and failed deductions of calls and streams that were collected later. */
  refunds: number
  collected: number
  /** Everything that is wrong, in words. */
  complaints: string[]
}

export interface AuditRules {
  /** Acknowledged, but this fault may undo it. Sent again, it must take effect once. */
  undone?: ReadonlySet<string>
}

interface Line {
  operation: Operation
  answer: Answer | undefined
  wasDeferred: boolean
}

const RESENT_AT_ONCE = 16
/** Grants come first, so that debts can be paid; a charge is sent before the refund that would send it. */
const IN_ORDER = ['grant', 'stream', 'charge', 'refund'] as const
/** Deferred charges are deducted by then. */
const DRAINED_MS_MAX = 60_000
const COMPLAINTS_MAX = 20

/** The test's own book: what was sent, what it costs, and what was answered. It is independent of the ledger. */
export class TestBook {
  readonly userIds: readonly string[]
  readonly #lines = new Map<string, Line>()
  readonly #complaints: string[] = []
  #lost = 0
  #twice = 0
  #undone = 0
  answers = 0

  constructor(userIds: readonly string[]) {
    this.userIds = [...userIds, ...POOR_USER_IDS]
  }

  /** Gives every user except the poor credits to spend. */
  async fund(client: TollgateClient): Promise<void> {
    for (const userId of this.userIds) {
      await client.createUser({ userId })
      if (isPoor(userId)) continue
      const grant = { userId, idempotencyKey: 'start', pot: 'POT_CREDITS' as const }
      await client.grantCredits({ ...grant, amountNanousd: String(START_NANOUSD) })
    }
  }

  sent(operation: Operation): void {
    const line = { operation, answer: undefined, wasDeferred: false }
    if (!this.#lines.has(operation.idempotencyKey)) this.#lines.set(operation.idempotencyKey, line)
  }

  /** An answer must stay true: later answers have the same receipt. */
  answered({ idempotencyKey }: Operation, answer: Answer, { undone }: AuditRules = {}): void {
    const line = this.#lines.get(idempotencyKey)
    if (line === undefined) throw new Error(`${idempotencyKey} was never sent`)
    const before = line.answer
    // While the database is unreachable, the server can't know that it has the key.
    if (before === undefined || !answer.isDeferred) line.answer = answer
    line.wasDeferred ||= answer.isDeferred
    this.answers++
    if (before === undefined) return
    if (answer.isDeferred) {
      this.#compare(line.operation, before, answer)
      return
    }
    // A deferred charge that could not be paid was listed as a failure, and is charged now.
    if (before.isDeferred && line.operation.isOwed) return
    const isUndone = undone?.has(idempotencyKey) === true
    if (answer.replayed) {
      // An operation that a fault undid has a new receipt.
      if (!isUndone) this.#compare(line.operation, before, answer)
    } else if (isUndone) this.#undone++
    else {
      this.#lost++
      this.#complain(`${idempotencyKey} was answered before, and is not known any more`)
    }
  }

  /** Keys answered so far. */
  acknowledgedKeys(isAsked: (answer: Answer) => boolean = () => true): string[] {
    return [...this.#lines].flatMap(([key, { answer }]) =>
      answer !== undefined && isAsked(answer) ? [key] : [],
    )
  }

  /** Keys sent so far, answered or not. */
  sentKeys(): string[] {
    return [...this.#lines.keys()]
  }

  /** Sends everything again, and compares the ledger, the balances and Reconcile's result with this book. */
  async audit(client: TollgateClient, rules: AuditRules = {}): Promise<Audit> {
    const lines = [...this.#lines.values()]
    const acknowledged = lines.filter(({ answer }) => answer !== undefined).length
    const deferred = lines.filter(({ wasDeferred }) => wasDeferred).length
    for (const kind of IN_ORDER) {
      const ofKind = lines.filter(({ operation }) => operation.kind === kind)
      await inFlight(
        RESENT_AT_ONCE,
        ofKind.map(({ operation }) => async () => {
          this.answered(operation, await lastAnswer(operation, client), rules)
        }),
      )
    }
    await this.#collectTheLast(client)
    await this.#readLedger(client)
    const driftNanousd = await this.#drift(client)
    await this.#reconcile(client)
    const collected = await this.#failures(client)
    const refunds = lines.filter(({ operation }) => operation.kind === 'refund').length
    return {
      ...{ operations: lines.length, acknowledged, deferred, refunds, collected },
      ...{ lost: this.#lost, twice: this.#twice, undone: this.#undone },
      driftNanousd: driftNanousd.toString(),
      complaints: this.#complaints,
    }
  }

  /** Resends grants, which collect what fell short while another stream held the user's credits for a moment. */
  async #collectTheLast(client: TollgateClient): Promise<void> {
    for (const userId of POOR_USER_IDS) {
      const grant = [...this.#lines.values()].find(
        ({ operation }) => operation.userId === userId && operation.kind === 'grant',
      )
      if (grant !== undefined) await lastAnswer(grant.operation, client)
    }
  }

  /** Expects that no failure is left and that only the poor had any. Returns how many were collected. */
  async #failures(client: TollgateClient): Promise<number> {
    let collected = 0
    let pageToken = ''
    do {
      const page = await client.listDeductionFailures({ pageSize: 1_000, pageToken })
      for (const { userId, idempotencyKey, reason, state } of page.failures) {
        if (isPoor(userId) && state === 'FAILURE_STATE_RESOLVED') collected++
        else this.#complain(`${idempotencyKey} of ${userId} is a deduction failure: ${reason}, ${state}`)
      }
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    return collected
  }

  #compare({ idempotencyKey: key, isOwed }: Operation, before: Answer, answer: Answer): void {
    const partOf = isOwed ? owedPart : before.isDeferred || answer.isDeferred ? lastingPart : unrefundedPart
    if (!isDeepStrictEqual(partOf(before), partOf(answer)))
      this.#complain(
        `${key} has another receipt now: ${JSON.stringify(before.receipt)} became ${JSON.stringify(answer.receipt)}`,
      )
  }

  /** Expects every key once, with the amount that the test computed. */
  async #readLedger(client: TollgateClient): Promise<void> {
    const byKey = new Map<string, { times: number; deltaNanousd: bigint }>()
    for (const userId of this.userIds) {
      for (const entry of await entriesOf(client, userId)) {
        const key = this.#ownerOf(entry)
        if (key === undefined) continue
        const sum = byKey.get(key) ?? { times: 0, deltaNanousd: 0n }
        // A second entry of the key completes what an operator or an expiry left open.
        if (entry.kind !== 'ENTRY_KIND_ADJUSTMENT') sum.times++
        sum.deltaNanousd += BigInt(entry.creditsDeltaNanousd) + BigInt(entry.allowanceDeltaNanousd)
        byKey.set(key, sum)
      }
    }
    for (const [key, { operation }] of this.#lines) {
      const { times, deltaNanousd } = byKey.get(key) ?? { times: 0, deltaNanousd: 0n }
      if (times === 1 && deltaNanousd === operation.deltaNanousd) continue
      if (times === 0) this.#lost++
      if (times > 1) this.#twice++
      this.#complain(
        `${key} took effect ${times} times, with ${deltaNanousd} instead of ${operation.deltaNanousd}`,
      )
    }
  }

  /** The operation that caused an entry; undefined if the entry only moves credits into a hold and back. */
  #ownerOf({ kind, idempotencyKey, chargeId, creditsDeltaNanousd }: LedgerEntry__Output): string | undefined {
    if (kind === 'ENTRY_KIND_HOLD' || kind === 'ENTRY_KIND_RELEASE') {
      if (creditsDeltaNanousd !== '0') this.#complain(`${idempotencyKey}: a hold that takes credits`)
      return undefined
    }
    if (idempotencyKey === 'start') return undefined
    if (this.#lines.has(idempotencyKey)) return idempotencyKey
    const owner = this.#keysByChargeId().get(chargeId)
    if (owner !== undefined) return owner
    this.#twice++
    this.#complain(`an entry of kind ${kind} under ${idempotencyKey}, which was never sent`)
    return undefined
  }

  #chargeIds: Map<string, string> | undefined
  #keysByChargeId(): Map<string, string> {
    this.#chargeIds ??= new Map(
      [...this.#lines].flatMap(([key, { operation, answer }]) =>
        operation.kind !== 'refund' &&
        answer !== undefined &&
        'chargeId' in answer.receipt &&
        answer.receipt.chargeId !== ''
          ? [[answer.receipt.chargeId, key]]
          : [],
      ),
    )
    return this.#chargeIds
  }

  async #drift(client: TollgateClient): Promise<bigint> {
    let driftNanousd = 0n
    for (const userId of this.userIds) {
      let dueNanousd = isPoor(userId) ? 0n : START_NANOUSD
      for (const { operation } of this.#lines.values())
        if (operation.userId === userId) dueNanousd += operation.deltaNanousd
      const { balance } = (await client.getUser({ userId })).user ?? {}
      const isNanousd = BigInt(balance?.creditsNanousd ?? 0) + BigInt(balance?.allowanceNanousd ?? 0)
      driftNanousd += isNanousd > dueNanousd ? isNanousd - dueNanousd : dueNanousd - isNanousd
      if (balance?.heldNanousd !== '0') this.#complain(`${userId} has ${balance?.heldNanousd} held`)
    }
    return driftNanousd
  }

  async #reconcile(client: TollgateClient): Promise<void> {
    let pageToken = ''
    let users = 0
    do {
      const page = await client.reconcile({ pageSize: 100, pageToken })
      for (const discrepancy of page.discrepancies)
        this.#complain(`reconcile: ${JSON.stringify(discrepancy)}`)
      users += Number(page.usersChecked)
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    if (users !== this.userIds.length) this.#complain(`reconcile looked at ${users} users`)
  }

  #complain(what: string): void {
    if (this.#complaints.length < COMPLAINTS_MAX) this.#complaints.push(what)
  }
}

function isPoor(userId: string): boolean {
  return POOR_USER_IDS.includes(userId)
}

/** Retries until it is deducted, as a gateway does: the last effects of a fault pass by themselves. */
async function lastAnswer(operation: Operation, client: TollgateClient): Promise<Answer> {
  const endsAt = performance.now() + DRAINED_MS_MAX
  for (;;) {
    try {
      const answer = await operation.send(client)
      if (!answer.isDeferred) return answer
      if (performance.now() > endsAt) throw new Error(`${operation.idempotencyKey} still waits`)
    } catch (error) {
      // For a moment, another stream of the user may hold what was granted for this one.
      const isOwed =
        operation.isOwed && error instanceof TollgateError && error.reason === 'INSUFFICIENT_CREDITS'
      if (!(isOwed || mayBeRetried(error)) || performance.now() > endsAt) throw error
    }
    await sleep(100)
  }
}

async function entriesOf(client: TollgateClient, userId: string): Promise<LedgerEntry__Output[]> {
  const entries: LedgerEntry__Output[] = []
  let pageToken = ''
  do {
    const page = await client.listLedgerEntries({ userId, pageSize: 1_000, pageToken })
    entries.push(...page.entries)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return entries
}

/** The receipt without its refunds, which are operations of their own. */
function unrefundedPart({ receipt }: Answer): object {
  return { ...receipt, refundedNanousd: undefined }
}

/** The receipt of a stream without its shortfall, which disappears when it is collected. */
function owedPart({ receipt }: Answer): object {
  if (!('usage' in receipt)) return receipt
  const { chargeId, costNanousd, usage, priceId } = receipt
  return { chargeId, costNanousd, usage, priceId }
}

/** The fields that a deferred receipt shares with the final one. */
function lastingPart({ receipt }: Answer): object {
  if (!('usage' in receipt)) return receipt
  const { chargeId, amountNanousd, costNanousd, usage, priceId, lineItems } = receipt
  return { chargeId, amountNanousd, costNanousd, usage, priceId, lineItems }
}
