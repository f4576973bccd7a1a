import { configProblems } from '../../config/config'
import { type Environment, setVariables, unknownVariables } from '../../config/environment'
import { type Finding, failed, ok, warning } from './finding'

/** The usable part of the environment: without variables that have mistakes, and what depends on them. */
export function soundPart(environment: Environment): {
  environment: Environment
  broken: ReadonlySet<string>
} {
  const broken = new Set<string>()
  for (;;) {
    const sound = Object.fromEntries(Object.entries(environment).filter(([name]) => !broken.has(name)))
    const named = configProblems(sound).flatMap((problem) => problem.match(VARIABLE) ?? [])
    const found = named.filter((name) => sound[name] !== undefined && !broken.has(name))
    if (found.length === 0) return { environment: sound, broken }
    for (const name of found) broken.add(name)
  }
}

const VARIABLE = /\b(?:TOLLGATE_[A-Z_]+|DATABASE_URL|SENTRY_DSN)\b/g

export function examineConfiguration(environment: Environment): Finding[] {
  const problems = configProblems(environment)
  const set = setVariables(environment)
  const fine =
    set.length === 0
      ? ok('no variable is set: everything has its default')
      : ok(`${set.length === 1 ? 'one variable is' : `${set.length} variables are`} set: ${set.join(', ')}`)
  return [
    ...(problems.length === 0 ? [fine] : problems.map((problem) => failed(problem, CONFIG_ADVICE))),
    ...unknownVariables(environment).map((name) =>
      warning(
        `${name} means nothing to tollgate`,
        isServiceLink(name)
          ? 'Kubernetes creates it for a Service of that name; set enableServiceLinks: false in the pod to avoid it.'
          : 'Is it misspelt? `tollgate config --markdown` lists every variable.',
      ),
    ),
  ]
}

const CONFIG_ADVICE = '`tollgate config --markdown` says what each variable takes, and its default.'

function isServiceLink(name: string): boolean {
  return /_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_.*)?)$/.test(name)
}
