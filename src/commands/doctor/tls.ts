import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { complaintOf, type DoctorContext, type Finding, failed, ok, warning } from './finding'

const DAY_MS = 86_400_000
const WARN_BEFORE_EXPIRY_DAYS = 14

/** The files for TLS. */
export async function examineTls({ config }: DoctorContext): Promise<Finding[]> {
  const { tls } = config.grpc
  if (tls === undefined) return [ok('TLS is not served')]
  const chain = certificatesIn(tls.certFile)
  const findings = chain.flatMap((found, index) =>
    found instanceof X509Certificate
      ? certificate(found, index === 0 ? 'the certificate' : `certificate ${index + 1} of the chain`)
      : [found],
  )
  const [leaf] = chain
  if (leaf instanceof X509Certificate) findings.push(...names(leaf), ...key(tls.keyFile, leaf))
  if (tls.clientCaFile !== undefined)
    for (const found of certificatesIn(tls.clientCaFile))
      findings.push(
        ...(found instanceof X509Certificate ? certificate(found, 'the CA of the clients') : [found]),
      )
  return findings
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

function certificatesIn(path: string): (X509Certificate | Finding)[] {
  const advice = "It must hold certificates in PEM, the server's own first, then those in between."
  try {
    const parts = readFileSync(path, 'utf8').match(PEM) ?? []
    if (parts.length === 0) return [failed(`${path} holds no certificate in PEM`, advice)]
    return parts.map((part) => new X509Certificate(part))
  } catch (error) {
    return [failed(`${path} can't be used: ${complaintOf(error)}`, advice)]
  }
}

function certificate({ validFrom, validTo, subject }: X509Certificate, what: string): Finding[] {
  const nowMs = Date.now()
  const daysLeft = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS)
  const name = `${what} (${subject.replaceAll('\n', ', ')})`
  const until = new Date(validTo).toISOString()
  if (daysLeft < 0)
    return [
      failed(
        `${name} has expired on ${until}`,
        'Renew it; a running server loads changed files within seconds.',
      ),
    ]
  if (Date.parse(validFrom) > nowMs)
    return [
      failed(
        `${name} is not valid before ${new Date(validFrom).toISOString()}`,
        "Wait, or set this machine's clock right.",
      ),
    ]
  if (daysLeft < WARN_BEFORE_EXPIRY_DAYS)
    return [warning(`${name} expires on ${until}`, 'Renew it now; no restart is needed.')]
  return [ok(`${name} is valid until ${until}, for ${daysLeft} days`)]
}

/** Clients check only these names and ignore the subject's common name. */
function names({ subjectAltName }: X509Certificate): Finding[] {
  if (subjectAltName !== undefined) return [ok(`it is for ${subjectAltName}`)]
  return [
    failed(
      'the certificate is for no name: clients refuse it',
      'Create one with subjectAltName for the names that clients use.',
    ),
  ]
}

function key(path: string, certificate: X509Certificate): Finding[] {
  let key: KeyObject
  try {
    key = createPrivateKey(readFileSync(path))
  } catch (error) {
    return [
      failed(
        `the key in ${path} can't be used: ${complaintOf(error)}`,
        'It must be a private key in PEM, without a passphrase.',
      ),
    ]
  }
  if (!certificate.checkPrivateKey(key))
    return [
      failed(
        `the key in ${path} is not that of the certificate`,
        'Set TOLLGATE_TLS_KEY_FILE to the key that it was created with.',
      ),
    ]
  const mode = statSync(path).mode & 0o777
  const says = `the key in ${path} is that of the certificate`
  if ((mode & 0o006) !== 0)
    return [
      warning(
        `${says}; everybody on this machine can read it (mode ${mode.toString(8).padStart(4, '0')})`,
        `chmod o-rwx ${path}`,
      ),
    ]
  return [ok(says)]
}
