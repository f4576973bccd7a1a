import { settings } from './settings'
import { variablesIn } from './variable'

export type Environment = Readonly<Record<string, string | undefined>>

/** The name of every variable that `serve` reads. */
export const variableNames: readonly string[] = variablesIn(settings).map(({ name }) => name)

/** Options of the commands that call a server, as variables. `serve` does not use them. */
export const CLIENT_VARIABLES = {
  address: 'TOLLGATE_ADDRESS',
  token: 'TOLLGATE_TOKEN',
  tokenFile: 'TOLLGATE_TOKEN_FILE',
  tls: 'TOLLGATE_CA_FILE',
  tlsCert: 'TOLLGATE_CLIENT_CERT_FILE',
  tlsKey: 'TOLLGATE_CLIENT_KEY_FILE',
} as const

/** The value of a variable. An empty one counts as unset: a template leaves it so when it has no value. */
export function textOf(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? ''
}

/** Names of the variables that are set. */
export function setVariables(environment: Environment): string[] {
  return variableNames.filter((name) => textOf(environment, name) !== '')
}

/** Names of set variables that have our prefix and no meaning: probably typing errors. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set<string>([...variableNames, ...Object.values(CLIENT_VARIABLES)])
  return Object.keys(environment).filter((name) => name.startsWith('TOLLGATE_') && !known.has(name))
}

/** The table of docs/configuration.md. */
export function variablesAsMarkdown(): string {
  const rows = variablesIn(settings).map(({ name, description, fallback, fallbackShown }) => {
    const shown = fallbackShown ?? (fallback === '' ? 'none' : `\`${fallback}\``)
    return `| \`${name}\` | ${shown} | ${description} |`
  })
  return ['| variable | default | what it sets |', '|---|---|---|', ...rows].join('\n')
}
