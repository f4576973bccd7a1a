import { createHash, timingSafeEqual } from 'node:crypto'
import type { Metadata } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { type Actor, TOLLGATE } from '../../domain/ledger/actor'
import { SetupError } from '../../setupError'
import { RateLimiter } from './rateLimiter'
import { SCOPES, type Scope } from './scopes'
import { WatchedFiles } from './watchedFiles'

/** A token that may call. The server knows only its hash. */
export interface Token {
  /** Tells people whose token it is. The ledger keeps it with what the token asks for. */
  name: string
  /** SHA-256 of the token. */
  hash: Buffer
  scopes: readonly Scope[]
}

/** Returns who calls. @throws BillingError TOKEN_MISSING, TOKEN_UNKNOWN, SCOPE_MISSING, OVERLOADED */
export type Authorize = (metadata: Metadata) => Actor

export interface Access {
  /** The tokens in force now. Absent = anybody may call, and the server listens on loopback only. */
  tokens: (() => readonly Token[]) | undefined
  countCall: CountCall | undefined
}

/** @throws BillingError OVERLOADED, saying when the token's next call may come */
export type CountCall = (token: Token) => void

/** The check of a method that `scopes` (and `admin`) may call. */
export function authorizer({ tokens, countCall }: Access, scopes: readonly Scope[]): Authorize {
  if (tokens === undefined) return () => ''
  return (metadata) => {
    const token = tokenOf(tokens(), metadata)
    if (!token.scopes.includes('admin') && !scopes.some((scope) => token.scopes.includes(scope))) {
      const needed = [...scopes, 'admin'].join(' or ')
      throw new BillingError(
        'SCOPE_MISSING',
        `the token ${token.name} lacks the scope for this method: ${needed}`,
        { metadata: { needed } },
      )
    }
    countCall?.(token)
    return token.name
  }
}

/** Limits the calls of each token. A stream counts once, when it opens. A reloaded tokens file starts afresh. */
export function limitCallsPerToken(perSecond: number, nowMs?: () => number): CountCall {
  const limiters = new WeakMap<Token, RateLimiter>()
  return (token) => {
    let limiter = limiters.get(token)
    if (limiter === undefined) {
      limiter = new RateLimiter(perSecond, nowMs)
      limiters.set(token, limiter)
    }
    if (limiter.tryTake()) return
    throw new BillingError(
      'OVERLOADED',
      `the token ${token.name} makes more than ${perSecond} calls a second`,
      {
        retryAfterMs: limiter.waitMs(),
      },
    )
  }
}

/**
 * Reads the tokens file, and again whenever it changes.
 *
 * @throws SetupError
 */
export function watchTokensFile(path: string, intervalMs?: number): WatchedFiles<readonly Token[]> {
  return new WatchedFiles<readonly Token[]>({
    kind: 'tokens',
    paths: [path],
    parse: ([content]) => parseTokens(String(content), path),
    ...(intervalMs !== undefined && { intervalMs }),
  })
}

/**
 * Parses a tokens file. Each line is `<name> <SHA-256 of the token in hex> <scope>[,<scope>…]`; empty lines and lines
 * that begin with # are skipped. `tollgate token create` makes such a line.
 *
 * @throws SetupError that lists every mistake
 */
export function parseTokens(text: string, path: string): Token[] {
  const problems: string[] = []
  const tokens: Token[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const token = tokenFromLine(line)
    if (typeof token === 'string') problems.push(`line ${index + 1}: ${token}`)
    else if (tokens.some(({ hash }) => hash.equals(token.hash)))
      problems.push(`line ${index + 1}: its SHA-256 repeats that of an earlier line`)
    else tokens.push(token)
  }
  if (tokens.length === 0 && problems.length === 0) problems.push('it has no tokens')
  if (problems.length > 0)
    throw new SetupError([`The tokens file ${path} has mistakes:`, ...problems].join('\n  '))
  return tokens
}

/** The token, or what is wrong with the line. The line is not quoted: it may hold the token itself by mistake. */
function tokenFromLine(line: string): Token | string {
  const [name = '', hash = '', scopeNames = '', ...rest] = line.trim().split(/\s+/)
  if (rest.length > 0 || scopeNames === '') return 'must be a name, a SHA-256 and scopes'
  if (!isTokenName(name)) return `the name ${TOKEN_NAME_RULE}`
  if (!/^[0-9a-f]{64}$/i.test(hash)) return 'the second word must be a SHA-256 of 64 hexadecimal digits'
  const scopes = scopeNames.split(',')
  const unknown = scopes.find((scope) => !isScope(scope))
  if (unknown !== undefined) return `one of its scopes is unknown; the scopes are ${SCOPES.join(', ')}`
  return { name, hash: Buffer.from(hash, 'hex'), scopes: scopes.filter(isScope) }
}

export const TOKEN_NAME_RULE = `must be 1 to 64 letters, digits, dots, hyphens or underscores, and not ${TOLLGATE}, by which the ledger names the service itself`

export function isTokenName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name) && name !== TOLLGATE
}

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

function tokenOf(tokens: readonly Token[], metadata: Metadata): Token {
  const [authorization] = metadata.get('authorization')
  const match = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization) : null
  if (match?.[1] === undefined) {
    throw new BillingError('TOKEN_MISSING', 'send a token: the metadata `authorization: Bearer <token>`')
  }
  const shown = hashOfToken(match[1])
  // Compares with every token, each in constant time, so that timing reveals nothing about any of them.
  let found: Token | undefined
  for (const token of tokens) if (timingSafeEqual(token.hash, shown)) found = token
  if (found === undefined) throw new BillingError('TOKEN_UNKNOWN', 'this server does not know the token')
  return found
}

/** What a tokens file stores instead of the token. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
