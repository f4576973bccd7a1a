import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { variables } from '../../src/config'

const root = join(__dirname, '..', '..')

interface Service {
  image: string
  build?: string
  environment?: Record<string, string>
  stop_grace_period?: string
  volumes?: string[]
  secrets?: string[]
  depends_on?: Record<string, unknown>
}

const compose: {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  secrets: Record<string, unknown>
} = parse(readFileSync(join(root, 'docker-compose.yaml'), 'utf8'))
const services = Object.entries(compose.services)
const { tollgate, migrate, postgres } = compose.services
const metricsTarget = `tollgate:${variables.TOLLGATE_METRICS_PORT.fallback}`

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), 'utf8')
}

function mountedInto(service: string): string[] {
  return (compose.services[service]?.volumes ?? []).map((volume) => volume.split(':')[1] ?? '')
}

test('what is mounted is there', () => {
  const sources = services.flatMap(([, { volumes = [] }]) =>
    volumes.map((volume) => volume.split(':')[0] ?? ''),
  )
  const missing = sources.filter((source) =>
    source.startsWith('.') ? !existsSync(join(root, source)) : !(source in compose.volumes),
  )
  expect(sources.length).toBeGreaterThan(0)
  expect(missing).toEqual([])
})

test('tollgate knows every variable that it is given', () => {
  const names = ['migrate', 'tollgate'].flatMap((name) =>
    Object.keys(compose.services[name]?.environment ?? {}),
  )
  expect(names).toContain('TOLLGATE_MIGRATE')
  expect(names.filter((name) => !(name in variables))).toEqual([])
})

test('what a service needs is named', () => {
  const needs = services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on))
  const secrets = services.flatMap(([, service]) => service.secrets ?? [])
  expect(needs).toContain('migrate')
  expect(needs.filter((name) => !(name in compose.services))).toEqual([])
  expect(secrets).toEqual(['tokens'])
  expect(secrets.filter((name) => !(name in compose.secrets))).toEqual([])
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

test('the tokens are where secrets are, the spool is where the image has its data', () => {
  expect(tollgate?.environment?.['TOLLGATE_TOKENS_FILE']).toBe('/run/secrets/tokens')
  expect(read('Dockerfile')).toContain(`TOLLGATE_DATA_DIR=${mountedInto('tollgate')[0]} `)
})

test('a stop waits longer than the drain', () => {
  const graceSeconds = Number(/^(\d+)s$/.exec(tollgate?.stop_grace_period ?? '')?.[1])
  expect(graceSeconds).toBeGreaterThan(Number(variables.TOLLGATE_DRAIN_GRACE_SECONDS.fallback))
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

test('the image says the version that the package has', () => {
  const version = /^ARG VERSION=(.*)$/m.exec(read('Dockerfile'))?.[1]
  expect(version).toBe(JSON.parse(read('package.json')).version)
})
