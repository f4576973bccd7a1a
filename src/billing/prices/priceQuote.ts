import { findCounters, listBudgetRows } from '../../database/budgets'
import { findUser } from '../../database/users/userQueries'
import { BUDGETS_MAX, COUNTERS_MAX } from '../../domain/budget/budget'
import { callBudgetsOf } from '../../domain/budget/callBudgets'
import { type BudgetFacts, NO_BUDGETS } from '../../domain/budget/counter'
import { matchBudgets } from '../../domain/budget/matchBudgets'
import { decide } from '../../domain/decide/decide'
import { creditsRoomOf, trialHoldRoomOf } from '../../domain/decide/limits'
import { BillingError } from '../../domain/errors'
import type { PinnedCall, RatedCall } from '../../domain/ledger/charge'
import type { Final } from '../../domain/ledger/hold'
import { billedAsTrial } from '../../domain/ledger/trial'
import type { User } from '../../domain/ledger/user'
import { minOf, type Nanousd } from '../../domain/money'
import type { LineItem, Price } from '../../domain/rating/price'
import { NO_CONDITIONS } from '../../domain/rating/rateCards'
import { outputTokensAffordable } from '../../domain/rating/rating'
import { checkUsage } from '../../domain/usage/checkUsage'
import { MICROUNITS, tokensOf, VIDEO_OUTPUT_TOKEN } from '../../domain/usage/units'
import type { Usage } from '../../domain/usage/usage'
import { issueQuote } from '../../pricing/quotes'
import type { Billing } from '../billing'
import { type PinnedPrice, pinPrice } from '../charges/pinPrice'
import { lineItemsAgain, rateCall } from '../charges/rateCall'

export interface PriceQuoteRequest {
  model: string
  provider: string
  /** What the call is expected to use; empty where only the rates are wanted. */
  usage: Usage
  /** 0 = take the usage's output. */
  maxOutputTokens: bigint
  /** Empty = for no user in particular. */
  userId: string
  serviceTier: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
}

/** The ledger only for its clock. */
export type Quoting = Pick<Billing, 'prices' | 'limits' | 'database' | 'rules'> & {
  ledger: Pick<Billing['ledger'], 'now'>
}

export interface PriceQuote {
  quoteId: string
  expiresAt: Date
  price: Price
  costNanousd: Nanousd
  /** If the call produces as many tokens as it may. */
  maxCostNanousd: Nanousd
  lineItems: LineItem[]
  /** Only where a user was named. */
  payer?: Payer
}

export interface Payer {
  user: User
  /** Whether a charge of `maxCostNanousd` would be accepted now. */
  affordable: boolean
  /** Output tokens that the user's room buys after the input, at most as many as the call may produce. */
  affordableOutputTokens: bigint
  /** The budget that makes the call unaffordable, or that bounds its tokens. */
  limitingBudgetId?: string
}

/**
 * Prices a call before it is made. Charges nothing, holds nothing, and writes nothing down: the quote's id is the quote.
 *
 * @throws BillingError MODEL_PRICE_MISSING, PRICE_ANOMALY, IMPOSSIBLE_USAGE, USER_NOT_FOUND, INVALID_FIELD
 */
export async function priceQuote(billing: Quoting, request: PriceQuoteRequest): Promise<PriceQuote> {
  const { model, provider, serviceTier, apiKeyId, labels } = request
  checkUsage(request.usage, 'usage')
  const pinned = await pinPrice(billing, {
    userId: request.userId,
    call: { model, provider, serviceTier, quoteId: '', apiKeyId, labels },
    now: billing.ledger.now(),
    purpose: 'charge',
  })
  const { usage } = request
  const maxOutputTokens = request.maxOutputTokens === 0n ? usage.outputTokens : request.maxOutputTokens
  const expected = rateCall(billing, pinned, { usage, usageSource: 'estimated' })
  const longest =
    maxOutputTokens === usage.outputTokens
      ? expected
      : rateCall(billing, pinned, { usage: withOutput(usage, maxOutputTokens), usageSource: 'estimated' })
  const expiresAt = new Date(
    pinned.call.reported.occurredAt.getTime() + billing.prices.settings.quoteValidityMs,
  )
  const payer =
    request.userId === '' ? undefined : await payerOf(billing, request, { pinned, maxOutputTokens, longest })
  return {
    quoteId: await signed(billing, request, pinned, expiresAt),
    expiresAt,
    price: pinned.price,
    costNanousd: expected.amountNanousd,
    maxCostNanousd: longest.amountNanousd,
    lineItems: lineItemsAgain(expected, pinned.price),
    ...(payer !== undefined && { payer }),
  }
}

