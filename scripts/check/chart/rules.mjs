// What must hold in rendered objects of the chart, beyond what a schema can say. `damages.mjs` shows each rule red.
import { environment } from './environment.mjs'
import { serverOf } from './find.mjs'
import { monitoring } from './monitoring.mjs'
import { network } from './network.mjs'
import { pods } from './pods.mjs'
import { secrets } from './secrets.mjs'
import { selectors } from './selectors.mjs'
import { server } from './server.mjs'

/** Each takes `{ objects, notes, values, isKnown }` and returns a line for each thing that is wrong. */
const RULES = { pods, server, selectors, network, secrets, monitoring, environment }

export function problemsOf(rendered) {
  if (serverOf(rendered.objects) === undefined) return ['there is no StatefulSet and no Deployment']
  return Object.values(RULES).flatMap((rule) => rule(rendered))
}
