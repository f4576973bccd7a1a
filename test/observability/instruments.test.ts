import { Histogram, Registry } from 'prom-client'
import { counters, histograms, registry } from '../../src/observability/instruments'

test('a value counts in the bucket whose bound it does not exceed, as in prom-client', async () => {
  const bounds = [0.01, 0.1, 1]
  const ours = histograms({ name: 'test_seconds', help: 'Times.' }, bounds).series({ method: 'A' })
  const reference = new Registry()
  const theirs = new Histogram({
    name: 'test_seconds',
    help: 'Times.',
    labelNames: ['method'],
    buckets: bounds,
    registers: [reference],
  })
  for (const value of [0, 0.01, 0.0100001, 0.1, 0.5, 1, 1.1, 60]) {
    ours.observe(value)
    theirs.observe({ method: 'A' }, value)
  }
  const sorted = (page: string) => page.split('\n').filter(Boolean).map(withSortedLabels).sort()
  const shown = await registry.getSingleMetricAsString('test_seconds')
  expect(sorted(shown)).toEqual(sorted(await reference.metrics()))
})

test('a label may hold anything', async () => {
  counters({ name: 'test_odd_total', help: 'Odd.' }).series({ model: 'a"b\\c\nd' }).add(2)
  expect(await registry.getSingleMetricAsString('test_odd_total')).toContain(
    'test_odd_total{model="a\\"b\\\\c\\nd"} 2',
  )
})

function withSortedLabels(line: string): string {
  return line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`)
}
