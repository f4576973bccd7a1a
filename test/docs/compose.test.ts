import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { variables } from '../../src/config'

const root = join(__dirname, '..', '..')

interface Service {
  environment?: Record<string, string>
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
