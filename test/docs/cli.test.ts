import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { program } from '../../src/commands/program'
import { CLIENT_VARIABLES } from '../../src/config/environment'
import { packageRoot } from '../../src/packageRoot'
import { OwnPostgres } from '../support/faults/ownPostgres'
import { blocksOf } from '../support/pageBlocks'
import { runPage } from '../support/pages'
import { urlOf } from '../support/testDatabase'

const PAGE = 'docs/cli.md'
const text = readFileSync(join(packageRoot, PAGE), 'utf8')

/** It takes minutes and needs a server of its own, so test/commands/bench.test.ts runs it. */
const RUN_ELSEWHERE = ['bench']

/** The commands that do something, with their full path. */
function leaves(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  return command.commands.flatMap((each) => {
    const eachPath = [...path, each.name()]
    return each.commands.length > 0 ? leaves(each, eachPath) : [{ path: eachPath.join(' '), command: each }]
  })
}

test('the table lists every command as its --help does', () => {
  const rows = leaves(program()).map(({ path, command }) => {
    const taken = command.registeredArguments.map((each) =>
      each.required ? ` <${each.name()}>` : ` [${each.name()}]`,
    )
    return `| \`tollgate ${path}${taken.join('')}\` | ${command.description()} |`
  })
  const listed = text.split('\n').filter((line) => line.startsWith('| `tollgate '))
  expect(listed).toEqual(rows)
})

test('every command has an example on the page that is run', () => {
  const run = blocksOf(text)
    .map((block) => block.text)
    .join('\n')
  const without = leaves(program())
    .map(({ path }) => path)
    .filter((path) => !new RegExp(`\\btollgate ${path}\\b`).test(run))
  expect(without).toEqual(RUN_ELSEWHERE)
})

test('the table of variables lists those of the client side', () => {
  const listed = [...text.matchAll(/^\| `(TOLLGATE_\w+)` \|/gm)].map(([, name]) => name)
  expect(listed).toEqual(Object.values(CLIENT_VARIABLES))
})

test('the commands of the page print what it shows', async () => {
  // A durable one, because `tollgate doctor` warns about the Postgres of the other tests.
  const postgres = await OwnPostgres.create()
  try {
    const run = await runPage(PAGE, { DATABASE_URL: urlOf(postgres.connection), TOLLGATE_DATA_DIR: 'data' })
    expect(run.problem).toBeUndefined()
    expect(run).toMatchObject({ ran: blocksOf(text).length, leftOut: [] })
  } finally {
    await postgres.remove()
  }
}, 300_000)
