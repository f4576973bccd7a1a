import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { variableNames } from '../../src/config/environment'
import { settings } from '../../src/config/settings'

const root = join(__dirname, '..', '..')

interface Service {
  image: string
  build?: string
  environment?: Record<string, string>
  stop_grace_period?: string
  restart?: string
  healthcheck?: { test: string[] }
  volumes?: (string | { source: string; target: string })[]
  tmpfs?: string[]
  depends_on?: Record<string, unknown>
}

const compose: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  readFileSync(join(root, 'docker-compose.yaml'), 'utf8'),
)
const services = Object.entries(compose.services)
const { tollgate, migrate, postgres } = compose.services
const metricsTarget = `tollgate:${settings.metrics.port.fallback}`

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), 'utf8')
}

function mountsOf({ volumes = [] }: Service): { source: string; target: string }[] {
  return volumes.map((volume) => {
    if (typeof volume !== 'string') return volume
    const [source = '', target = ''] = volume.split(':')
    return { source, target }
  })
}

function mountedInto(service: string): string[] {
  return mountsOf(compose.services[service] ?? { image: '' }).map(({ target }) => target)
}

test('every mounted file exists, except the tokens, which the reader makes', () => {
  const sources = services.flatMap(([, service]) => mountsOf(service).map(({ source }) => source))
  const missing = sources.filter((source) =>
    source.startsWith('.') ? !existsSync(join(root, source)) : !(source in compose.volumes),
  )
  expect(sources.length).toBeGreaterThan(1)
  expect(missing.filter((source) => source !== './secrets')).toEqual([])
  expect(read('.gitignore').split('\n')).toContain('/secrets/')
})

test('tollgate knows every variable that it gets', () => {
  const names = ['migrate', 'tollgate'].flatMap((name) =>
    Object.keys(compose.services[name]?.environment ?? {}),
  )
  expect(names).toContain('TOLLGATE_MIGRATE')
  expect(names.filter((name) => !variableNames.includes(name))).toEqual([])
})

test('every volume and dependency of a service is declared', () => {
  const needs = services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on))
  expect(needs).toContain('migrate')
  expect(needs.filter((name) => !(name in compose.services))).toEqual([])
})

test('the image is built once, by the first service that uses it', () => {
  const built = services.filter(([, { build }]) => build !== undefined)
  expect(built.map(([name]) => name)).toEqual(['migrate'])
  expect(tollgate?.image).toBe(migrate?.image)
  expect(tollgate?.depends_on).toHaveProperty('migrate')
})

test('every service connects to Postgres with its name and password', () => {
  const {
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
  } = postgres?.environment ?? {}
  const url = `postgres://${user}:${password}@postgres:5432/${database}`
  expect([tollgate, migrate].map((service) => service?.environment?.['DATABASE_URL'])).toEqual([url, url])
})

test('the spool is in the data folder of the image, and the tokens are in a mounted folder, so that they can be replaced', () => {
  const [data, secrets] = mountedInto('tollgate')
  expect(read('Dockerfile')).toContain(`TOLLGATE_DATA_DIR=${data} `)
  expect(dirname(tollgate?.environment?.['TOLLGATE_TOKENS_FILE'] ?? '')).toBe(secrets)
})

test('no data is kept in an anonymous volume', () => {
  const [declared] = /^VOLUME (\S+)$/m.exec(read('Dockerfile'))?.slice(1) ?? []
  expect(migrate?.tmpfs).toEqual([declared])
  for (const [service, folder = ''] of [
    ['tollgate', declared],
    // The volumes that the images declare.
    ['postgres', '/var/lib/postgresql'],
    ['prometheus', '/prometheus'],
  ] as const) {
    expect(mountedInto(service)).toContain(folder)
  }
})

test('Postgres is healthy once it answers over TCP: during its setup it answers only on its socket', () => {
  expect(postgres?.healthcheck?.test).toEqual(['CMD', 'pg_isready', '--host=127.0.0.1', expect.any(String)])
})

test('the services that keep the books restart by themselves', () => {
  expect([tollgate, postgres].map((service) => service?.restart)).toEqual([
    'unless-stopped',
    'unless-stopped',
  ])
  expect(migrate?.restart).toBeUndefined()
})

test('a stop waits longer than the drain', () => {
  const graceSeconds = Number(/^(\d+)s$/.exec(tollgate?.stop_grace_period ?? '')?.[1])
  expect(graceSeconds).toBeGreaterThan(Number(settings.drainGraceMs.fallback))
})

test('Prometheus scrapes tollgate and reads the mounted rules, and Grafana has its data source and dashboards', () => {
  const prometheus = parse(read('compose', 'prometheus.yaml'))
  const targets = prometheus.scrape_configs.flatMap(
    ({ static_configs }: { static_configs: { targets: string[] }[] }) =>
      static_configs.flatMap((config) => config.targets),
  )
  expect(targets).toEqual([metricsTarget])
  expect(mountedInto('prometheus')).toEqual(expect.arrayContaining(prometheus.rule_files))
  expect(prometheus.rule_files).toHaveLength(1)

  const [source] = parse(read('compose', 'grafana', 'datasource.yaml')).datasources
  expect(source).toMatchObject({ type: 'prometheus', url: 'http://prometheus:9090' })
  const [provider] = parse(read('compose', 'grafana', 'dashboards.yaml')).providers
  expect(mountedInto('grafana')).toContain(provider.options.path)
})

test('the image has no base other than Node', () => {
  const images = [...read('Dockerfile').matchAll(/^(?:FROM|# *syntax *=) *(\S+)/gm)].map(([, image]) => image)
  expect(images).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim'])
})

test('the image has the version of the package', () => {
  const version = /^ARG VERSION=(.*)$/m.exec(read('Dockerfile'))?.[1]
  expect(version).toBe(JSON.parse(read('package.json')).version)
})
