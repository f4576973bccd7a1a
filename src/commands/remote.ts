import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type Command, Option } from 'commander'
import { type ConnectSettings, connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import { TollgateError } from '../../clients/node/src/errors'
import { type Config, readConfig } from '../config/config'
import { CLIENT_VARIABLES } from '../config/environment'
import { SetupError } from '../setupError'
import { printable } from './print'

/** The options of every command that calls a running server. */
export interface RemoteOptions {
  address?: string
  token?: string
  tokenFile?: string
  /** A file with the CA's certificates; `true` = the CAs that the system trusts. */
  tls?: string | true
  /** A client certificate and its key, for a server that requires one. */
  tlsCert?: string
  tlsKey?: string
  json?: true
}

export function withRemoteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--address <host:port>', 'server to call; default: the configured one').env(
        CLIENT_VARIABLES.address,
      ),
    )
    .option('--token <token>', `bearer token (env: ${CLIENT_VARIABLES.token})`)
    .option('--token-file <file>', `a file that contains only the token (env: ${CLIENT_VARIABLES.tokenFile})`)
    .addOption(
      new Option('--tls [ca.pem]', 'use TLS; with the CA in this file if one is given').env(
        CLIENT_VARIABLES.tls,
      ),
    )
    .addOption(
      new Option('--tls-cert <cert.pem>', 'client certificate, for a server that requires one').env(
        CLIENT_VARIABLES.tlsCert,
      ),
    )
    .addOption(new Option('--tls-key <key.pem>', 'its private key').env(CLIENT_VARIABLES.tlsKey))
    .option('--json', 'print JSON')
}

/**
 * Calls a running server. If it refuses, prints the server's message and sets exit code 1.
 *
 * @throws SetupError if no server answers
 */
export async function askServer(
  options: RemoteOptions,
  ask: (client: TollgateClient) => Promise<void>,
): Promise<void> {
  const address = options.address || configuredAddress(readConfig(process.env))
  const client = connectTollgate(connectionOf(options, address))
  try {
    await ask(client)
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error
    if (isNoServer(error)) throw noServer(address, error)
    process.stderr.write(`tollgate: ${printable(refusalOf(error))}\n`)
    process.exitCode = 1
  } finally {
    client.close()
  }
}

/** @throws SetupError */
export function connectionOf(options: RemoteOptions, address: string): ConnectSettings {
  const token = tokenOf(options)
  return { address, ...(token !== undefined && { token }), ...tlsOf(options) }
}

/** Flags win over the environment. Empty values count as unset. */
function tokenOf({ token, tokenFile }: RemoteOptions): string | undefined {
  const inFile = (path: string | undefined) => (path ? fileOf(path).toString().trim() : undefined)
  const found =
    token ||
    inFile(tokenFile) ||
    process.env[CLIENT_VARIABLES.token] ||
    inFile(process.env[CLIENT_VARIABLES.tokenFile])
  // gRPC would refuse it too, but with the token in its message.
  if (found !== undefined && !/^[\x21-\x7e]+$/.test(found))
    throw new SetupError('the given token is invalid: a token is one word of ASCII characters on one line')
  return found
}

function tlsOf(options: RemoteOptions): Pick<ConnectSettings, 'tls'> {
  const [tls, tlsCert, tlsKey] = [
    options.tls || undefined,
    options.tlsCert || undefined,
    options.tlsKey || undefined,
  ]
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SetupError('--tls-cert and --tls-key go together')
  if (tls === undefined && tlsCert === undefined) return {}
  return {
    tls: {
      ...(typeof tls === 'string' && { ca: caOf(tls) }),
      ...(tlsCert !== undefined && tlsKey !== undefined && { client: clientCertificateOf(tlsCert, tlsKey) }),
    },
  }
}

/** OpenSSL accepts any text as a CA, and then trusts no server. */
function caOf(path: string): Buffer {
  const pem = fileOf(path)
  try {
    new X509Certificate(pem)
    return pem
  } catch (error) {
    throw new SetupError(`${path} is not a certificate in PEM: ${(error as Error).message}`)
  }
}

