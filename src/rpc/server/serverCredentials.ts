import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { experimental, type ServerCredentials } from '@grpc/grpc-js'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import { SetupError } from '../../setupError'
import { WatchedFiles } from './watchedFiles'

export interface TlsMaterial {
  /** PEM, with any intermediate certificates. */
  certificate: Buffer
  key: Buffer
  /** Set = only clients with a certificate signed by it may connect. */
  clientCa: Buffer | undefined
}

export interface TlsPaths {
  certFile: string
  keyFile: string
  clientCaFile: string | undefined
}

const WARN_BEFORE_EXPIRY_MS = 14 * 86_400_000

/**
 * Reads the TLS files, and again whenever they change; new connections use the new ones.
 *
 * @throws SetupError where they don't fit together
 */
export function watchTlsFiles(
  { certFile, keyFile, clientCaFile }: TlsPaths,
  intervalMs?: number,
): WatchedFiles<TlsMaterial> {
  return new WatchedFiles<TlsMaterial>({
    kind: 'tls',
    paths: clientCaFile === undefined ? [certFile, keyFile] : [certFile, keyFile, clientCaFile],
    parse: ([certificate, key, clientCa]) =>
      checked({ certificate: certificate as Buffer, key: key as Buffer, clientCa }),
    ...(intervalMs !== undefined && { intervalMs }),
  })
}

/** TLS for the server, with the files that are in force when a connection is made. */
export function serverCredentials(files: WatchedFiles<TlsMaterial>): ServerCredentials {
  const requiresClientCertificate = files.current.clientCa !== undefined
  const identity = listenersOf(files, ({ certificate, key }) => ({ certificate, privateKey: key }))
  const authority = listenersOf(files, ({ clientCa }) => ({ caCertificate: clientCa as Buffer }))
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener: identity.add,
    removeIdentityCertificateListener: identity.remove,
    addCaCertificateListener: authority.add,
    removeCaCertificateListener: authority.remove,
  }
  // The provider of the identity comes first, although grpc-js names its parameters the other way round.
  const credentials = experimental.createCertificateProviderServerCredentials(
    provider,
    requiresClientCertificate ? provider : null,
    requiresClientCertificate,
  )
  requireForwardSecrecy(credentials)
  return credentials
}

/** Suites of TLS 1.3, and those of TLS 1.2 whose recorded traffic a stolen key does not open. */
const FORWARD_SECRET_CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** grpc-js takes ciphers from its own environment variable only, and drops them when certificates change. */
function requireForwardSecrecy(credentials: ServerCredentials): void {
  const inner = credentials as unknown as { updateSecureContextOptions(options: object | null): void }
  const update = inner.updateSecureContextOptions.bind(credentials)
  inner.updateSecureContextOptions = (options) =>
    update(options && { ...options, ciphers: FORWARD_SECRET_CIPHERS, minVersion: 'TLSv1.2' })
}

/** grpc-js expects a new listener to be called with the current value, but only after its constructor returns. */
function listenersOf<Update>(files: WatchedFiles<TlsMaterial>, updateOf: (material: TlsMaterial) => Update) {
  type Listener = (update: Update | null) => void
  const wrapped = new Map<Listener, (material: TlsMaterial) => void>()
  return {
    add(listener: Listener) {
      const onChange = (material: TlsMaterial) => listener(updateOf(material))
      wrapped.set(listener, onChange)
      files.onChange(onChange)
      process.nextTick(() => onChange(files.current))
    },
    remove(listener: Listener) {
      const onChange = wrapped.get(listener)
      if (onChange !== undefined) files.removeListener(onChange)
      wrapped.delete(listener)
    },
  }
}

function checked(material: TlsMaterial): TlsMaterial {
  const { certificate, key, clientCa } = material
  const served = certificateIn(certificate, 'the certificate')
  if (clientCa !== undefined) certificateIn(clientCa, 'the CA for clients')
  try {
    createSecureContext({ cert: certificate, key, ...(clientCa && { ca: clientCa }) })
  } catch (error) {
    throw new SetupError(`TLS can't be served with these files: ${(error as Error).message}`)
  }
  reportExpiry(Date.parse(served.validTo))
  return material
}

function certificateIn(pem: Buffer, what: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new SetupError(`${what} is not valid PEM: ${(error as Error).message}`)
  }
}

function reportExpiry(atMs: number): void {
  metrics.certificateExpires(atMs)
  const remainingMs = atMs - Date.now()
  const expires = new Date(atMs).toISOString()
  if (remainingMs <= 0)
    log.error({ expires }, 'the certificate has expired; clients that verify it cannot connect')
  else if (remainingMs < WARN_BEFORE_EXPIRY_MS) log.warn({ expires }, 'the certificate expires soon')
}
