import { createReadStream } from 'node:fs'
import { Command } from 'commander'
import type { TollgateClient } from '../../clients/node/src/connect'
import type { Discrepancy__Output } from '../wire/generated/tollgate/billing/v1/Discrepancy'
import { readHeadsFile } from './ledger/headsFile'
import { note, printJsonLine, printTable } from './print'
import { ReconcileProgress } from './reconcile/progress'
import { askServer, type RemoteOptions, withRemoteOptions } from './remote'

const USERS_PER_PAGE = 200
const HEADS_PER_CALL = 500
// A page covers many thousand entries, on a machine that may be busy.
const PAGE_TIMEOUT_MS = 5 * 60_000
/** Rows of the table for people; the total and --json have all. */
const ROWS_MAX = 200
const EXIT_INTERRUPTED = 130

interface ReconcileOptions extends RemoteOptions {
  user: string
  fromCheckpoints?: boolean
  heads?: string
}

const examples = `
Exits with 0 where nothing is wrong, with 1 where something is, with 2 where no server answers,
and with 130 where it was stopped, with what it had found by then.

Examples:
  $ tollgate reconcile
  $ tollgate reconcile --user ada
  $ tollgate reconcile --from-checkpoints --json > findings.jsonl
  $ tollgate ledger heads --all --json > heads.jsonl      kept elsewhere, and later:
  $ tollgate reconcile --heads heads.jsonl`

export function reconcileCommand(): Command {
  return withRemoteOptions(
    new Command('reconcile')
      .description('verify the books: every balance, hold, amount and hash from the first entry')
      .option('--user <user>', 'only this one’s', '')
      .option('--from-checkpoints', 'only what is new since the periodic job last proved it')
      .option(
        '--heads <file>',
        'also check that ledgers continue from heads exported with `tollgate ledger heads`',
      ),
  )
    .addHelpText('after', examples)
    .action((options: ReconcileOptions) =>
      askServer(options, async (client) => {
        const findings = new Findings(options)
        onInterrupt(findings)
        if (options.heads !== undefined) await checkHeads(client, options.heads, findings)
        await proveBooks(client, options, findings)
        findings.show()
        if (findings.count > 0) process.exitCode = 1
      }),
    )
}

async function proveBooks(
  client: TollgateClient,
  { user: userId, fromCheckpoints = false }: ReconcileOptions,
  findings: Findings,
): Promise<void> {
  const progress = new ReconcileProgress()
  findings.progress = progress
  let pageToken = ''
  do {
    const page = await client.reconcile(
      { userId, fromCheckpoints, pageToken, pageSize: USERS_PER_PAGE },
      { timeoutMs: PAGE_TIMEOUT_MS, attemptTimeoutMs: PAGE_TIMEOUT_MS },
    )
    findings.add(page.discrepancies)
    progress.add(page, findings.count)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  progress.end()
}

/** What was found so far stays valid; the rest was not checked. */
function onInterrupt(findings: Findings): void {
  process.once('SIGINT', () => {
    findings.progress.end()
    findings.show({ stopped: true })
    process.exit(EXIT_INTERRUPTED)
  })
}

/** Sends some hundred at a time as they are read: the file may have millions. */
async function checkHeads(client: TollgateClient, file: string, findings: Findings): Promise<void> {
  for await (const heads of readHeadsFile(file, createReadStream(file), HEADS_PER_CALL)) {
    const { discrepancies, headsChecked } = await client.reconcileHeads(
      { heads },
      { timeoutMs: PAGE_TIMEOUT_MS, attemptTimeoutMs: PAGE_TIMEOUT_MS },
    )
    findings.add(discrepancies)
    findings.headsChecked += Number(headsChecked)
  }
}

/** Printed as they arrive with --json, else in one table. */
class Findings {
  readonly #options: Pick<ReconcileOptions, 'json' | 'heads'>
  readonly #rows: string[][] = []
  count = 0
  headsChecked = 0
  progress = new ReconcileProgress()

  constructor(options: Pick<ReconcileOptions, 'json' | 'heads'>) {
    this.#options = options
  }

  add(discrepancies: readonly Discrepancy__Output[]): void {
    for (const discrepancy of discrepancies) {
      this.count += 1
      if (this.#options.json) printJsonLine(discrepancy)
      else if (this.#rows.length < ROWS_MAX)
        this.#rows.push([discrepancy.userId, discrepancy.kind, discrepancy.detail])
    }
  }

  show({ stopped = false } = {}): void {
    const { users, entries } = this.progress
    if (this.#options.json) {
      printJsonLine({
        usersChecked: String(users),
        entriesChecked: String(entries),
        ...(this.#options.heads !== undefined && { headsChecked: String(this.headsChecked) }),
        discrepancies: this.count,
        ...(stopped && { stopped }),
      })
      return
    }
    if (this.#rows.length > 0) printTable(['user', 'kind', 'what'], this.#rows)
    if (this.count > this.#rows.length)
      note(`and ${this.count - this.#rows.length} more: see them with --json`)
    const heads = this.#options.heads === undefined ? '' : `${counted(this.headsChecked, 'head')}, `
    note(
      `${stopped ? 'Stopped before the end. ' : ''}${heads}${counted(users, 'user')}, ${counted(entries, 'entry', 'entries')}: ` +
        (this.count === 0 ? 'nothing is wrong.' : `${counted(this.count, 'thing')} to look into.`),
    )
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
