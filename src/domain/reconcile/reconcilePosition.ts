import { ANY_TEXT, KEY_ID, keyOfPageToken, pageTokenOf } from '../page'
import type { LedgerWalk } from './reconcile'

/** How far a reconciliation has come: the last finished user, and the place in a ledger that is too long for a page. */
export interface ReconcilePosition {
  /** The last finished user. Empty = none. */
  afterUserId: string
  within?: LedgerPosition
}

export interface LedgerPosition {
  walk: LedgerWalk
  /** Set once the walk is at its end: how many of the user's keys are counted. */
  keys?: { afterKeyId: string; count: bigint }
}

const INTEGER = /^-?\d{1,20}$/
const DAY_OR_NONE = /^(\d{4}-\d\d-\d\d)?$/
const SHA256 = /^[0-9a-f]{64}$/
const SUM = /^-?\d{1,60}$/
const INTEGER_OR_NONE = /^(-?\d{1,20})?$/
const KEY_ID_OR_NONE = new RegExp(`${KEY_ID.source}|^$`)
const FLAG = /^1?$/
const POSITION = [ANY_TEXT]
const SUMS = [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, DAY_OR_NONE, INTEGER, INTEGER, INTEGER]
const WITHIN = [
  ...[ANY_TEXT, ANY_TEXT, ...SUMS, SHA256],
  ...[INTEGER_OR_NONE, INTEGER_OR_NONE, ANY_TEXT, FLAG, KEY_ID_OR_NONE, INTEGER_OR_NONE],
  ...[INTEGER, SUM, SUM, SUM],
]

/** As a page token. It leaves out a walk's findings, which were returned with their page. */
export function positionToken({ afterUserId, within }: ReconcilePosition): string {
  if (within === undefined) return pageTokenOf([afterUserId])
  const { walk, keys } = within
  return pageTokenOf([
    afterUserId,
    walk.userId,
    String(walk.version),
    String(walk.allowanceNanousd),
    String(walk.creditsNanousd),
    String(walk.heldNanousd),
    String(walk.spentTodayNanousd),
    walk.spentOn,
    String(walk.trialSpentNanousd),
    String(walk.trialSpentTodayNanousd),
    String(walk.trialRequests),
    walk.hash.toString('hex'),
    String(walk.limits?.dailyLimitNanousd ?? ''),
    String(walk.limits?.overdraftLimitNanousd ?? ''),
    walk.profile === undefined ? '' : new URLSearchParams(walk.profile).toString(),
    walk.flawed ? '1' : '',
    keys?.afterKeyId ?? '',
    String(keys?.count ?? ''),
    String(walk.budgets.changes),
    String(walk.budgets.budgets),
    String(walk.budgets.spent),
    String(walk.budgets.held),
  ])
}

/** @throws BillingError INVALID_FIELD (`page_token`) */
export function positionOfToken(token: string): ReconcilePosition {
  if (token === '') return { afterUserId: '' }
  const key = keyOfPageToken(token, isWithin(token) ? WITHIN : POSITION)
  const [afterUserId = '', userId, ...walk] = key
  return userId === undefined ? { afterUserId } : { afterUserId, within: ledgerPositionOf(userId, walk) }
}

function ledgerPositionOf(userId: string, parts: readonly string[]): LedgerPosition {
  const [version = '', allowance = '', credits = '', held = '', spentToday = '', spentOn = ''] = parts
  const [trialSpent = '', trialSpentToday = '', trialRequests = '', hash = ''] = parts.slice(6)
  const [dailyLimit = '', overdraftLimit = '', profile = '', flawed, afterKeyId = '', keyCount = ''] =
    parts.slice(10)
  const [budgetChanges = '', budgets = '', spentSum = '', heldSum = ''] = parts.slice(16)
  const walk: LedgerWalk = {
    userId,
    version: BigInt(version),
    allowanceNanousd: BigInt(allowance),
    creditsNanousd: BigInt(credits),
    heldNanousd: BigInt(held),
    spentTodayNanousd: BigInt(spentToday),
    spentOn,
    trialSpentNanousd: BigInt(trialSpent),
    trialSpentTodayNanousd: BigInt(trialSpentToday),
    trialRequests: BigInt(trialRequests),
    hash: Buffer.from(hash, 'hex'),
    ...(dailyLimit !== '' && {
      limits: { dailyLimitNanousd: BigInt(dailyLimit), overdraftLimitNanousd: BigInt(overdraftLimit) },
    }),
    ...(profile !== '' && { profile: Object.fromEntries(new URLSearchParams(profile)) }),
    budgets: {
      changes: BigInt(budgetChanges),
      budgets: BigInt(budgets),
      spent: BigInt(spentSum),
      held: BigInt(heldSum),
    },
    flawed: flawed === '1',
    discrepancies: [],
  }
  return { walk, ...(afterKeyId !== '' && { keys: { afterKeyId, count: BigInt(keyCount) } }) }
}

function isWithin(token: string): boolean {
  return Buffer.from(token, 'base64url').toString().includes('","')
}
