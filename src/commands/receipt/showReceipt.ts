import type { Charge__Output } from '../../wire/generated/tollgate/billing/v1/Charge'
import { percentOf } from '../prices/showPrice'
import { print, printable, timeOf } from '../print'
import { usdOf } from '../users/showUser'
import { showLineItems } from './lineItems'

/** A receipt: what was charged, for which usage, at which price, from which pot. */
export function showReceipt(charge: Charge__Output): void {
  if (charge.lineItems.length > 0) {
    showLineItems(charge.lineItems)
    print('')
  }
  for (const [name, value] of factsOf(charge)) {
    if (value !== '') print(`${`${name}:`.padEnd(14)}${printable(value)}`)
  }
}

function factsOf(charge: Charge__Output): [string, string][] {
  const { amountNanousd, allowanceNanousd, creditsNanousd, balance } = charge
  const { refundedNanousd, forgoneNanousd } = charge
  return [
    ['charge', charge.chargeId],
    ['status', statusOf(charge)],
    ['user', charge.userId],
    ['key', charge.idempotencyKey],
    ['made', timeOf(charge.occurredAt)],
    ['posted', timeOf(charge.createdAt)],
    ['by', charge.actor],
    ['amount', usdOf(amountNanousd)],
    ['paid by', `${usdOf(allowanceNanousd)} of allowance, ${usdOf(creditsNanousd)} of credits`],
    ['forgone', forgoneNanousd === '0' ? '' : `${usdOf(forgoneNanousd)}, of a trial`],
    ['refunded', refundedNanousd === '0' ? '' : usdOf(refundedNanousd)],
    ['model', named(charge.model, charge.provider)],
    ['priced as', named(charge.pricedModel, charge.pricedProvider)],
    ['price', charge.priceId],
    ['markup', `${percentOf(charge.markupBasisPoints)} on ${usdOf(charge.costNanousd)}`],
    ['reported', reportedCostOf(charge)],
    [
      'rated',
      charge.ratedAmountNanousd === undefined
        ? ''
        : `${usdOf(charge.ratedAmountNanousd)} at the price, not charged`,
    ],
    ['tier', charge.serviceTier],
    ['API key', charge.apiKeyId],
    ['labels', labelsOf(charge.labels)],
    ['hold', charge.holdId],
    ['failure', charge.failureId],
    ['available', balance === null ? '' : `${usdOf(balance.availableNanousd)} after it`],
  ]
}

function statusOf({ status }: Charge__Output): string {
  const name = status.replace('CHARGE_STATUS_', '').toLowerCase()
  return name === 'deferred' ? 'deferred: on disk, and deducted as soon as the database takes it' : name
}

/** What the gateway stated, which was charged in place of the rated amount. */
function reportedCostOf({ reportedCostNanousd, reportedCostSource }: Charge__Output): string {
  if (reportedCostNanousd === '0') return ''
  const source = reportedCostSource === '' ? '' : ` by ${reportedCostSource}`
  return `${usdOf(reportedCostNanousd)} stated${source}, and charged`
}

function named(model: string, provider: string): string {
  return provider === '' || model === '' ? model : `${model} at ${provider}`
}

export function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
