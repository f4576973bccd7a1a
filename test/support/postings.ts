import { createHash } from 'node:crypto'
import type {
  AdjustPosting,
  ChargeOrigin,
  ChargePosting,
  CollectPosting,
  ExtendPosting,
  GrantPosting,
  OpenPosting,
  RefundPosting,
  SettlePosting,
  UpdatePosting,
} from '../../src/domain/decide/posting'
import type { RatedCall } from '../../src/domain/ledger/charge'
import { asChargeEntry, type LedgerEntry } from '../../src/domain/ledger/entry'
import { genesisHashOf } from '../../src/domain/ledger/entryHash'
import { derivedKeyIdOf, keyIdOf, publicIdOf } from '../../src/domain/ledger/ids'
import type { TrialRules } from '../../src/domain/ledger/trial'
import type { User } from '../../src/domain/ledger/user'
import { NO_USAGE } from '../../src/domain/usage/usage'

export const USD = 1_000_000_000n

/** Who makes the postings below. */
export const ACTOR = 'gateway-eu'

export const TRIAL_RULES: TrialRules = {
  paidTiers: ['pro', 'max', 'team', 'admin'],
  spendNanousdMax: 5n * USD,
  spendTodayNanousdMax: 1n * USD,
  requestsMax: 1_000n,
}

export function aUser(overrides: Partial<User> = {}): User {
  const userId = overrides.userId ?? 'ada'
  return {
    userId,
    allowanceNanousd: 0n,
    creditsNanousd: 0n,
    heldNanousd: 0n,
    spentTodayNanousd: 0n,
    spentOn: '2026-03-01',
    dailyLimitNanousd: 0n,
    overdraftLimitNanousd: 0n,
    tier: '',
    stripeCustomerId: '',
    stripeSubscriptionId: '',
    isTrial: false,
    trialSpentNanousd: 0n,
    trialSpentTodayNanousd: 0n,
    trialRequests: 0n,
    trialHeldNanousd: 0n,
    trialHolds: 0n,
    failureWrites: 0n,
    budgetsVersion: 0n,
    suspended: false,
    createdAt: new Date('2026-03-01T00:00:00Z'),
    lastEntryAt: new Date('2026-03-01T00:00:00Z'),
    lastHash: genesisHashOf(userId),
    version: 0n,
    ...overrides,
  }
}

export function aCall(amountNanousd: bigint): RatedCall {
  return {
    reported: {
      model: 'gpt-4o',
      provider: 'openai',
      serviceTier: '',
      quoteId: '',
      apiKeyId: 'key-1',
      labels: { team: 'search' },
      occurredAt: new Date('2026-03-01T12:00:00Z'),
    },
    priced: {
      priceId: 'price-1',
      model: 'gpt-4o',
      provider: 'openai',
      source: 'catalog',
      markupBasisPoints: 0,
      quoteExpired: false,
    },
    usage: { ...NO_USAGE, inputTokens: amountNanousd },
    usageSource: 'provider',
    costNanousd: amountNanousd,
    amountNanousd,
  }
}

export function aCharge(
  userId: string,
  idempotencyKey: string,
  amountNanousd: bigint,
  { from = 'call' }: { from?: ChargeOrigin } = {},
): ChargePosting {
  return {
    type: 'charge',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf('charge', amountNanousd),
    rated: aCall(amountNanousd),
    from,
  }
}

export function aGrant(
  userId: string,
  idempotencyKey: string,
  amountNanousd: bigint,
  { pot = 'credits', mode = 'add' }: Partial<Pick<GrantPosting, 'pot' | 'mode'>> = {},
): GrantPosting {
  return {
    type: 'grant',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf('grant', pot, mode, amountNanousd),
    pot,
    mode,
    amountNanousd,
    reason: '',
  }
}

