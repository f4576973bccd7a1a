import { readFileSync, statSync } from 'node:fs'
import { isLoopback } from '../../config/config'
import { parseTokens, type Token } from '../../rpc/server/auth'
import { SCOPES } from '../../rpc/server/scopes'
import { complaintOf, type DoctorContext, type Finding, failed, ok, warning } from './finding'

/** Who may call the server. */
export async function examineTokens({ config }: DoctorContext): Promise<Finding[]> {
  const { tokensFile, host, tls } = config.grpc
  if (tokensFile === undefined)
    return [
      warning(
        `no tokens: anybody on this machine may call, as admin (${host} only)`,
        'Create one with `tollgate token create --name … --scopes gateway --file tokens`, and set TOLLGATE_TOKENS_FILE.',
      ),
    ]
  const findings = [...contents(tokensFile), ...permissions(tokensFile)]
  if (tls === undefined && !isLoopback(host))
    findings.push(
      warning(
        `tokens travel in plain text to ${host}`,
        'Set TOLLGATE_TLS_CERT_FILE and TOLLGATE_TLS_KEY_FILE, unless something in front of tollgate does TLS.',
      ),
    )
  return findings
}

function contents(path: string): Finding[] {
  let tokens: Token[]
  try {
    tokens = parseTokens(readFileSync(path, 'utf8'), path)
  } catch (error) {
    const advice = 'Fix the lines, or make new ones with `tollgate token create --file`.'
    return [failed(complaintOf(error), advice)]
  }
  const withScope = (scope: string) => tokens.filter(({ scopes }) => scopes.some((each) => each === scope))
  const counts = SCOPES.map((scope) => `${withScope(scope).length} ${scope}`)
  const findings = [
    ok(`${path} has ${tokens.length === 1 ? 'one token' : `${tokens.length} tokens`}: ${counts.join(', ')}`),
  ]
  if (withScope('gateway').length + withScope('admin').length === 0)
    findings.push(warning('no token may charge', 'Create one: `tollgate token create --scopes gateway`.'))
  if (withScope('admin').length === 0)
    findings.push(
      warning(
        'no token may create users, grant credits or set prices',
        'Create one: `tollgate token create --scopes admin`.',
      ),
    )
  return findings
}

/** Reading its hashes is harmless; write access lets a user add a token. */
function permissions(path: string): Finding[] {
  const mode = statSync(path).mode & 0o777
  const written = { others: mode & 0o002, group: mode & 0o020 }
  const says = `${path} has mode ${mode.toString(8).padStart(4, '0')}`
  if (written.others !== 0)
    return [failed(`${says}: every user of this machine can add a token`, `chmod o-w ${path}`)]
  if (written.group !== 0) return [warning(`${says}: its group can add a token`, `chmod g-w ${path}`)]
  return [ok(`${says}: only its owner writes it`)]
}
