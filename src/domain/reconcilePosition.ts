import { ANY_TEXT, keyOfPageToken, pageTokenOf } from './pageToken'
import type { LedgerWalk } from './reconcile'

/** How far a reconciliation has come: a user, and within the next one's ledger where that is too long for one page. */
export interface ReconcilePosition {
  /** The last user who is done; empty = none. */
  afterUserId: string
  within?: LedgerWalk
}

const INTEGER = /^-?\d{1,20}$/
const DAY_OR_NONE = /^(\d{4}-\d\d-\d\d)?$/
const SHA256 = /^[0-9a-f]{64}$/
const INTEGER_OR_NONE = /^(-?\d{1,20})?$/
const POSITION = [ANY_TEXT]
const WALK = [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, DAY_OR_NONE, INTEGER, INTEGER, SHA256]
const WITHIN = [ANY_TEXT, ANY_TEXT, ...WALK, INTEGER_OR_NONE, INTEGER_OR_NONE]

/** As a page token. What a walk has found is told with its page. */
export function positionToken({ afterUserId, within }: ReconcilePosition): string {
  if (within === undefined) return pageTokenOf([afterUserId])
  return pageTokenOf([
    afterUserId,
    within.userId,
    String(within.version),
    String(within.allowanceNanousd),
    String(within.creditsNanousd),
    String(within.heldNanousd),
    String(within.spentTodayNanousd),
    within.spentOn,
    String(within.trialSpentNanousd),
    String(within.trialRequests),
    within.hash.toString('hex'),
    String(within.limits?.dailyLimitNanousd ?? ''),
    String(within.limits?.overdraftLimitNanousd ?? ''),
  ])
}

/** @throws BillingError INVALID_FIELD (`page_token`) */
export function positionOfToken(token: string): ReconcilePosition {
  if (token === '') return { afterUserId: '' }
  const key = keyOfPageToken(token, isWithin(token) ? WITHIN : POSITION)
  const [afterUserId = '', userId, ...walk] = key
  if (userId === undefined) return { afterUserId }
  const [version, allowance, credits, held, spentToday, spentOn = '', trialSpent, trialRequests] = walk
  const [hash = '', dailyLimit = '', overdraftLimit = ''] = walk.slice(8)
  return {
    afterUserId,
    within: {
      userId,
      version: BigInt(version ?? ''),
      allowanceNanousd: BigInt(allowance ?? ''),
      creditsNanousd: BigInt(credits ?? ''),
      heldNanousd: BigInt(held ?? ''),
      spentTodayNanousd: BigInt(spentToday ?? ''),
      spentOn,
      trialSpentNanousd: BigInt(trialSpent ?? ''),
      trialRequests: BigInt(trialRequests ?? ''),
      hash: Buffer.from(hash, 'hex'),
      ...(dailyLimit !== '' && {
        limits: { dailyLimitNanousd: BigInt(dailyLimit), overdraftLimitNanousd: BigInt(overdraftLimit) },
      }),
      discrepancies: [],
    },
  }
}

function isWithin(token: string): boolean {
  return Buffer.from(token, 'base64url').toString().includes('","')
}
