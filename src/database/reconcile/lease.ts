import { sql } from 'kysely'
import type { Database } from '../database'

/** A run of the reconciliation that its owner began or took over. */
export interface ReconcileLease {
  owner: string
  /** Where the run continues. Empty = at its beginning. */
  position: string
  /** From everybody's first entry, not from checkpoints. */
  fromStart: boolean
}

export interface LeaseTerms {
  validityMs: number
  /** From the end of a run to the next one. */
  intervalMs: number
  /** From a run that began at the first entries to the next that does. */
  fromStartIntervalMs: number
}

/**
 * Takes the lease if a run is due or was abandoned, and no replica holds it. Undefined = neither is so. Only the
 * database's clock counts. If two replicas try at once, the row's lock lets one win.
 */
export async function takeLease(
  { kysely }: Database,
  owner: string,
  { validityMs, intervalMs, fromStartIntervalMs }: LeaseTerms,
): Promise<ReconcileLease | undefined> {
  const { rows } = await sql<{ position: string; from_start: boolean }>`
    insert into reconcile_lease as l (id, owner, expires_at, position, from_start, started_at)
    values (1, ${owner}, clock_timestamp() + ${interval(validityMs)}, '', true, clock_timestamp())
    on conflict (id) do update set owner = excluded.owner,
      expires_at = clock_timestamp() + ${interval(validityMs)},
      position = case when l.finished_at is null then l.position else '' end,
      from_start = case when l.finished_at is null then l.from_start
        else l.proved_from_start_at is null or l.proved_from_start_at <= clock_timestamp() - ${interval(fromStartIntervalMs)} end,
      started_at = case when l.finished_at is null then l.started_at else clock_timestamp() end,
      finished_at = null
    where l.expires_at <= clock_timestamp()
      and (l.finished_at is null or l.finished_at <= clock_timestamp() - ${interval(intervalMs)})
    returning l.position, l.from_start`.execute(kysely)
  const [row] = rows
  return row && { owner, position: row.position, fromStart: row.from_start }
}

/** Stores the run's position and extends the lease. False = the lease was lost, and the run must stop. */
export async function renewLease(
  { kysely }: Database,
  { owner }: Pick<ReconcileLease, 'owner'>,
  { position, validityMs }: { position: string; validityMs: number },
): Promise<boolean> {
  const { rows } = await sql`
    update reconcile_lease set position = ${position}, expires_at = clock_timestamp() + ${interval(validityMs)}
    where id = 1 and owner = ${owner} and expires_at > clock_timestamp() and finished_at is null
    returning id`.execute(kysely)
  return rows.length === 1
}

/** Ends the run. False = another replica held the lease by then. */
export async function finishLease(
  { kysely }: Database,
  { owner, fromStart }: Pick<ReconcileLease, 'owner' | 'fromStart'>,
): Promise<boolean> {
  const { rows } = await sql`
    update reconcile_lease set position = '', expires_at = clock_timestamp(), finished_at = clock_timestamp(),
      last_finished_at = clock_timestamp(),
      proved_from_start_at = case when ${fromStart}::boolean then started_at else proved_from_start_at end
    where id = 1 and owner = ${owner} and expires_at > clock_timestamp() and finished_at is null
    returning id`.execute(kysely)
  return rows.length === 1
}

/** When a run last finished on any replica, or when the first one began. Undefined = none has begun. */
export async function readLastFinishedAt({ kysely }: Database): Promise<Date | undefined> {
  const row = await kysely
    .selectFrom('reconcile_lease')
    .select(({ fn }) => fn.coalesce('last_finished_at', 'finished_at', 'started_at').as('at'))
    .executeTakeFirst()
  return row?.at
}

/** Lets another replica continue the run at once. */
export async function releaseLease(
  { kysely }: Database,
  { owner }: Pick<ReconcileLease, 'owner'>,
): Promise<void> {
  await sql`
    update reconcile_lease set expires_at = clock_timestamp()
    where id = 1 and owner = ${owner} and expires_at > clock_timestamp()`.execute(kysely)
}

function interval(ms: number) {
  return sql`make_interval(secs => ${ms / 1_000}::float8)`
}
