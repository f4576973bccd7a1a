import { examineBooks } from './books'
import { examineContainer } from './container'
import { examineDatabase } from './database'
import type { DoctorContext, Finding } from './finding'
import { examinePorts } from './ports'
import { examinePrices } from './prices'
import { examineSchema } from './schema'
import { examineSentry } from './sentry'
import { examineSpool } from './spool'
import { examineTls } from './tls'
import { examineTokens } from './tokens'

export interface Area {
  name: string
  /** If one of these has a mistake, the area is not checked. */
  variables: readonly string[]
  examine(context: DoctorContext): Promise<Finding[]>
}

const DATABASE = ['DATABASE_URL', 'TOLLGATE_DATA_DIR']
const GRPC = ['TOLLGATE_GRPC_HOST', 'TOLLGATE_TOKENS_FILE']
const TLS = ['TOLLGATE_TLS_CERT_FILE', 'TOLLGATE_TLS_KEY_FILE', 'TOLLGATE_TLS_CLIENT_CA_FILE']
const METRICS = ['TOLLGATE_METRICS_HOST', 'TOLLGATE_METRICS_PORT']
const SPOOL = ['TOLLGATE_DEFERRAL', 'TOLLGATE_SPOOL_DIR', 'TOLLGATE_DATA_DIR', 'TOLLGATE_SPOOL_MAX_BYTES']
const FEED = ['TOLLGATE_PRICE_FEED_URL', 'TOLLGATE_PRICE_FEED_FORMAT', 'TOLLGATE_STORED_PRICE_AGE_DAYS_MAX']

/** In the order of the output. */
export const AREAS: readonly Area[] = [
  {
    name: 'database',
    variables: [...DATABASE, 'TOLLGATE_DATABASE_POOL_MAX', 'TOLLGATE_LANES'],
    examine: examineDatabase,
  },
  { name: 'schema', variables: [...DATABASE, 'TOLLGATE_MIGRATE'], examine: examineSchema },
  { name: 'books', variables: [...DATABASE, 'TOLLGATE_RECONCILE_INTERVAL_SECONDS'], examine: examineBooks },
  { name: 'spool', variables: SPOOL, examine: examineSpool },
  { name: 'ports', variables: [...GRPC, 'TOLLGATE_GRPC_PORT', ...METRICS], examine: examinePorts },
  { name: 'tokens', variables: [...GRPC, ...TLS], examine: examineTokens },
  { name: 'TLS', variables: TLS, examine: examineTls },
  { name: 'prices', variables: FEED, examine: examinePrices },
  { name: 'Sentry', variables: ['SENTRY_DSN'], examine: examineSentry },
  {
    name: 'container',
    variables: [...GRPC, ...METRICS, ...SPOOL, 'DATABASE_URL'],
    examine: examineContainer,
  },
]
