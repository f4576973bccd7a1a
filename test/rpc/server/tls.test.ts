import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { ServerCredentials } from '@grpc/grpc-js'
import { type ConnectSettings, connectTollgate } from '../../../clients/node/src/connect'
import type { TollgateError } from '../../../clients/node/src/errors'
import { registry } from '../../../src/observability/metrics'
import { serverCredentials, watchTlsFiles } from '../../../src/rpc/server/serverCredentials'
import { aCertificate, aCertificateAuthority, type Certificate } from '../../support/certificates'
import { SecretFolder } from '../../support/secretFolder'
import { startTestServer, type TestServer } from '../../support/server'

const LOOK_EVERY_MS = 20

let ca: Certificate
let otherCa: Certificate
let served: Certificate
let ends: (() => unknown)[]

beforeAll(async () => {
  ;[ca, otherCa] = await Promise.all([aCertificateAuthority(), aCertificateAuthority('another CA')])
  served = await aCertificate('server', { by: ca })
})

beforeEach(() => {
  ends = []
})

afterEach(async () => {
  for (const end of ends.toReversed()) await end()
})

function tlsFiles({ certificate, key }: Certificate, clientCa?: Certificate) {
  return {
    'tls.crt': certificate,
    'tls.key': key,
    ...(clientCa && { 'ca.crt': clientCa.certificate }),
  }
}

function watched(secret: SecretFolder, { demandsCertificate = false } = {}) {
  const files = watchTlsFiles(
    {
      certFile: secret.path('tls.crt'),
      keyFile: secret.path('tls.key'),
      clientCaFile: demandsCertificate ? secret.path('ca.crt') : undefined,
    },
    LOOK_EVERY_MS,
  )
  ends.push(() => files.close())
  return files
}

async function serve(certificate: Certificate, clientCa?: Certificate) {
  const secret = new SecretFolder(tlsFiles(certificate, clientCa))
  ends.push(() => secret.remove())
  const credentials = serverCredentials(watched(secret, { demandsCertificate: clientCa !== undefined }))
  const server = await start(credentials)
  return { secret, server }
}

async function start(credentials: ServerCredentials): Promise<TestServer> {
  const server = await startTestServer({ credentials })
  ends.push(() => server.stop())
  return server
}

/** OK, or how it was refused; always on a connection of its own. */
async function ask(server: TestServer, tls: ConnectSettings['tls']): Promise<string> {
  const client = connectTollgate({ address: byName(server), ...(tls && { tls }), retry: { retriesMax: 0 } })
  try {
    await client.listUsers({}, { timeoutMs: 3_000 })
    return 'OK'
  } catch (error) {
    return `${(error as TollgateError).reason}: ${(error as TollgateError).message}`
  } finally {
    client.close()
  }
}

/** A name, since addresses have no place in the greeting of TLS. */
function byName({ address }: TestServer): string {
  return address.replace('127.0.0.1', 'localhost')
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(LOOK_EVERY_MS)
}

async function metric(name: string): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? []
  return values
    .filter(({ labels }) => !('file' in labels) || labels['file'] === 'tls')
    .filter(({ labels }) => !('outcome' in labels) || labels['outcome'] === 'refused')
    .reduce((sum, { value }) => sum + value, 0)
}

test('a client that trusts the CA gets in; one that does not, or speaks plain text, does not', async () => {
  const { server } = await serve(served)
  expect(await ask(server, { ca: ca.certificate })).toBe('OK')
  expect(await ask(server, { ca: otherCa.certificate })).toMatch(/^UNAVAILABLE/)
  expect(await ask(server, undefined)).toMatch(/^UNAVAILABLE|^DEADLINE_EXCEEDED/)
})

test.each([
  ['expired', () => aCertificate('server', { by: ca, fromDays: -10, untilDays: -1 }), /expired/],
  ['not valid yet', () => aCertificate('server', { by: ca, fromDays: 1, untilDays: 10 }), /not yet valid/],
  ['self-signed', () => aCertificate('server'), /self.signed|unable to/],
])('a client refuses a certificate that is %s', async (_what, make, problem) => {
  const { server } = await serve(await make())
  expect(await ask(server, { ca: ca.certificate })).toMatch(problem)
})

