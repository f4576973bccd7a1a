const USAGE = { inputTokens: '1000', outputTokens: '100' }
const CALL = { userId: 'ada', model: 'm', usage: USAGE }
const CARD = { rates: [{ meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' }] }
const LIST = JSON.stringify({
  data: [{ id: 'a/b', pricing: { prompt: '0.000001', completion: '0.000002' } }],
})
const BUDGET = {
  ...{ userId: 'ada', budgetId: 'b', limitNanousd: '1000000000', action: 'BUDGET_ACTION_ENFORCE' },
  groupBy: [{ apiKey: true }],
  window: { period: 'BUDGET_PERIOD_DAY' },
}
const FAILURE = `fl_${'0'.repeat(32)}`
const HOLD = `hd_${'0'.repeat(32)}`

/** A valid request of each method, given a user `ada` with credits and a model `m`. `n` makes keys unique. */
export function goodRequestsOf(method: string, n: number): object[] {
  const key = { idempotencyKey: `fuzz-${n}` }
  const requests: Record<string, object[]> = {
    PriceQuote: [{ model: 'm', usage: USAGE }],
    ChargeUsage: [{ ...key, ...CALL }],
    BatchChargeUsage: [{ requests: [{ ...key, ...CALL }] }],
    GetCharge: [{ userId: 'ada', ...key }],
    StreamSettle: [
      { open: { ...key, userId: 'ada', model: 'm', inputTokens: '10', maxOutputTokens: '1000' } },
      { progress: { sequence: '1', usage: USAGE } },
      { progress: { sequence: '2', usage: { ...USAGE, outputTokens: '500' } } },
      { close: { usage: USAGE } },
    ],
    ReportParts: [{ userId: 'ada', holdId: HOLD, parts: [{ partId: 'p', sequence: '1', usage: USAGE }] }],
    CreateUser: [{ userId: `user-${n}` }],
    GetUser: [{ userId: 'ada' }],
    UpdateUser: [{ userId: 'ada', tier: 'pro' }],
    GrantCredits: [{ ...key, userId: 'ada', pot: 'POT_CREDITS', amountNanousd: '1' }],
    RefundCharge: [{ ...key, userId: 'ada', chargeId: `ch_${'0'.repeat(32)}` }],
    ListLedgerEntries: [{ userId: 'ada' }],
    SettleHold: [{ userId: 'ada', holdId: HOLD, usage: USAGE }],
    PutBudget: [{ ...key, budget: BUDGET }],
    ListBudgets: [{ userId: 'ada' }],
    DeleteBudget: [{ userId: 'ada', budgetId: 'b' }],
    ListBudgetUsage: [{ userId: 'ada' }],
    Reconcile: [{ userId: 'user-0', pageSize: 1 }],
    ReconcileHeads: [{ heads: [{ userId: 'ada', version: '1', hash: Buffer.alloc(32) }] }],
    PutPrice: [{ model: 'p', rateCards: [CARD] }],
    GetPrice: [{ model: 'm' }],
    EndPrice: [{ model: 'p' }],
    PutAlias: [{ alias: 'a', model: 'm' }],
    ImportPrices: [{ format: 'openrouter', json: LIST }],
    DecidePriceChange: [{ changeId: 'pc_0' }],
    RetryDeductionFailure: [{ userId: 'ada', failureId: FAILURE }],
    WriteOffDeductionFailure: [{ userId: 'ada', failureId: FAILURE, note: 'x' }],
  }
  return requests[method] ?? [{}]
}
