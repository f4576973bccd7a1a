/** $1 a million input tokens and $10 a million output tokens, in nano-USD a token. */
export const INPUT_NANOUSD = 1_000n
export const OUTPUT_NANOUSD = 10_000n
export const MODEL = 'conformance-model'
/** A tier of MODEL that costs twice as much, and a model that costs three times as much. */
export const TIER = 'priority'
export const OTHER_MODEL = 'conformance-other-model'

export function costOf(inputTokens: number, outputTokens: number): bigint {
  return BigInt(inputTokens) * INPUT_NANOUSD + BigInt(outputTokens) * OUTPUT_NANOUSD
}