describe('with mutual TLS', () => {
  test.each([
    ['none', 'stays out', undefined],
    ['one of the CA', 'gets in', () => aCertificate('client', { by: ca })],
    ['an expired one', 'stays out', () => aCertificate('client', { by: ca, fromDays: -10, untilDays: -1 })],
    ['a self-signed one', 'stays out', () => aCertificate('client')],
    ['one of another CA', 'stays out', () => aCertificate('client', { by: otherCa })],
  ])('a client with %s %s', async (_what, outcome, make) => {
    const { server } = await serve(served, ca)
    const client = await make?.()
    const answer = await ask(server, { ca: ca.certificate, ...(client && { client }) })
    if (outcome === 'gets in') expect(answer).toBe('OK')
    else expect(answer).toMatch(/^UNAVAILABLE/)
  })

  test('the CA of the clients is exchanged while it runs', async () => {
    const { server, secret } = await serve(served, ca)
    const before = { ca: ca.certificate, client: await aCertificate('client', { by: ca }) }
    const after = { ca: ca.certificate, client: await aCertificate('client', { by: otherCa }) }
    expect(await ask(server, before)).toBe('OK')
    secret.put(tlsFiles(served, otherCa))
    await until(async () => (await ask(server, after)) === 'OK')
    expect(await ask(server, before)).toMatch(/^UNAVAILABLE/)
  })
})

test('a new certificate is served without a restart, and connections that are open stay', async () => {
  const { server, secret } = await serve(served)
  const open = connectTollgate({ address: byName(server), tls: { ca: ca.certificate } })
  ends.push(() => open.close())
  await open.listUsers({})
  secret.put(tlsFiles(await aCertificate('server', { by: otherCa })))
  await until(async () => (await ask(server, { ca: otherCa.certificate })) === 'OK')
  expect(await ask(server, { ca: ca.certificate })).toMatch(/^UNAVAILABLE/)
  await open.listUsers({})
})

test('files that do not go together leave the last good ones in force, and are told', async () => {
  const { server, secret } = await serve(served)
  const refusedBefore = await metric('tollgate_file_reads_total')
  expect(await metric('tollgate_file_in_force')).toBe(1)
  const stranger = await aCertificate('server', { by: otherCa })
  secret.put(tlsFiles({ certificate: stranger.certificate, key: served.key }))
  await until(async () => (await metric('tollgate_file_in_force')) === 0)
  expect(await metric('tollgate_file_reads_total')).toBe(refusedBefore + 1)
  expect(await ask(server, { ca: ca.certificate })).toBe('OK')
  secret.put(tlsFiles(stranger))
  await until(async () => (await metric('tollgate_file_in_force')) === 1)
  expect(await ask(server, { ca: otherCa.certificate })).toBe('OK')
})

test('when the certificate expires is a metric', async () => {
  await serve(await aCertificate('server', { by: ca, untilDays: 7 }))
  const expiry = await metric('tollgate_tls_certificate_expiry_timestamp_seconds')
  expect(Math.abs(expiry - (Date.now() / 1_000 + 7 * 86_400))).toBeLessThan(120)
})

test.each([
  [
    'a key of another certificate',
    () => ({ ...tlsFiles(served), 'tls.key': otherCa.key }),
    /key values mismatch/,
  ],
  [
    'a certificate that is none',
    () => ({ ...tlsFiles(served), 'tls.crt': Buffer.from('x') }),
    /not valid PEM/,
  ],
  ['a key that is none', () => ({ ...tlsFiles(served), 'tls.key': Buffer.from('x') }), /can't be served/],
])('it does not start with %s', (_what, files, problem) => {
  const secret = new SecretFolder(files())
  ends.push(() => secret.remove())
  expect(() => watched(secret)).toThrow(problem)
})

test.each([
  ['ECDHE-ECDSA-AES128-SHA', 'refused'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.2'],
])('TLS 1.2 with %s: %s', async (ciphers, expected) => {
  const { server } = await serve(served)
  const [host, port] = server.address.split(':')
  const protocol = await new Promise((resolve) => {
    const socket = connectTls(
      {
        host,
        port: Number(port),
        ca: ca.certificate,
        rejectUnauthorized: false,
        ciphers,
        maxVersion: 'TLSv1.2',
        ALPNProtocols: ['h2'],
      },
      () => {
        resolve(socket.getProtocol())
        socket.destroy()
      },
    )
    socket.on('error', () => resolve('refused'))
  })
  expect(protocol).toBe(expected)
})
