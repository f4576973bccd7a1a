import { counters, type Series } from '../instruments'

/** More would make every query over them slow; there are some 1,700 models with a price. */
export const MODEL_LABELS_MAX = 100

const charges = counters({
  name: 'tollgate_model_charges_total',
  help: 'Deductions by priced model; "other" are those without a listed price and those beyond the first 100 of a process.',
})
const chargedNanousd = counters({
  name: 'tollgate_model_charged_nanousd_total',
  help: 'tollgate_charged_nanousd_total by priced model.',
})
const missedNanousd = counters({
  name: 'tollgate_model_missed_nanousd_total',
  help: 'tollgate_missed_nanousd_total by priced model.',
})

export interface ModelAmounts {
  charges: Series
  charged: Series
  missed: Series
}

const byModel = new Map<string, ModelAmounts>()
const OTHER = 'other'
const other = admit(OTHER)

/** What is counted of a model. `undefined` is one that no source lists a price for: its name is whatever a caller sent. */
export function amountsOf(pricedModel: string | undefined): ModelAmounts {
  if (pricedModel === undefined) return other
  const known = byModel.get(pricedModel)
  if (known !== undefined) return known
  // One is `other`.
  if (byModel.size > MODEL_LABELS_MAX) return other
  return admit(pricedModel)
}

function admit(model: string): ModelAmounts {
  const made = {
    charges: charges.series({ model }),
    charged: chargedNanousd.series({ model }),
    missed: missedNanousd.series({ model }),
  }
  byModel.set(model, made)
  return made
}
