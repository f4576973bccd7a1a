import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isLoopback } from '../../config/config'
import { type DoctorContext, type Finding, ok, warning } from './finding'

/** What matters only in a container. */
export async function examineContainer({ config, environment }: DoctorContext): Promise<Finding[]> {
  if (!isServedIn(environment)) return []
  const findings: Finding[] = []
  if (isLoopback(config.grpc.host))
    findings.push(
      warning(
        `gRPC is served on ${config.grpc.host}, which nobody outside of this container reaches`,
        'Set TOLLGATE_TOKENS_FILE; then it listens on all addresses.',
      ),
    )
  if (isLoopback(config.metrics.host))
    findings.push(
      warning(
        `/healthz, /readyz and /metrics are served on ${config.metrics.host}: probes and Prometheus don't reach them`,
        'Set TOLLGATE_METRICS_HOST=0.0.0.0.',
      ),
    )
  if (config.databaseUrl === undefined)
    findings.push(
      warning(
        'the embedded Postgres would run in this container',
        'Set DATABASE_URL: the data would be lost with the container.',
      ),
    )
  if (config.deferral.enabled && !isMounted(config.deferral.spoolDir))
    findings.push(
      warning(
        `${config.deferral.spoolDir} is not on a volume: charges that wait there are gone with the container`,
        'Mount a volume for this replica only (the chart: deferral.persistent), or set TOLLGATE_DEFERRAL=off.',
      ),
    )
  if (process.getuid?.() === 0)
    findings.push(
      warning('this runs as root', 'The image runs as user 1000 by default: leave out --user and runAsUser.'),
    )
  return findings.length > 0 ? findings : [ok('ports, volume and account are as a container needs them')]
}

function isMounted(dir: string): boolean {
  const path = resolve(dir)
  if (!existsSync(path)) return path !== dirname(path) && isMounted(dirname(path))
  return statSync(path).dev !== statSync('/').dev
}

/** The image, and not a container for development. */
function isServedIn(environment: DoctorContext['environment']): boolean {
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined) return true
  const isContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv')
  return isContainer && environment['NODE_ENV'] === 'production'
}
