import type { Config } from '../../config/config'
import { readServerFacts, type ServerFacts } from '../../database/serverFacts'
import { type DoctorContext, type Finding, failed, ok, warning } from './finding'

const CLOCK_AHEAD_MS_MAX = 1_000
/** The oldest version that is tested. */
const MAJOR_VERSION_MIN = 15
/** Connections beyond the pool, for queries while another connection's state is unknown. */
const CONNECTIONS_SPARE = 2
/** The longest that one of our statements may take. */
const TRANSACTION_MS_MIN = 30_000

/** The server and its settings, as this account sees them. */
export async function examineDatabase({ config, database }: DoctorContext): Promise<Finding[]> {
  if (database === undefined) return []
  const facts = await readServerFacts(database)
  return [
    answers(facts),
    ...writable(facts),
    durable(facts),
    ...timeouts(facts),
    connections(facts, config),
    clock(facts),
    ...encrypted(facts),
  ]
}

function answers({ version, majorVersion, database, account, roundTripMs }: ServerFacts): Finding {
  const says = `PostgreSQL ${version} answers ${account} in ${roundTripMs.toFixed(1)} ms, database ${database}`
  return majorVersion >= MAJOR_VERSION_MIN
    ? ok(says)
    : warning(says, `tollgate is tested with PostgreSQL ${MAJOR_VERSION_MIN} and newer: plan an upgrade.`)
}

function writable({ isStandby, isReadOnly, encoding }: ServerFacts): Finding[] {
  const findings: Finding[] = []
  if (isStandby)
    findings.push(failed('it is a standby, which takes no writes', 'Set DATABASE_URL to the primary.'))
  else if (isReadOnly)
    findings.push(
      failed(
        'default_transaction_read_only is on: it takes no writes',
        'Turn it off for the server, the database and the account.',
      ),
    )
  if (encoding !== 'UTF8')
    findings.push(
      failed(
        `its encoding is ${encoding}`,
        'Create the database again: `createdb --encoding=UTF8 --template=template0`.',
      ),
    )
  return findings
}

/** A receipt promises that a charge is committed. With these settings off, a crash may lose it. */
function durable({ fsync, synchronousCommit, fullPageWrites }: ServerFacts): Finding {
  const off = [
    ...(fsync === 'off' ? ['fsync'] : []),
    ...(synchronousCommit === 'off' ? ['synchronous_commit'] : []),
    ...(fullPageWrites === 'off' ? ['full_page_writes'] : []),
  ]
  if (off.length === 0)
    return ok(
      `commits are durable: fsync ${fsync}, synchronous_commit ${synchronousCommit}, full_page_writes on`,
    )
  return failed(
    `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off: a crash loses charges that were answered with success, or the books`,
    `Set ${off.map((name) => `${name} = on`).join(', ')} for the server, the database and the account.`,
  )
}

function timeouts({ idleSessionTimeoutMs, transactionTimeoutMs }: ServerFacts): Finding[] {
  const findings: Finding[] = []
  if (idleSessionTimeoutMs > 0)
    findings.push(
      warning(
        `idle_session_timeout ends connections that wait for ${idleSessionTimeoutMs} ms; each is made again`,
        'Set it to 0 for this account: `alter role … set idle_session_timeout = 0`.',
      ),
    )
  if (transactionTimeoutMs > 0 && transactionTimeoutMs < TRANSACTION_MS_MIN)
    findings.push(
      warning(
        `transaction_timeout ends transactions after ${transactionTimeoutMs} ms, sooner than tollgate's own limits`,
        `Set it to 0, or to ${TRANSACTION_MS_MIN} ms and more, for this account.`,
      ),
    )
  return findings
}

function connections({ connectionsMax, connectionsUsed }: ServerFacts, config: Config): Finding {
  const needed = config.databasePoolSizeMax + config.ledger.laneCount
  const says = `a replica takes up to ${needed} connections; ${connectionsUsed} of ${connectionsMax} are taken`
  const advice =
    'Raise max_connections (or the limit of the account or database), or lower TOLLGATE_DATABASE_POOL_MAX.'
  if (needed > connectionsMax) return failed(says, advice)
  return needed + CONNECTIONS_SPARE > connectionsMax - connectionsUsed
    ? warning(`${says}, by replicas that run among others`, `If this one comes on top of them: ${advice}`)
    : ok(says)
}

function clock({ clockAheadMs, roundTripMs }: ServerFacts): Finding {
  const aheadMs = Math.round(clockAheadMs)
  const says =
    Math.abs(clockAheadMs) <= Math.max(1, roundTripMs)
      ? "this machine's clock agrees with the database's"
      : `this machine's clock is ${Math.abs(aheadMs)} ms ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's`
  return Math.abs(clockAheadMs) <= Math.max(CLOCK_AHEAD_MS_MAX, roundTripMs)
    ? ok(says)
    : warning(
        says,
        "Synchronise both (NTP). What is charged goes by the database's clock; logs and certificates go by this one.",
      )
}

function encrypted({ isPlainText }: ServerFacts): Finding[] {
  if (!isPlainText) return []
  return [
    warning(
      'the connection to the database is not encrypted',
      'If the network is shared, add sslmode=verify-full to DATABASE_URL.',
    ),
  ]
}
