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

test('what is mounted is there; whoever tries it out makes the tokens alone', () => {
  const sources = services.flatMap(([, service]) => mountsOf(service).map(({ source }) => source))
  const missing = sources.filter((source) =>
    source.startsWith('.') ? !existsSync(join(root, source)) : !(source in compose.volumes),
  )
  expect(sources.length).toBeGreaterThan(1)
  expect(missing.filter((source) => source !== './secrets')).toEqual([])
  expect(read('.gitignore').split('\n')).toContain('/secrets/')
})

test('tollgate knows every variable that it is given', () => {
  const names = ['migrate', 'tollgate'].flatMap((name) =>
    Object.keys(compose.services[name]?.environment ?? {}),
  )
  expect(names).toContain('TOLLGATE_MIGRATE')
  expect(names.filter((name) => !variableNames.includes(name))).toEqual([])
})

test('what a service needs is named', () => {
  const needs = services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on))
  expect(needs).toContain('migrate')
  expect(needs.filter((name) => !(name in compose.services))).toEqual([])
})

test('an image is built once, for whoever uses it first', () => {
  const built = services.filter(([, { build }]) => build !== undefined)
  expect(built.map(([name]) => name)).toEqual(['migrate'])
  expect(tollgate?.image).toBe(migrate?.image)
  expect(tollgate?.depends_on).toHaveProperty('migrate')
})

test('everybody finds Postgres under the name and password that it has', () => {
  const {
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
  } = postgres?.environment ?? {}
  const url = `postgres://${user}:${password}@postgres:5432/${database}`
  expect([tollgate, migrate].map((service) => service?.environment?.['DATABASE_URL'])).toEqual([url, url])
})

test('the spool is where the image has its data; the tokens are in a mounted folder, where they can be exchanged', () => {
  const [data, secrets] = mountedInto('tollgate')
  expect(read('Dockerfile')).toContain(`TOLLGATE_DATA_DIR=${data} `)
  expect(dirname(tollgate?.environment?.['TOLLGATE_TOKENS_FILE'] ?? '')).toBe(secrets)
})

test('nothing is kept in a volume without a name', () => {
  const [declared] = /^VOLUME (\S+)$/m.exec(read('Dockerfile'))?.slice(1) ?? []
  expect(migrate?.tmpfs).toEqual([declared])
  for (const [service, folder = ''] of [
    ['tollgate', declared],
    // As their images declare.
    ['postgres', '/var/lib/postgresql'],
    ['prometheus', '/prometheus'],
  ] as const) {
    expect(mountedInto(service)).toContain(folder)
  }
})

test('Postgres is well once it answers by TCP: while it is being set up, it does so on its socket alone', () => {
  expect(postgres?.healthcheck?.test).toEqual(['CMD', 'pg_isready', '--host=127.0.0.1', expect.any(String)])
})

test('what keeps the books comes back by itself', () => {
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

test('Prometheus scrapes what there is and reads the rules that are mounted; Grafana asks it, and has its dashboards', () => {
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

test('the image is built of Node and nothing else from elsewhere', () => {
  const images = [...read('Dockerfile').matchAll(/^(?:FROM|# *syntax *=) *(\S+)/gm)].map(([, image]) => image)
  expect(images).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim'])
})

test('the image says the version that the package has', () => {
  const version = /^ARG VERSION=(.*)$/m.exec(read('Dockerfile'))?.[1]
  expect(version).toBe(JSON.parse(read('package.json')).version)
})
