import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type ConnectSettings, connectTollgate, type TollgateClient } from '../client/connect'
import { TollgateError } from '../client/errors'
import { type Config, readConfig } from '../config'
import { SetupError } from '../setupError'

/** What every command has that asks a running server. */
export interface RemoteOptions {
  address?: string
  token?: string
  /** A file with the CA's certificates, or those that the system trusts. */
  tls?: string | true
  /** A client certificate and its key, for a server that demands one. */
  tlsCert?: string
  tlsKey?: string
  json?: true
}

export function withRemoteOptions(command: Command): Command {
  return command
    .option('--address <host:port>', 'server to ask; default: the configured one')
    .option('--token <token>', 'bearer token (or TOLLGATE_TOKEN)')
    .option('--tls [ca.pem]', 'over TLS; with a CA of your own where a file is given')
    .option('--tls-cert <cert.pem>', 'client certificate, for a server that demands one')
    .option('--tls-key <key.pem>', 'its private key')
    .option('--json', 'print JSON, for a program')
}

/**
 * Asks a running server. What the server refuses is told as it says it, and the process exits with 1.
 *
 * @throws SetupError where no server answers
 */
export async function askServer(
  options: RemoteOptions,
  ask: (client: TollgateClient) => Promise<void>,
): Promise<void> {
  const address = options.address ?? configuredAddress(readConfig(process.env))
  const token = options.token ?? process.env['TOLLGATE_TOKEN']
  const client = connectTollgate({
    address,
    ...(token !== undefined && { token }),
    ...tlsOf(options),
  })
  try {
    await ask(client)
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error
    if (isNoServer(error)) throw noServer(address, error)
    process.stderr.write(`tollgate: ${refusalOf(error)}\n`)
    process.exitCode = 1
  } finally {
    client.close()
  }
}

function tlsOf({ tls, tlsCert, tlsKey }: RemoteOptions): Pick<ConnectSettings, 'tls'> {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SetupError('--tls-cert and --tls-key go together')
  if (tls === undefined && tlsCert === undefined) return {}
  return {
    tls: {
      ...(typeof tls === 'string' && { ca: fileOf(tls) }),
      ...(tlsCert !== undefined &&
        tlsKey !== undefined && { client: { certificate: fileOf(tlsCert), key: fileOf(tlsKey) } }),
    },
  }
}

/** Where a client on the same machine finds the server that this configuration starts. */
export function configuredAddress({ grpc: { host, port } }: Pick<Config, 'grpc'>): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Nobody answered, as against somebody who refused. */
export function isNoServer(error: unknown): boolean {
  return (
    error instanceof TollgateError && (error.reason === 'UNAVAILABLE' || error.reason === 'DEADLINE_EXCEEDED')
  )
}

function noServer(address: string, { reason, message }: TollgateError): SetupError {
  if (reason === 'DEADLINE_EXCEEDED') {
    return new SetupError(
      `the server at ${address} did not answer in time; what it was asked for may still happen.`,
    )
  }
  return new SetupError(
    `no server answers at ${address} (${message}). Start one with \`tollgate serve\`, or name another with --address; ` +
      '--tls where it serves TLS, and --tls-cert and --tls-key where it demands a client certificate.',
  )
}

const HINTS: Readonly<Record<string, string>> = {
  TOKEN_MISSING: 'Give one with --token or TOLLGATE_TOKEN.',
  TOKEN_UNKNOWN: 'Check --token or TOLLGATE_TOKEN.',
  SCOPE_MISSING: 'Use a token with the admin scope.',
}

function refusalOf({ message, reason }: TollgateError): string {
  const hint = HINTS[reason]
  return hint === undefined ? `${message} (${reason})` : `${message} (${reason}). ${hint}`
}

function fileOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new SetupError(`${path} can't be read: ${(error as Error).message}`)
  }
}