export function anOpen(
  userId: string,
  idempotencyKey: string,
  {
    minimumNanousd,
    wantNanousd,
    validityMs = 60_000,
  }: { minimumNanousd: bigint; wantNanousd: bigint; validityMs?: number },
): OpenPosting {
  const { reported, priced } = aCall(0n)
  return {
    type: 'open',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf('open', minimumNanousd, wantNanousd),
    open: { call: { reported, priced }, inputTokens: 0n, maxOutputTokens: 0n },
    minimumNanousd,
    wantNanousd,
    validityMs,
  }
}

export function anExtension(
  open: OpenPosting,
  n: number,
  { wantNanousd, epoch = 1, sequence = 0n }: { wantNanousd: bigint; epoch?: number; sequence?: bigint },
): ExtendPosting {
  return {
    type: 'extend',
    actor: ACTOR,
    ...derivedKeyOf(open, n),
    requestHash: hashOf('extend', n, epoch, wantNanousd),
    holdKeyId: open.keyId,
    epoch,
    wantNanousd,
    sequence,
    usage: { ...NO_USAGE, outputTokens: sequence },
    validityMs: open.validityMs,
  }
}

export function aSettlement(
  open: OpenPosting,
  n: number,
  {
    amountNanousd,
    settledBy = { by: 'client', epoch: 1 },
  }: { amountNanousd: bigint; settledBy?: SettlePosting['settledBy'] },
): SettlePosting {
  return {
    type: 'settle',
    actor: ACTOR,
    ...derivedKeyOf(open, n),
    requestHash: hashOf('settle', n, amountNanousd),
    holdKeyId: open.keyId,
    settledBy,
    rated: aCall(amountNanousd),
    end: 'completed',
  }
}

export function anAdjustment(
  open: OpenPosting,
  n: number,
  { settlement, amountNanousd }: { settlement: LedgerEntry; amountNanousd: bigint },
): AdjustPosting {
  return {
    type: 'adjust',
    actor: ACTOR,
    ...derivedKeyOf(open, n),
    requestHash: hashOf('adjust', n, amountNanousd),
    holdKeyId: open.keyId,
    settlement: asChargeEntry(settlement),
    rated: aCall(amountNanousd),
    end: 'completed',
  }
}

/** Collects a stream's shortfall, as the hold's `n`th posting. */
export function aCollection(
  open: OpenPosting,
  n: number,
  { settlement }: { settlement: LedgerEntry },
): CollectPosting {
  const idempotencyKey = `${publicIdOf('fl', open.keyId)}/${n}`
  return {
    type: 'collect',
    actor: ACTOR,
    userId: open.userId,
    keyId: derivedKeyIdOf(open.userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf('collect', n),
    holdKeyId: open.keyId,
    holdPostings: n - 1,
    settlement: asChargeEntry(settlement),
  }
}

/** `charge` is the charge's own entry. */
export function aRefund(idempotencyKey: string, charge: LedgerEntry, amountNanousd: bigint): RefundPosting {
  const { userId, chargeKeyId = '' } = charge
  return {
    type: 'refund',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf('refund', chargeKeyId, amountNanousd),
    charge: asChargeEntry(charge),
    chargeKeyId,
    amountNanousd,
    reason: '',
  }
}

export function anUpdate(
  userId: string,
  idempotencyKey: string,
  changes: UpdatePosting['changes'],
): UpdatePosting {
  return {
    type: 'update',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: hashOf(
      'update',
      ...Object.entries(changes).map(([name, value]) => `${name}=${String(value)}`),
    ),
    changes,
  }
}

function derivedKeyOf(open: OpenPosting, n: number) {
  const idempotencyKey = `${publicIdOf('hd', open.keyId)}/${n}`
  return { userId: open.userId, keyId: derivedKeyIdOf(open.userId, idempotencyKey), idempotencyKey }
}

function hashOf(...parts: (string | number | bigint)[]): Buffer {
  return createHash('sha256').update(parts.join('/')).digest()
}
