import { metrics } from '../observability/metrics'
import { reportFatal, reportWarning } from '../observability/sentry'

/** Whose price it is about. */
interface Subject {
  model: string
  provider: string
}

/** A call was refused because no source has a price for it. */
export function reportMissingPrice(
  { model, provider }: Subject,
  { highValue }: { highValue: boolean },
): void {
  metrics.priceLookup('none')
  const report = {
    subject: model,
    message: `No price is known for ${describe({ model, provider })}; calls of it are refused.`,
    tags: { model, provider, high_value: String(highValue) },
  }
  if (highValue) reportFatal('MODEL_PRICE_MISSING', report)
  else reportWarning('MODEL_PRICE_MISSING', report)
}

/** A model that an operator lists as low-value is charged at the default price. */
export function reportDefaultPrice({ model, provider }: Subject): void {
  metrics.priceLookup('default')
  reportWarning('DEFAULT_PRICE', {
    subject: model,
    message: `No price is known for ${describe({ model, provider })}; it is charged at the default price.`,
    tags: { model, provider },
  })
}

/** A `:free` model that no source lists as free. */
export function reportFreeSuffix({ model, provider }: Subject): void {
  metrics.suspiciousFree()
  reportWarning('SUSPICIOUS_FREE_MODEL', {
    subject: model,
    message: `No source lists ${describe({ model, provider })} as free; it is charged as the model without the suffix.`,
    tags: { model, provider },
  })
}

/** A price or a charge was refused as out of bounds. */
export function reportPriceAnomaly({ model, provider }: Subject, problem: string): void {
  metrics.priceAnomaly('above')
  reportFatal('PRICE_ANOMALY', {
    subject: model,
    message: `Refused a price of ${describe({ model, provider })}: ${problem}`,
    tags: { model, provider },
  })
}

/** A call cost less than tokens cost anywhere, without being free. It was charged. */
export function reportCheapCall({ model, provider }: Subject): void {
  metrics.priceAnomaly('below')
  reportWarning('PRICE_SUSPICIOUSLY_LOW', {
    subject: model,
    message: `Tokens of ${describe({ model, provider })} cost less than $0.0001 per 1,000; check the price's unit.`,
    tags: { model, provider },
  })
}

/** A source's price moved too far to be taken over at once. The old one stays in force until an operator decides. */
export function reportHeldPriceChange({ model, provider }: Subject, reason: string): void {
  metrics.priceChangeHeld()
  reportWarning('PRICE_CHANGE_HELD_BACK', {
    subject: `${provider}/${model}`,
    message: `A price change of ${describe({ model, provider })} is held back: ${reason}.`,
    tags: { model, provider },
  })
}

/** A provider states a number that looks like a count and that no rate reads. Reported once an hour for each field. */
export function reportUnreadField(format: string, path: string): void {
  const field = path.replaceAll(/\[\d+\]/g, '[]')
  metrics.unreadUsageField(format, field)
  reportWarning('UNREAD_USAGE_FIELD', {
    subject: `${format} ${field}`,
    message: `Usage of the format ${format} states ${field}, which tollgate does not read; the call is charged without it.`,
    tags: { format, field },
  })
}

function describe({ model, provider }: Subject): string {
  return provider === '' ? model : `${model} at ${provider}`
}
