import { sql } from 'kysely'
import type { Database } from '../database'

/** A run of the reconciliation, as its owner took it over or began it. */
export interface ReconcileLease {
  owner: string
  /** Where it goes on; empty = at its beginning. */
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
 * Takes the lease if a run is due, or one has been left behind, and nobody has it. undefined = it isn't so. By the database's
 * clock alone; of two that try at once, the row's lock lets one win.
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

/** Says how far the run has come, and keeps the lease. false = it is another's now, or ran out: the run must stop. */
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

/** The run is at its end. false = it was another's by then. */
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

/** When a run was last brought to its end by any replica; before the first, when that began. undefined = none has begun. */
export async function readLastFinishedAt({ kysely }: Database): Promise<Date | undefined> {
  const row = await kysely
    .selectFrom('reconcile_lease')
    .select(({ fn }) => fn.coalesce('last_finished_at', 'finished_at', 'started_at').as('at'))
    .executeTakeFirst()
  return row?.at
}

/** Another replica may go on with the run at once. */
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
