import type { Meter } from '../../../src/domain/rating/price'
import { NO_CONDITIONS, perOf } from '../../../src/domain/rating/rateCards'
import { rate } from '../../../src/domain/rating/rating'
import { readProviderUsage } from '../../../src/domain/usage/readProviderUsage'
import { unitsToText } from '../../../src/domain/usage/units'
import type { Usage } from '../../../src/domain/usage/usage'
import { reportedByTheField } from './fieldBodies'
import { nonsense, providerBodies } from './providerBodies'
import { recordedBodies } from './recordedBodies'

test.each(providerBodies)('$format: $title', ({ format, json, usage }) => {
  expect(counts(usageIn(format, JSON.stringify(json)))).toEqual(usage)
})

test.each(recordedBodies)('$format, recorded: $title', ({ format, json, usage }) => {
  expect(counts(usageIn(format, JSON.stringify(json)))).toEqual(usage)
})

test.each(recordedBodies.filter(({ charged }) => charged !== undefined))(
  '$format, recorded: $title, costs what the provider charged',
  ({ format, json, charged }) => {
    const usage = usageIn(format, JSON.stringify(json))
    const rates = (Object.entries(charged?.rates ?? {}) as [Meter, number][]).map(([meter, price]) => ({
      meter,
      priceNanousd: BigInt(price),
      per: perOf(meter),
    }))
    const request = { usage, conditions: NO_CONDITIONS, at: new Date('2026-01-01T12:00:00Z') }
    const { costNanousd } = rate({ rateCards: [{ rates }], markupBasisPoints: 0 }, request)
    expect(costNanousd).toBe(BigInt(charged?.nanousd ?? -1))
  },
)

test.each(reportedByTheField)(
  '$format, from the field: $title ($source)',
  ({ format, model = '', json, usage, units = {}, served = {}, unread = [], assumed = [] }) => {
    const body = { format, json: JSON.stringify(json) }
    const report = readProviderUsage(body, { model, fieldPrefix: 'provider_usage' })
    expect(counts(report.usage)).toEqual(usage)
    expect(unitsToText(report.usage.units ?? {})).toEqual(units)
    expect(Object.fromEntries(Object.entries(report.served).filter(([, text]) => text !== ''))).toEqual(
      served,
    )
    expect(report.unreadFields).toEqual(unread)
    expect(report.assumptions).toEqual(assumed.map((each) => expect.stringContaining(each)))
  },
)

test('every format has a body that was recorded', () => {
  const formats = new Set(providerBodies.map(({ format }) => format))
  expect(new Set(recordedBodies.map(({ format }) => format))).toEqual(formats)
})

test.each(nonsense)('$format refuses $title', ({ format, json, reason = 'INVALID_FIELD', field }) => {
  const text = typeof json === 'string' ? json : JSON.stringify(json)
  expect(() => usageIn(format, text)).toThrow(expect.objectContaining({ reason, field }))
})

test('a format that nobody knows is named, with those that are known', () => {
  expect(() => usageIn('acme', '{}')).toThrow(
    expect.objectContaining({ reason: 'UNKNOWN_USAGE_FORMAT', field: 'provider_usage.format' }),
  )
})

test('what isn’t JSON is refused without quoting it', () => {
  const json = '{"messages":[{"content":"a secret prompt"'
  expect(() => usageIn('gemini', json)).toThrow(
    expect.objectContaining({
      field: 'provider_usage.json',
      message: 'provider_usage.json is not valid JSON',
    }),
  )
})

function usageIn(format: string, json: string, model = ''): Usage {
  return readProviderUsage({ format, json }, { model, fieldPrefix: 'provider_usage' }).usage
}

/** The counts that aren't zero, as numbers. */
function counts(usage: Usage): Record<string, number> {
  return Object.fromEntries(
    Object.entries(usage)
      .filter(([name, count]) => count !== 0n && name !== 'units')
      .map(([name, count]) => [name, Number(count)]),
  )
}
