import { Command } from 'commander'
import { readConfig } from '../config/config'
import type { Environment } from '../config/environment'
import type { Database } from '../database/database'
import { log } from '../observability/log'
import { AREAS } from './doctor/areas'
import { examineConfiguration, soundPart } from './doctor/configuration'
import { complaintOf, type Finding, failed, warning } from './doctor/finding'
import { reachDatabase } from './doctor/reachDatabase'
import { withoutSecrets } from './doctor/secrets'
import { examineServer } from './doctor/server'
import { countsOf, type Examined, findingsAsJson, showFindings } from './doctor/show'
import { print } from './print'
import { type RemoteOptions, withRemoteOptions } from './remote'

const examples = `
Looks at everything that \`serve\` would use: configuration, database, schema, spool, ports, tokens, TLS, price feed.
It needs no running server, and changes nothing. With an address it asks the server there as well.
Exits with 0 where nothing has failed (there may be warnings), with 1 otherwise.

Examples:
  $ tollgate doctor
  $ DATABASE_URL=postgres://… tollgate doctor --json
  $ tollgate doctor --address 127.0.0.1:50051 --token-file operations.token`

export function doctorCommand(): Command {
  return withRemoteOptions(new Command('doctor'))
    .description('check configuration, database, disk, tokens, TLS and price feed, with advice')
    .addHelpText('after', examples)
    .action(doctor)
}

async function doctor(options: RemoteOptions): Promise<void> {
  log.level = 'silent'
  const areas = (await examine(process.env, options)).map(cleaned(process.env))
  if (options.json) print(findingsAsJson(areas))
  else showFindings(areas)
  if (countsOf(areas).failed > 0) process.exitCode = 1
}

async function examine(environment: Environment, options: RemoteOptions): Promise<Examined[]> {
  const { address } = options
  const areas: Examined[] = [{ area: 'configuration', findings: examineConfiguration(environment) }]
  const sound = soundPart(environment)
  const config = readConfig(sound.environment)
  const isSound = (variables: readonly string[]) => !variables.some((name) => sound.broken.has(name))
  const { database, findings } = isSound(['DATABASE_URL'])
    ? await reachDatabase(config)
    : { database: undefined, findings: [] }
  if (findings.length > 0) areas.push({ area: 'database', findings })
  try {
    const context = { environment, config, database, serverRuns: address !== undefined }
    for (const { name, variables, examine } of AREAS) {
      const broken = variables.filter((variable) => sound.broken.has(variable))
      const found = broken.length > 0 ? [notLookedAt(broken)] : await unlessItBreaks(() => examine(context))
      areas.push({ area: name, findings: found })
    }
  } finally {
    await closeQuietly(database)
  }
  if (address)
    areas.push({
      area: 'server',
      findings: await unlessItBreaks(() => examineServer({ ...options, address })),
    })
  return joined(areas)
}

function notLookedAt(broken: readonly string[]): Finding {
  return warning(`not looked at: ${broken.join(', ')}`, 'Fix the configuration first.')
}

/** A check that can't be made is a finding, too. */
async function unlessItBreaks(examine: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await examine()
  } catch (error) {
    return [failed(`it can't be looked at: ${complaintOf(error)}`, 'Fix that, and run it again.')]
  }
}

async function closeQuietly(database: Database | undefined): Promise<void> {
  await database?.close().catch(() => undefined)
}

/** Merges areas of the same name. */
function joined(areas: readonly Examined[]): Examined[] {
  const names = [...new Set(areas.map(({ area }) => area))]
  return names.map((name) => ({
    area: name,
    findings: areas.filter(({ area }) => area === name).flatMap(({ findings }) => findings),
  }))
}

function cleaned(environment: Environment): (examined: Examined) => Examined {
  const clean = withoutSecrets(environment)
  return ({ area, findings }) => ({
    area,
    findings: findings.map((finding) =>
      finding.verdict === 'ok'
        ? { ...finding, says: clean(finding.says) }
        : { ...finding, says: clean(finding.says), advice: clean(finding.advice) },
    ),
  })
}
