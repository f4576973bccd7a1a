import { isDeepStrictEqual } from 'node:util'
import { all, broken, matches, podsOf, serverOf } from './find.mjs'

const DNS = ['53/TCP', '53/UDP']

/** With policies on, each pod has one that lets through what it needs, and nothing else. */
export function network({ objects, values }) {
  const policies = all(objects, 'NetworkPolicy')
  if (!values.networkPolicy.enabled)
    return policies.length === 0 ? [] : ['there is a policy that nobody asked for']
  return podsOf(objects).flatMap(({ name, labels }) => {
    const own = policies.filter(({ spec }) => matches(spec.podSelector.matchLabels, labels))
    if (own.length !== 1) return [`${name} has ${own.length} policies`]
    return policyProblems(own[0], labels, objects, values).map((problem) => `${name}: ${problem}`)
  })
}

function policyProblems({ metadata, spec }, labels, objects, values) {
  const part = labels['app.kubernetes.io/component']
  return [
    ...broken({
      'its policy leaves a direction open': isDeepStrictEqual(spec.policyTypes, ['Ingress', 'Egress']),
      // The migration comes before what isn't a hook.
      'its policy comes too late': part !== 'migration' || metadata.annotations?.['helm.sh/hook-weight'] < 0,
    }),
    ...(part === 'server'
      ? ingressProblems(spec.ingress, objects, values)
      : broken({ 'can be connected to': !spec.ingress })),
    ...egressProblems(spec.egress, part, objects, values),
  ]
}

/** Where only some may connect, `helm test` still may. */
function ingressProblems(ingress, objects, { networkPolicy: { grpcFrom, metricsFrom } }) {
  const test = all(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name.endsWith('-test'))?.spec
    .podSelector.matchLabels
  const asked = { '50051/TCP': grpcFrom, '9464/TCP': metricsFrom }
  return [
    ...broken({
      'serves at other ports than it lets in': isDeepStrictEqual(portsOf(ingress), Object.keys(asked)),
    }),
    ...ingress.flatMap(({ ports, from = [] }) => {
      const wanted = asked[textOf(ports[0])] ?? []
      const isTest = ({ podSelector }) => isDeepStrictEqual(podSelector?.matchLabels, test)
      return broken({
        'lets in whom nobody named': isDeepStrictEqual(
          from.filter((peer) => !isTest(peer)),
          wanted,
        ),
        'keeps helm test out': wanted.length === 0 || from.some(isTest),
      })
    }),
  ]
}

function egressProblems(egress, part, objects, values) {
  const { extraEgress } = values.networkPolicy
  const known = part === 'server' ? egress.slice(0, egress.length - extraEgress.length) : egress
  const needed = [...DNS, ...neededBy(part, values)].sort()
  const peers = known.filter(({ to }) => to !== undefined).map(({ to }) => to)
  return broken({
    [`reaches ${portsOf(known)} and needs ${needed}`]: isDeepStrictEqual(portsOf(known), needed),
    'reaches places that nobody named': isDeepStrictEqual(peers, peersOf(part, objects, values)),
    "lacks the operator's own rules": isDeepStrictEqual(
      egress.slice(known.length),
      part === 'server' ? extraEgress : [],
    ),
  })
}

function neededBy(part, values) {
  const { database, networkPolicy, config, sentry } = values
  if (part === 'test') return ['50051/TCP', '9464/TCP']
  const databasePort = database.existingSecret ? networkPolicy.databasePort : portIn(database.url) || 5432
  const feed = config.TOLLGATE_PRICE_FEED_URL
  const web = [
    feed && (portIn(feed) || (feed.startsWith('https:') ? 443 : 80)),
    sentry.existingSecret && networkPolicy.sentryPort,
  ]
  const ports = [databasePort, ...(part === 'server' ? new Set(web.filter(Boolean)) : [])]
  return ports.map((port) => `${port}/TCP`)
}

function peersOf(part, objects, { networkPolicy: { databaseTo, webTo }, config, sentry }) {
  const hasWeb = config.TOLLGATE_PRICE_FEED_URL || sentry.existingSecret
  if (part === 'test') return [[{ podSelector: serverOf(objects).spec.selector }]]
  return [databaseTo, ...(part === 'server' && hasWeb ? [webTo] : [])].filter((to) => to.length > 0)
}

const portIn = (url) => Number(new URL(url).port)
const textOf = ({ port, protocol = 'TCP' }) => `${port}/${protocol}`
const portsOf = (rules) => rules.flatMap(({ ports }) => ports.map(textOf)).sort()
