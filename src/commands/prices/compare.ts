import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { COMPARED_USAGES, type Comparison, compareList } from '../../pricing/compareList'
import { SetupError } from '../../setupError'
import { print, printable, printJson, printTable } from '../print'

const TOKEN_RATE_NANOUSD_MAX = 1_000_000_000_000n

const examples = `
Example:
  $ tollgate prices compare model_prices_and_context_window.json`

/** Needs no server: both prices follow from the list. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('price every model of LiteLLM’s list as LiteLLM does and as tollgate does, with reasons')
    .argument('<list>', 'the file')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', examples)
    .action((file: string, { json = false }: { json?: boolean }) => {
      const { disagreements, ...outcome } = compareList(listIn(file), {
        tokenRateNanousdMax: TOKEN_RATE_NANOUSD_MAX,
      })
      const unexplained = disagreements.filter(({ reason }) => reason === undefined)
      if (json) printJson({ ...outcome, disagreements: disagreements.map(toJson) })
      else show({ ...outcome, disagreements, unexplained })
      if (unexplained.length > 0) process.exitCode = 1
    })
}

function show(
  outcome: Omit<ReturnType<typeof compareList>, 'rejected'> & {
    rejected: readonly unknown[]
    unexplained: readonly Comparison[]
  },
): void {
  const { entries, byUnits, compared, agreed, disagreements, rejected, unexplained } = outcome
  print(
    `${entries} entries: ${rejected.length} that tollgate does not take, ${byUnits} by units alone, ${compared} calls compared, ${agreed} agree`,
  )
  print('')
  printTable(
    ['usage', 'disagree>'],
    COMPARED_USAGES.map((name) => [name, String(disagreements.filter(({ usage }) => usage === name).length)]),
  )
  print('')
  const byReason = new Map<string, number>()
  for (const { reason } of disagreements) {
    const text = reason === undefined ? 'no reason is known' : `${reason.right} is right: ${reason.text}`
    byReason.set(text, (byReason.get(text) ?? 0) + 1)
  }
  printTable(
    ['calls>', 'reason'],
    [...byReason].sort(([, a], [, b]) => b - a).map(([text, count]) => [String(count), text]),
  )
  for (const { model, usage, listNanousd, tollgateNanousd } of unexplained.slice(0, 20)) {
    print(
      `${printable(model)}, ${usage}: the list ${listNanousd}, tollgate ${tollgateNanousd ?? 'refuses'} nano-USD`,
    )
  }
}

function toJson({ listNanousd, tollgateNanousd, ...rest }: Comparison): unknown {
  return {
    ...rest,
    listNanousd: listNanousd.toString(),
    tollgateNanousd: tollgateNanousd === undefined ? null : tollgateNanousd.toString(),
  }
}

function listIn(file: string): Readonly<Record<string, unknown>> {
  let list: unknown
  try {
    list = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new SetupError(`${file} can't be read as JSON: ${(error as Error).message}`)
  }
  if (typeof list !== 'object' || list === null || Array.isArray(list)) {
    throw new SetupError(`${file} is no list of LiteLLM's, which is an object of models`)
  }
  return list as Readonly<Record<string, unknown>>
}
