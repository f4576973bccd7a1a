/** Nano-US-dollars: 1 USD = 1,000,000,000. Signed, never a float. */
export type Nanousd = bigint

export const NANOUSD_PER_USD = 1_000_000_000n
const NANOUSD_PER_CENT = NANOUSD_PER_USD / 100n

/** Balances stay within this on either side of zero, well inside int8. */
export const BALANCE_NANOUSD_MAX = 10n ** 18n

/** `dividend / divisor`, halves away from zero. `divisor` must be positive. */
export function divideRoundingHalfUp(dividend: bigint, divisor: bigint): bigint {
  if (divisor <= 0n) throw new Error(`divisor must be positive, got ${divisor}`)
  return dividend >= 0n
    ? (2n * dividend + divisor) / (2n * divisor)
    : -((-2n * dividend + divisor) / (2n * divisor))
}

export function minOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/**
 * For error messages, logs and Sentry: rounded to the cent, as `~$12.35`, so that no exact balance leaks. What is less than
 * a cent is rounded to its first digit, as `~$0.0003`: it is not nothing.
 */
export function approximateUsd(amountNanousd: Nanousd): string {
  const magnitudeNanousd = amountNanousd < 0n ? -amountNanousd : amountNanousd
  if (magnitudeNanousd > 0n && magnitudeNanousd < NANOUSD_PER_CENT) {
    const digit = 10n ** BigInt(magnitudeNanousd.toString().length - 1)
    return `~${formatUsd(divideRoundingHalfUp(amountNanousd, digit) * digit)}`
  }
  const cents = divideRoundingHalfUp(amountNanousd, NANOUSD_PER_CENT)
  const sign = cents < 0n ? '-' : ''
  const magnitude = cents < 0n ? -cents : cents
  return `~${sign}$${magnitude / 100n}.${(magnitude % 100n).toString().padStart(2, '0')}`
}

/** For a person who may see the exact amount, as `$0.001234567`: at least two decimals, no trailing zeros. */
export function formatUsd(amountNanousd: Nanousd): string {
  const sign = amountNanousd < 0n ? '-' : ''
  const magnitude = amountNanousd < 0n ? -amountNanousd : amountNanousd
  const decimals = (magnitude % NANOUSD_PER_USD).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0')
  return `${sign}$${magnitude / NANOUSD_PER_USD}.${decimals}`
}
