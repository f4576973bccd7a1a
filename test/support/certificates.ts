import { generate } from 'selfsigned'

export interface Certificate {
  /** PEM. */
  certificate: Buffer
  key: Buffer
}

interface CertificateSettings {
  /** The signer; absent = self-signed. */
  by?: Certificate
  /** Validity, in days from now. */
  fromDays?: number
  untilDays?: number
}

const DAY_MS = 86_400_000

export function aCertificateAuthority(name = 'test CA'): Promise<Certificate> {
  return made(name, { isAuthority: true })
}

/** A certificate for localhost and 127.0.0.1, for servers and clients. */
export function aCertificate(name: string, settings: CertificateSettings = {}): Promise<Certificate> {
  return made(name, { ...settings, isAuthority: false })
}

async function made(
  name: string,
  {
    by,
    fromDays = -1,
    untilDays = 100,
    isAuthority,
  }: CertificateSettings & {
    isAuthority: boolean
  },
): Promise<Certificate> {
  const nowMs = Date.now()
  const pems = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs + fromDays * DAY_MS),
    notAfterDate: new Date(nowMs + untilDays * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: isAuthority, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
    ...(by && { ca: { key: String(by.key), cert: String(by.certificate) } }),
  })
  return { certificate: Buffer.from(pems.cert), key: Buffer.from(pems.private) }
}
