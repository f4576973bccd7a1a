import { aCertificate } from './certificates'
import { SecretFolder } from './secretFolder'
import { startServerProcess } from './serverProcess'
import { testDatabase, urlOf } from './testDatabase'

export interface ExportedMetric {
  name: string
  type: string
  /** The labels of each of its series; for a histogram, also those of `_bucket`, `_sum` and `_count`. */
  series: ExportedSeries[]
}

export interface ExportedSeries {
  name: string
  labels: Record<string, string>
  value: number
}

/** The metrics of a fresh server that has everything configured: tokens, TLS, a price feed, a spool. */
export async function exportedPage(): Promise<string> {
  const database = await testDatabase()
  const { certificate, key } = await aCertificate('server')
  const secret = new SecretFolder({
    'tls.crt': certificate,
    'tls.key': key,
    tokens: `ci ${'0'.repeat(64)} read\n`,
  })
  try {
    const server = await startServerProcess({
      DATABASE_URL: urlOf(database.connection),
      TOLLGATE_DATA_DIR: secret.path('data'),
      TOLLGATE_DEFERRAL: 'on',
      TOLLGATE_TLS_CERT_FILE: secret.path('tls.crt'),
      TOLLGATE_TLS_KEY_FILE: secret.path('tls.key'),
      TOLLGATE_TOKENS_FILE: secret.path('tokens'),
      TOLLGATE_GRPC_HOST: '127.0.0.1',
      TOLLGATE_PRICE_FEED_URL: 'http://127.0.0.1:1/',
    })
    try {
      return await (await fetch(`${server.metricsUrl}/metrics`)).text()
    } finally {
      await server.stop()
    }
  } finally {
    secret.remove()
    await database.drop()
  }
}

/** By name. */
export function metricsOn(page: string): Map<string, ExportedMetric> {
  const found = new Map<string, ExportedMetric>()
  for (const [, name = '', type = ''] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    found.set(name, { name, type, series: [] })
  for (const [, name = '', text = '', value] of page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    const metric = found.get(name) ?? found.get(name.replace(/_(bucket|sum|count)$/, ''))
    if (metric === undefined) throw new Error(`${name} has no type`)
    const labels = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [
      label,
      value,
    ])
    metric.series.push({ name, labels: Object.fromEntries(labels), value: Number(value) })
  }
  return found
}

/** Names of a metric's labels, without a histogram's `le`, which is always present. */
export function labelsOf({ type, series }: ExportedMetric): string[] {
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)))
  if (type === 'histogram') names.delete('le')
  return [...names].sort()
}
