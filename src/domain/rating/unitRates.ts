import { invalidField } from '../errors'
import { isRatedUnitName, UNIT_NAME_RULE } from '../usage/units'
import type { UnitRate } from './price'

/** Far more than any provider prices under one model. */
const UNIT_RATES_MAX = 256
const PERS: ReadonlySet<bigint> = new Set([1n, 10n, 100n, 1_000n, 10_000n, 100_000n, 1_000_000n])

/** Refuses, by field, rates of units that the contract rules out. Units follow the meters of their card. */
export function validateUnitRates(
  unitRates: readonly UnitRate[],
  { field, firstIndex }: { field: string; firstIndex: number },
): void {
  if (unitRates.length > UNIT_RATES_MAX) {
    throw invalidField(`${field}.rates`, `must have at most ${UNIT_RATES_MAX} rates of units`)
  }
  const seen = new Set<string>()
  for (const [index, { unit, priceNanousd, per }] of unitRates.entries()) {
    const rateField = `${field}.rates[${firstIndex + index}]`
    if (!isRatedUnitName(unit)) throw invalidField(`${rateField}.unit`, UNIT_NAME_RULE)
    if (seen.has(unit)) throw invalidField(`${rateField}.unit`, `repeats ${unit}`)
    seen.add(unit)
    if (priceNanousd < 0n) throw invalidField(`${rateField}.price_nanousd`, 'must not be negative')
    if (!PERS.has(per)) {
      throw invalidField(`${rateField}.per`, `must be a power of ten from 1 to 1000000 for ${unit}`)
    }
  }
}
