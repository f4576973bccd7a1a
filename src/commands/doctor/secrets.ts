import type { Environment } from '../../config'

const URLS = ['DATABASE_URL', 'TOLLGATE_PRICE_FEED_URL', 'SENTRY_DSN', 'HTTPS_PROXY', 'HTTP_PROXY']
const SHOWN = '•••'

/** Takes out of a text what an error of a library may have quoted of the environment's secrets. */
export function withoutSecrets(environment: Environment): (text: string) => string {
  const secrets = [
    ...URLS.flatMap((name) => secretsIn(environment[name] ?? '')),
    environment['TOLLGATE_TOKEN'] ?? '',
  ]
    // A word of three letters is in every sentence; as a password it is lost anyway.
    .filter((secret) => secret.length > 3)
    .sort((one, other) => other.length - one.length)
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, SHOWN), text)
}

function secretsIn(text: string): string[] {
  if (!URL.canParse(text)) return text === '' ? [] : [text]
  const { username, password, search, searchParams, protocol } = new URL(text)
  // The name of a database's account is no secret; the one in a DSN or a feed's URL is a key.
  const keys = protocol.startsWith('postgres')
    ? [searchParams.get('password') ?? '']
    : [username, search.slice(1), ...searchParams.values()]
  return [password, ...keys].flatMap((secret) => [secret, decoded(secret)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
