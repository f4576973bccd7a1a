/**
 * Who asked for something: the name of a token. Empty where nobody is known, because the server runs without tokens or an earlier
 * release wrote it.
 */
export type Actor = string

/** Who expires holds, collects debts after a grant and reads the price feed. No token may have this name. */
export const TOLLGATE: Actor = 'tollgate'
