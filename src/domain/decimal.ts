import { divideRoundingHalfUp } from './money'

/** Of a power of ten; `1e9999` is refused rather than made into ten thousand digits. */
const SHIFT_MAX = 100

/**
 * A decimal as text (`3e-7`, `0.0000006000000000000000001`) or as the float that JSON made of one, times a power of ten, as
 * a whole number. Never multiplied as a float: read digit by digit, from the shortest text that means the same float,
 * and rounded half up, which takes off the noise that floats leave far behind the last digit. Undefined where it is no
 * finite number, or so small that it would round to nothing: a price must not become free that way.
 */
export function scaledDecimalOf(value: number | string, powerOfTen: number): bigint | undefined {
  const match = /^(-?)(\d{1,40})(?:\.(\d{0,60}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(String(value).trim())
  if (match === null) return undefined
  const [, sign, whole = '', decimals = '', exponent = '0'] = match
  const digits = BigInt(`${whole}${decimals}`)
  if (digits === 0n) return 0n
  const shift = Number(exponent) - decimals.length + powerOfTen
  if (Math.abs(shift) > SHIFT_MAX) return undefined
  const magnitude =
    shift >= 0 ? digits * 10n ** BigInt(shift) : divideRoundingHalfUp(digits, 10n ** BigInt(-shift))
  if (magnitude === 0n) return undefined
  return sign === '-' ? -magnitude : magnitude
}

/** `numerator / scale` as an exact decimal text, without trailing zeros. `scale` is a power of ten. */
export function decimalTextOf(numerator: bigint, scale: bigint): string {
  const whole = numerator / scale
  const rest = numerator - whole * scale
  if (rest === 0n) return whole.toString()
  // Written with a leading 1, the rest keeps its zeros.
  const decimals = (scale + rest).toString().slice(1).replace(/0+$/, '')
  return `${whole}.${decimals}`
}
