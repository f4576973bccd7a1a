import type { Environment } from '../../config/environment'

const URLS = ['DATABASE_URL', 'TOLLGATE_PRICE_FEED_URL', 'SENTRY_DSN', 'HTTPS_PROXY', 'HTTP_PROXY']
const SHOWN = '•••'

/** Masks the environment's secrets in a text, such as a library's error that quotes one. */
export function withoutSecrets(environment: Environment): (text: string) => string {
  const secrets = [
    ...URLS.flatMap((name) => secretsIn(environment[name] ?? '')),
    environment['TOLLGATE_TOKEN'] ?? '',
  ]
    // Three letters occur in any sentence, and are no protection as a password anyway.
    .filter((secret) => secret.length > 3)
    .sort((one, other) => other.length - one.length)
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, SHOWN), text)
}

function secretsIn(text: string): string[] {
  if (!URL.canParse(text)) return text === '' ? [] : [text]
  const { username, password, pathname, search, searchParams, protocol } = new URL(text)
  const secrets = protocol.startsWith('postgres')
    ? // The names of a database and its account are no secrets, not even where one is the password as well.
      [password, searchParams.get('password') ?? ''].filter((it) => it !== username && `/${it}` !== pathname)
    : // In a DSN or a feed's URL the account is a key.
      [password, username, search.slice(1), ...searchParams.values()]
  return secrets.flatMap((secret) => [secret, decoded(secret)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
