import { pendingMigrations } from '../../database/migrate'
import { schemaMisfit } from '../../database/schemaVersion'
import { missingPrivileges, readServerFacts } from '../../database/serverFacts'
import { version } from '../../version'
import { type DoctorContext, type Finding, failed, ok, warning } from './finding'

/** Whether this release runs on the schema, and the account has the privileges it needs. */
export async function examineSchema({ config, database }: DoctorContext): Promise<Finding[]> {
  if (database === undefined) return []
  const facts = await readServerFacts(database)
  const misfit = await schemaMisfit(database)
  const pending = await pendingMigrations(database)
  const findings = [schema(misfit, { pending, migrates: config.migrates })]
  if (pending.length > 0 && config.migrates && !facts.mayCreate)
    findings.push(
      failed(
        `${facts.account} may not create anything in the schema, and TOLLGATE_MIGRATE is on`,
        'Migrate with the account that owns the schema (`tollgate migrate`), and set TOLLGATE_MIGRATE=off for this one.',
      ),
    )
  const lacks = await missingPrivileges(database)
  if (lacks.length > 0)
    findings.push(
      failed(
        `${facts.account} lacks ${lacks.join(', ')}`,
        'Grant it, as docs/operator.md does ("Setting it up"); tables of a new release need it again.',
      ),
    )
  else if (misfit === undefined)
    findings.push(ok(`${facts.account} may do on every table what serving needs`))
  if (facts.isSuperuser && config.databaseUrl !== undefined)
    findings.push(
      warning(
        `${facts.account} is a superuser`,
        'Serve as an account that can only select, insert and update: docs/operator.md, "Setting it up".',
      ),
    )
  return findings
}

function schema(
  misfit: Awaited<ReturnType<typeof schemaMisfit>>,
  { pending, migrates }: { pending: readonly string[]; migrates: boolean },
): Finding {
  const [names, last] = [counted(pending.length), pending.at(-1)]
  if (misfit?.kind === 'too new')
    return failed(
      `a later release applied ${misfit.migration}, which removed what tollgate ${version} uses`,
      `Run ${misfit.release} or newer, or restore a backup of before.`,
    )
  if (misfit !== undefined && !migrates)
    return failed(
      `the schema has ${misfit.last ?? 'no migration'}, and tollgate ${version} needs ${misfit.needed}`,
      'Run `tollgate migrate` of this release, or set TOLLGATE_MIGRATE=on.',
    )
  if (misfit !== undefined)
    return ok(
      `the schema has ${misfit.last ?? 'no migration'}; serve applies ${names} when it starts, up to ${last}`,
    )
  return pending.length === 0
    ? ok(`the schema is that of tollgate ${version} or newer`)
    : ok(`the schema is one that tollgate ${version} runs on; ${names} can be applied (\`tollgate migrate\`)`)
}

function counted(count: number): string {
  return count === 1 ? 'one migration' : `${count} migrations`
}
