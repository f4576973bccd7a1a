import type { Scope } from '../../../src/rpc/server/scopes'

export interface Target {
  /** `host:port` of gRPC. */
  address: string
  tokens: Readonly<Record<Scope, string>>
  /** In this process's monotonic time. */
  untilMs: number
}

/** A user with a ledger of {@link LEDGER_ENTRIES} entries. */
export const USER_ID = 'ada'
export const LEDGER_ENTRIES = 3_000

export function aCharge(idempotencyKey: string) {
  return {
    userId: USER_ID,
    idempotencyKey,
    model: 'gpt-4o-mini',
    provider: 'openai',
    usage: { inputTokens: '1000' },
    labels: { team: 'search' },
  }
}