function clientCertificateOf(certPath: string, keyPath: string): { certificate: Buffer; key: Buffer } {
  const [certificate, key] = [fileOf(certPath), fileOf(keyPath)]
  try {
    createSecureContext({ cert: certificate, key })
    return { certificate, key }
  } catch (error) {
    throw new SetupError(`${certPath} and ${keyPath} can't be used for TLS: ${(error as Error).message}`)
  }
}

/** The address at which a client on this machine reaches the configured server. */
export function configuredAddress({ grpc: { host, port } }: Pick<Config, 'grpc'>): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** There was no answer, not even a refusal. */
export function isNoServer(error: unknown): boolean {
  return (
    error instanceof TollgateError && (error.reason === 'UNAVAILABLE' || error.reason === 'DEADLINE_EXCEEDED')
  )
}

function noServer(address: string, { reason, message }: TollgateError): SetupError {
  if (reason === 'DEADLINE_EXCEEDED') {
    return new SetupError(
      `the server at ${address} did not answer in time; the request may still take effect.`,
    )
  }
  return new SetupError(
    `no server answers at ${address} (${causeIn(message)}). Start one with \`tollgate serve\`, or give another with --address. ` +
      'Use --tls if it serves TLS, and --tls-cert and --tls-key if it requires a client certificate.',
  )
}

/**
 * Extracts the cause from a gRPC message. grpc-js adds its history and the time: `… Last error: Error: connect ECONNREFUSED 127.0.0.1:1 (2026-…Z). Resolution note: `.
 * OpenSSL adds the place in its code: `808C…:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:…`.
 */
export function causeIn(message: string): string {
  const last = message.split('Last error: ').at(-1) ?? message
  return last
    .replace(/\.?\s*Resolution note:.*$/s, '')
    .replace(/^Error: /, '')
    .replace(/\s*\(\d{4}-[\dT:.-]+Z\)$/, '')
    .replace(/^[\dA-F]+:error:[\dA-F]+:[^:]*:[^:]*:([^:]+):.*$/s, '$1')
    .trim()
}

const HINTS: Readonly<Record<string, string>> = {
  TOKEN_MISSING: 'Give one with --token-file or TOLLGATE_TOKEN_FILE, or with --token or TOLLGATE_TOKEN.',
  TOKEN_UNKNOWN: 'Check --token-file or TOLLGATE_TOKEN_FILE, or --token or TOLLGATE_TOKEN.',
  SCOPE_MISSING: 'Use a token that has it.',
  USER_NOT_FOUND: '`tollgate users list` shows who there is, and `tollgate users create` makes one.',
  USER_EXISTS: '`tollgate users get` shows it.',
  USER_SUSPENDED: '`tollgate users update --resume` lets it in again.',
  DAILY_LIMIT_REACHED: '`tollgate users update --daily-limit` raises it.',
  BUDGET_REACHED:
    '`tollgate budgets usage` shows what was spent, and `tollgate budgets put` raises the limit.',
  BUDGET_NOT_FOUND: '`tollgate budgets list` shows those there are.',
  INSUFFICIENT_CREDITS:
    '`tollgate grant` adds credits, and `tollgate users update --overdraft` lets a user go below zero.',
  NOT_IMPLEMENTED: 'The server is of an older release than this command line.',
  MODEL_PRICE_MISSING:
    '`tollgate prices list` shows the prices there are, and `tollgate prices put` sets one.',
  CHARGE_NOT_FOUND: '`tollgate ledger` shows what there is.',
  FAILURE_NOT_FOUND: '`tollgate failures list` shows those there are.',
  IDEMPOTENCY_KEY_REUSED: 'Give another --key, or the same options as the first time.',
  OVERLOADED: 'Try again in a moment.',
  DATABASE_UNAVAILABLE: 'It is safe to try again under the same --key.',
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
