import { type Metric, Registry } from 'prom-client'

/** The metrics that `/metrics` serves. */
export const registry = new Registry()

export type Labels = Readonly<Record<string, string>>

/**
 * One series, which counts by a plain addition. prom-client joins the labels into a string at every count, even for a
 * child that is bound to them, and a call counts a dozen times. So prom-client only writes the page and measures the
 * process.
 */
export class Series {
  readonly labels: Labels
  value: number

  constructor(labels: Labels, value: number) {
    this.labels = labels
    this.value = value
  }

  add(amount = 1): void {
    this.value += amount
  }

  set(value: number): void {
    this.value = value
  }
}

interface Described {
  name: string
  help: string
}

interface Sample {
  labels: Labels
  value: number
  metricName?: string
}

/** Series that share a name and differ by their labels. */
export interface Family {
  /** Adds a series, which is served from now on. Create each series once, and keep it. */
  series(labels: Labels, value?: number): Series
}

export function counters(described: Described): Family {
  return family(described, 'counter')
}

export function gauges(described: Described): Family {
  return family(described, 'gauge')
}

export function counter(described: Described): Series {
  return counters(described).series({})
}

export function gauge(described: Described): Series {
  return gauges(described).series({})
}

/** A gauge whose value is read at each scrape. */
export function gaugeRead(described: Described, read: () => number): void {
  register(described, 'gauge', () => [{ labels: {}, value: read() }])
}

/** One series for each value of a label, served from the start. */
export function seriesBy<Value extends string>(
  of: Family,
  label: string,
  values: readonly Value[],
): Record<Value, Series> {
  return Object.fromEntries(values.map((value) => [value, of.series({ [label]: value })])) as Record<
    Value,
    Series
  >
}

function family(described: Described, type: 'counter' | 'gauge'): Family {
  const all: Series[] = []
  register(described, type, () => all)
  return {
    series(labels, value = 0) {
      const made = new Series(labels, value)
      all.push(made)
      return made
    },
  }
}

/** One series of a histogram. */
export class Distribution {
  readonly #labels: Labels
  readonly #bounds: readonly number[]
  /** One for each bound, and one for the values above all of them. */
  readonly #counts: number[]
  #sum = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    let bucket = 0
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  samples(name: string): Sample[] {
    let count = 0
    const buckets = this.#counts.map((inBucket, index) => {
      count += inBucket
      const le = String(this.#bounds[index] ?? '+Inf')
      return { metricName: `${name}_bucket`, labels: { ...this.#labels, le }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count },
    ]
  }
}

/** @param bounds ascending; a bound belongs to its bucket */
export function histograms(
  described: Described,
  bounds: readonly number[],
): { series(labels: Labels): Distribution } {
  const all: Distribution[] = []
  register(described, 'histogram', () => all.flatMap((each) => each.samples(described.name)))
  return {
    series(labels) {
      const made = new Distribution(labels, bounds)
      all.push(made)
      return made
    },
  }
}

export function histogram(described: Described, bounds: readonly number[]): Distribution {
  return histograms(described, bounds).series({})
}

/** The registry uses only the name and the samples of a metric. */
function register({ name, help }: Described, type: string, samples: () => readonly Sample[]): void {
  const metric = { name, help, type, get: async () => ({ name, help, type, values: samples() }) }
  registry.registerMetric(metric as unknown as Metric)
}
