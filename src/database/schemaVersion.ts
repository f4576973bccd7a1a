import { version } from '../version'
import type { Database } from './database'
import { appliedMigrations } from './migrate'

/**
 * The last migration that this release needs. Later ones only prepare the next release: during a rollout, this release
 * runs on a schema that lacks them. See CONTRIBUTING.md.
 */
export const MIGRATION_NEEDED = '0043_hold_parts'

/** Why this release can't run on a schema. */
export type SchemaMisfit =
  /** It lacks a migration; `last` is the last one that it has. */
  | { kind: 'too old'; last: string | undefined; needed: string }
  /** A later release removed something that this one uses. `release` is the oldest that does not need it. */
  | { kind: 'too new'; migration: string; release: string }

/** undefined = it can. */
export async function schemaMisfit(
  database: Pick<Database, 'connection'>,
): Promise<SchemaMisfit | undefined> {
  const applied = await appliedMigrations(database)
  for (const migration of applied) {
    const release = releaseNeededBy(migration)
    if (release !== undefined && isOlder(version, release)) return { kind: 'too new', migration, release }
  }
  if (applied.includes(MIGRATION_NEEDED)) return undefined
  return { kind: 'too old', last: applied.at(-1), needed: MIGRATION_NEEDED }
}

/** A migration that removes something names the first release that runs without it: `0042_users_drop_tier.needs-0.3.0`. */
function releaseNeededBy(migration: string): string | undefined {
  return /\.needs-(\d+\.\d+\.\d+)$/.exec(migration)?.[1]
}

function isOlder(release: string, other: string): boolean {
  const [numbers, others] = [release, other].map((text) => text.split(/[.+-]/).slice(0, 3).map(Number))
  for (const [index, number] of (numbers ?? []).entries()) {
    const difference = number - (others?.[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
