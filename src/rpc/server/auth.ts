import { createHash, timingSafeEqual } from 'node:crypto'
import type { Metadata } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { SetupError } from '../../setupError'
import type { RateLimit } from './rateLimit'
import { SCOPES, type Scope } from './scopes'
import { WatchedFiles } from './watchedFiles'

/** A token that may call, known by its hash alone. */
export interface Token {
  /** For people: whose it is. */
  name: string
  /** SHA-256 of the token. */
  hash: Buffer
  scopes: readonly Scope[]
}

/** @throws BillingError TOKEN_MISSING, TOKEN_UNKNOWN, SCOPE_MISSING, OVERLOADED */
export type Authorize = (metadata: Metadata) => void

export interface Access {
  /** Those in force now. Absent = anybody may call: the server is on loopback then. */
  tokens: (() => readonly Token[]) | undefined
  /** Of each token. */
  rateLimit: RateLimit | undefined
}

/** The check of a method that `scopes` (and `admin`) may call. */
export function authorizer({ tokens, rateLimit }: Access, scopes: readonly Scope[]): Authorize {
  if (tokens === undefined) return () => undefined
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
    rateLimit?.take(token)
  }
}

/**
 * The tokens of a file, which is read again when it changes.
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
 * The tokens of a file: one a line, as `<name> <SHA-256 of the token in hex> <scope>[,<scope>…]`; empty lines and
 * those that begin with # say nothing. `tollgate token create` makes one.
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
      problems.push(`line ${index + 1}: its SHA-256 stands in an earlier line too`)
    else tokens.push(token)
  }
  if (tokens.length === 0 && problems.length === 0) problems.push('it has no tokens')
  if (problems.length > 0)
    throw new SetupError([`The tokens file ${path} has mistakes:`, ...problems].join('\n  '))
  return tokens
}

/** The token, or what is wrong with the line. It is not quoted: somebody may have written the token itself. */
function tokenFromLine(line: string): Token | string {
  const [name = '', hash = '', scopeNames = '', ...rest] = line.trim().split(/\s+/)
  if (rest.length > 0 || scopeNames === '') return 'must be a name, a SHA-256 and scopes'
  if (!isTokenName(name)) return 'the name must be 1 to 64 letters, digits, dots, hyphens or underscores'
  if (!/^[0-9a-f]{64}$/i.test(hash)) return 'the second word must be a SHA-256 of 64 hexadecimal digits'
  const scopes = scopeNames.split(',')
  const unknown = scopes.find((scope) => !isScope(scope))
  if (unknown !== undefined) return `one of its scopes is unknown; there are ${SCOPES.join(', ')}`
  return { name, hash: Buffer.from(hash, 'hex'), scopes: scopes.filter(isScope) }
}

export function isTokenName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name)
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
  // Compared with all of them and in constant time, so that timing says nothing of any.
  let found: Token | undefined
  for (const token of tokens) if (timingSafeEqual(token.hash, shown)) found = token
  if (found === undefined)
    throw new BillingError('TOKEN_UNKNOWN', 'the token is not one that this server knows')
  return found
}

/** What a tokens file has in place of the token. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