async function payerOf(
  billing: Quoting,
  { userId, usage }: PriceQuoteRequest,
  { pinned, maxOutputTokens, longest }: { pinned: PinnedPrice; maxOutputTokens: bigint; longest: RatedCall },
): Promise<Payer> {
  const user = await findUser(billing.database, userId)
  if (user === undefined)
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(userId)}`)
  const now = entryTimeOf(user, billing.ledger.now())
  const budgets = await budgetsOf(billing, user, { call: pinned.call, now })
  const room = roomOf(billing, user, { call: pinned.call, budgets, now })
  const affordableOutputTokens = outputTokensAffordable({
    price: pinned.price,
    usage: withOutput(usage, 0n),
    conditions: { ...NO_CONDITIONS, serviceTier: pinned.call.reported.serviceTier },
    at: pinned.call.reported.occurredAt,
    budgetNanousd: room.roomNanousd,
    maxOutputTokens,
    furtherTokens: 'plain',
  })
  const refusal = refusalOf(billing, user, { rated: longest, budgets, now })
  const limitingBudgetId =
    refusal?.metadata['budget_id'] ??
    (affordableOutputTokens < maxOutputTokens ? room.limitedBy?.budgetId : undefined)
  return {
    user,
    affordable: refusal === undefined,
    affordableOutputTokens,
    ...(limitingBudgetId !== undefined && { limitingBudgetId }),
  }
}

/** The user's budgets, and the counters that count the call. */
async function budgetsOf(
  { database }: Quoting,
  { userId, budgetsVersion }: User,
  { call, now }: { call: PinnedCall; now: Date },
): Promise<BudgetFacts> {
  if (budgetsVersion === 0n) return NO_BUDGETS
  const budgets = await listBudgetRows(database, { userId, limit: BUDGETS_MAX })
  const refs = matchBudgets(budgets, call, now).map(({ ref }) => ref)
  return { budgets, counterOf: await findCounters(database, userId, refs), newCountersMax: COUNTERS_MAX }
}

/** When an entry that is posted now is dated: never before the last one. */
function entryTimeOf({ lastEntryAt }: User, now: Date): Date {
  return now > lastEntryAt ? now : lastEntryAt
}

/** Decided as a charge would be, so that a quote never says otherwise than the charge that follows it. */
function refusalOf(
  { rules }: Quoting,
  user: User,
  { rated, budgets, now }: { rated: RatedCall; budgets: BudgetFacts; now: Date },
): BillingError | undefined {
  const decision = decide(
    { user, known: undefined, failure: undefined, hold: undefined, budgets },
    {
      type: 'charge',
      actor: '',
      userId: user.userId,
      keyId: '',
      idempotencyKey: '',
      requestHash: Buffer.alloc(0),
      rated,
      from: 'call',
    },
    { rules, now },
  )
  return decision.outcome === 'refused' ? decision.error : undefined
}

/** Credits within the daily limit and the budgets, or what is left of a trial. */
function roomOf(
  { rules }: Quoting,
  user: User,
  { call, budgets, now }: { call: PinnedCall; budgets: BudgetFacts; now: Date },
): { roomNanousd: Nanousd; limitedBy?: Final } {
  if (user.suspended) return { roomNanousd: 0n }
  const room = creditsRoomOf(user, callBudgetsOf(budgets, { call, at: now }), now)
  if (!billedAsTrial(user, rules.trial.paidTiers)) return room
  const trialNanousd = trialHoldRoomOf(user, rules, now)?.roomNanousd ?? 0n
  return trialNanousd > room.roomNanousd ? { roomNanousd: trialNanousd } : room
}

async function signed(
  { prices }: Pick<Billing, 'prices'>,
  { userId }: PriceQuoteRequest,
  { call: { reported, priced } }: PinnedPrice,
  expiresAt: Date,
): Promise<string> {
  return issueQuote(await prices.quoteKey(), {
    priceId: priced.priceId,
    markupBasisPoints: priced.markupBasisPoints,
    userId,
    model: reported.model,
    provider: reported.provider,
    pricedModel: priced.model,
    pricedProvider: priced.provider,
    serviceTier: reported.serviceTier,
    expiresAt,
  })
}

/** The same call with another length of its output. The parts of the output keep their counts as far as these fit. */
function withOutput(usage: Usage, outputTokens: bigint): Usage {
  let left = outputTokens
  const take = (part: bigint): bigint => {
    const taken = minOf(part, left)
    left -= taken
    return taken
  }
  const shortened: Usage = {
    ...usage,
    outputTokens,
    reasoningOutputTokens: take(usage.reasoningOutputTokens),
    audioOutputTokens: take(usage.audioOutputTokens),
    imageOutputTokens: take(usage.imageOutputTokens),
    citationOutputTokens: take(usage.citationOutputTokens),
  }
  const { units } = usage
  const video = tokensOf(units, VIDEO_OUTPUT_TOKEN)
  if (video > 0n) shortened.units = { ...units, [VIDEO_OUTPUT_TOKEN]: take(video) * MICROUNITS }
  return shortened
}
