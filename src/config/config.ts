import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { SetupError } from '../setupError'
import { type Environment, textOf } from './environment'
import { type Settings, settings } from './settings'
import { mapVariables } from './variable'

/** Everything that can be set, read once from the environment. Durations in ms, money in nano-USD. */
export interface Config extends Omit<Settings, 'grpc' | 'deferral'> {
  grpc: Omit<Settings['grpc'], 'host' | 'tls'> & {
    host: string
    /** Absent = plain text. */
    tls: TlsFiles | undefined
  }
  deferral: Settings['deferral'] & { spoolDir: string }
}

export interface TlsFiles {
  certFile: string
  keyFile: string
  /** Set = clients must show a certificate signed by it. */
  clientCaFile: string | undefined
}

/**
 * Reads and checks the environment.
 *
 * @throws SetupError that lists every mistake, each with its variable's name
 */
export function readConfig(environment: Environment): Config {
  const { values, problems } = examine(environment)
  if (problems.length > 0) {
    throw new SetupError(['The configuration has mistakes:', ...problems].join('\n  '))
  }
  return withDependentDefaults(values)
}

/** Every mistake, each beginning with a variable's name. */
export function configProblems(environment: Environment): string[] {
  return examine(environment).problems
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function examine(environment: Environment): { values: Settings; problems: string[] } {
  const problems: string[] = []
  const values = mapVariables(settings, ({ name, parse, fallback }) => {
    const result = parse.safeParse(textOf(environment, name) || fallback)
    if (!result.success)
      problems.push(`${name} ${result.error.issues.map(({ message }) => message).join(', ')}`)
    return result.data
  })
  const isSet = (name: string) => textOf(environment, name) !== ''
  checkTls(isSet, problems)
  if (values.streams.recordIntervalMs * 2 > values.streams.validityMs) {
    problems.push('TOLLGATE_STREAM_RECORD_SECONDS must be at most half of TOLLGATE_STREAM_VALIDITY_SECONDS')
  }
  checkHost(values.grpc.host, isSet('TOLLGATE_TOKENS_FILE'), problems)
  return { values, problems }
}

/** Asks what is set, not what was parsed, so that an unreadable file is one mistake and not two. */
function checkTls(isSet: (name: string) => boolean, problems: string[]): void {
  const [cert, key] = [isSet('TOLLGATE_TLS_CERT_FILE'), isSet('TOLLGATE_TLS_KEY_FILE')]
  if (key && !cert) problems.push('TOLLGATE_TLS_CERT_FILE must be set together with TOLLGATE_TLS_KEY_FILE')
  if (cert && !key) problems.push('TOLLGATE_TLS_KEY_FILE must be set together with TOLLGATE_TLS_CERT_FILE')
  if (isSet('TOLLGATE_TLS_CLIENT_CA_FILE') && !cert && !key) {
    problems.push('TOLLGATE_TLS_CLIENT_CA_FILE needs TOLLGATE_TLS_CERT_FILE and TOLLGATE_TLS_KEY_FILE')
  }
}

function checkHost(host: string | undefined, hasTokens: boolean, problems: string[]): void {
  if (host === undefined || hasTokens || isLoopback(host)) return
  problems.push(
    `TOLLGATE_GRPC_HOST is ${host}, where anybody could charge anybody: set TOLLGATE_TOKENS_FILE, or listen on loopback (127.0.0.1, ::1, localhost)`,
  )
}

function withDependentDefaults(values: Settings): Config {
  const { grpc, deferral } = values
  const { certFile, keyFile, clientCaFile } = grpc.tls
  return {
    ...values,
    grpc: {
      ...grpc,
      host: grpc.host ?? (grpc.tokensFile === undefined ? '127.0.0.1' : '0.0.0.0'),
      tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, clientCaFile },
    },
    deferral: { ...deferral, spoolDir: deferral.spoolDir ?? join(values.dataDir, 'spool') },
  }
}
