import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Metadata } from '@grpc/grpc-js'
import { BillingError } from '../domain/errors'
import { SetupError } from '../setupError'
import { SCOPES, type Scope } from './scopes'

/** A token that may call, known by its hash alone. */
export interface Token {
  /** For people: whose it is. */
  name: string
  /** SHA-256 of the token. */
  hash: Buffer
  scopes: readonly Scope[]
}

/** @throws BillingError TOKEN_MISSING, TOKEN_UNKNOWN, SCOPE_MISSING */
export type Authorize = (metadata: Metadata) => void

/** The check of a method that `scopes` (and `admin`) may call. Without tokens anybody may: the server is on loopback then. */
export function authorizer(tokens: readonly Token[] | undefined, scopes: readonly Scope[]): Authorize {
  if (tokens === undefined) return () => undefined
  return (metadata) => {
    const token = tokenOf(tokens, metadata)
    if (token.scopes.includes('admin') || scopes.some((scope) => token.scopes.includes(scope))) return
    const needed = [...scopes, 'admin'].join(' or ')
    throw new BillingError(
      'SCOPE_MISSING',
      `the token ${token.name} lacks the scope for this method: ${needed}`,
      { metadata: { needed } },
    )
  }
}

/**
 * Reads a tokens file: one token a line, as `<name> <SHA-256 of the token in hex> <scope>[,<scope>…]`; empty lines and
 * those that begin with # say nothing. `printf %s "$TOKEN" | sha256sum` gives the hash.
 *
 * @throws SetupError that lists every mistake
 */
export function readTokensFile(path: string): Token[] {
  const problems: string[] = []
  const tokens: Token[] = []
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const token = tokenFromLine(line)
    if (typeof token === 'string') problems.push(`line ${index + 1}: ${token}`)
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
  if (!/^[0-9a-f]{64}$/i.test(hash)) return 'the second word must be a SHA-256 of 64 hexadecimal digits'
  const scopes = scopeNames.split(',')
  const unknown = scopes.find((scope) => !isScope(scope))
  if (unknown !== undefined) return `there is no scope ${unknown}; there are ${SCOPES.join(', ')}`
  return { name, hash: Buffer.from(hash, 'hex'), scopes: scopes.filter(isScope) }
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

function tokenOf(tokens: readonly Token[], metadata: Metadata): Token {
  const [authorization] = metadata.get('authorization')
  const match = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization) : null
  if (match?.[1] === undefined) {
    throw new BillingError('TOKEN_MISSING', 'send a token: the metadata `authorization: Bearer <token>`')
  }
  const shown = createHash('sha256').update(match[1]).digest()
  // Compared with all of them and in constant time, so that timing says nothing of any.
  let found: Token | undefined
  for (const token of tokens) if (timingSafeEqual(token.hash, shown)) found = token
  if (found === undefined)
    throw new BillingError('TOKEN_UNKNOWN', 'the token is not one that this server knows')
  return found
}
