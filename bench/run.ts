import { writeFileSync } from 'node:fs'
import { type BenchOptions, GROUP_NAMES } from '../src/commands/bench/options'
import type { Bench } from './bench'
import { createFixture } from './fixture'
import { groups } from './groups'
import type { SampleAnswers } from './jobs/noopServer'
import { describeMachine } from './machine'
import { openPostgres } from './postgres'
import { findOnPath, findPgbench, versionOf } from './programs'
import { openProgress } from './progress'
import { asMarkdown, asText, type Report } from './report'
import type { Row } from './row'
import { takeSampleAnswers } from './serverRun'

const WARM_UP_SHARE = 0.4

/** @throws SetupError if nothing can be measured; BooksError if a run's books don't balance */
export async function bench(options: BenchOptions): Promise<void> {
  const startedAt = new Date()
  const interrupted = onInterrupt()
  const postgres = await openPostgres(options.databaseUrl)
  try {
    const programs = { pgbench: findPgbench(), h2load: findOnPath('h2load') }
    const machine = describeMachine(postgres.settings, options.databaseUrl)
    const progress = openProgress()
    progress.show('making a database with users')
    const setting: Bench = {
      postgres,
      fixture: await createFixture(postgres, options.userCount),
      userCount: options.userCount,
      reconcileEntries: options.reconcileEntries,
      durationMs: options.durationSeconds * 1_000,
      warmUpMs: Math.max(1_000, options.durationSeconds * 1_000 * WARM_UP_SHARE),
      rounds: options.rounds,
      programs,
      progress,
      sampleAnswers: once(() => takeSampleAnswers(setting)),
    }
    const rows = await Promise.race([measure(setting, options), interrupted])
    progress.clear()
    report(options, {
      startedAt: startedAt.toISOString(),
      minutes: Math.round((Date.now() - startedAt.getTime()) / 6_000) / 10,
      machine,
      programs: {
        pgbench: programs.pgbench === undefined ? 'not found' : versionOf(programs.pgbench),
        h2load: programs.h2load === undefined ? 'not found' : versionOf(programs.h2load),
      },
      settings: {
        users: options.userCount,
        durationSeconds: options.durationSeconds,
        rounds: options.rounds,
      },
      rows,
    })
  } finally {
    await postgres.close()
  }
}

async function measure(setting: Bench, { only, large }: BenchOptions): Promise<Row[]> {
  const asked = GROUP_NAMES.filter((name) =>
    name === 'large' ? large : only.length === 0 || only.includes(name),
  )
  const rows: Row[] = []
  for (const name of asked) rows.push(...(await groups[name](setting)))
  return rows
}

function report({ jsonFile, markdownFile }: BenchOptions, result: Report): void {
  const json = `${JSON.stringify(result, null, 2)}\n`
  if (jsonFile !== undefined && jsonFile !== '-') writeFileSync(jsonFile, json)
  if (markdownFile !== undefined) writeFileSync(markdownFile, asMarkdown(result))
  process.stdout.write(jsonFile === '-' ? json : asText(result))
}

/** The run was interrupted: nothing is measured, and its databases are dropped. */
export class Interrupted extends Error {}

/** Rejects at Ctrl-C, so that databases and servers are removed before the process ends. */
function onInterrupt(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Interrupted(`stopped by ${signal}`)))
  })
  interrupted.catch(() => undefined)
  return interrupted
}

function once(take: () => Promise<SampleAnswers>): () => Promise<SampleAnswers> {
  let taken: Promise<SampleAnswers> | undefined
  return () => {
    taken ??= take()
    return taken
  }
}
