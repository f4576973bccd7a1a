import type { Command } from 'commander'
import { program } from '../../src/commands/program'
import { commandsOf } from '../support/pageCommands'
import { PAGES, readPage } from '../support/pageList'

/** The command that a group runs by default. */
const DEFAULTS: Record<string, string> = { ledger: 'list' }

/** The command that a `tollgate …` on a page names: its path, its options, and words that it doesn't know. */
function understood([, ...words]: string[]): { path: string; options: string[]; unknown: string[] } {
  let command: Command = program()
  const path: string[] = []
  for (;;) {
    const next = command.commands.find((each) => each.name() === words[path.length])
    if (next === undefined) break
    command = next
    path.push(next.name())
  }
  const rest = words.slice(path.length)
  const fallback = DEFAULTS[path.join(' ')]
  if (fallback !== undefined && rest.length > 0) {
    command = command.commands.find((each) => each.name() === fallback) ?? command
    path.push(fallback)
  }
  const options = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''))
  const known = ['--help', '--version', ...command.options.flatMap(({ short, long }) => [short, long])]
  const unknown = options.filter((option) => !known.includes(option))
  if (command.commands.length > 0) unknown.push(...rest.filter((word) => /^[a-z]/.test(word)))
  return { path: path.join(' '), options, unknown }
}

function unknownOn(page: string): string[] {
  const { run, shown } = commandsOf(page)
  return [...run, ...shown]
    .filter(([name]) => name === 'tollgate')
    .filter((words) => understood(words).unknown.length > 0)
    .map((words) => words.join(' '))
}

test.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))(
  '%s names only commands of tollgate that there are, with options that they have',
  (page) => {
    expect(unknownOn(readPage(page))).toEqual([])
  },
)

test.each([
  ['Do `tollgate price list`.', ['tollgate price list']],
  ['Do `tollgate prices list --for ada`.', ['tollgate prices list --for ada']],
  ['Do `tollgate ledger ada\n--nobody`.', ['tollgate ledger ada --nobody']],
  ['```sh run\nX=1 tollgate serv > log &\n```\n', ['tollgate serv']],
  ['1. First\n\n   ```sh\n   docker exec tollgate tollgate doctr\n   ```\n', ['tollgate doctr']],
  ['    tollgate bench --database postgres://…\n', ['tollgate bench --database postgres://…']],
  ['```sh\ntollgate ledger ada --all | head; tollgate reconcile --json\n```\n', []],
])('%j', (page, unknown) => {
  expect(unknownOn(page)).toEqual(unknown)
})

/** Pages with instructions. A test of the same name in this folder runs each. */
const RUN = ['docs/operator.md', 'docs/budgets.md', 'docs/finance.md', 'docs/gateway.md']
/** These need a daemon, a cluster or a checkout, so they are not run. */
const NOT_RUN = ['docker', 'kubectl', 'git']
/** Files that run a command elsewhere. */
const ELSEWHERE: Record<string, string> = {
  'tollgate bench': 'test/commands/bench.test.ts',
  'npm start': 'test/docs/gateway.test.ts',
  'buf generate': 'clients/go/generate.sh',
}

/** Commands that the page shows and no test runs, neither here nor on the page of the command line. */
function notRun(page: string, ran = commandsOf(readPage('docs/cli.md')).run): string[] {
  const { run, shown } = commandsOf(page)
  const all = [...run, ...ran]
  return shown
    .filter(([name = '']) => !NOT_RUN.includes(name))
    .filter((words) => !(words.slice(0, 2).join(' ') in ELSEWHERE))
    .filter((words) => !all.some((other) => covers(other, words)))
    .map((words) => words.join(' '))
}

function covers(ran: string[], shown: string[]): boolean {
  if (ran[0] !== 'tollgate' || shown[0] !== 'tollgate') return ran.join(' ') === shown.join(' ')
  const [one, other] = [understood(ran), understood(shown)]
  return one.path === other.path && other.options.every((option) => one.options.includes(option))
}

test.each(RUN)('every command of %s is run', (page) => {
  expect(readPage(page.replace(/^docs(.*)\.md$/, 'test/docs$1.test.ts'))).toContain(page)
  expect(commandsOf(readPage(page)).run.length).toBeGreaterThan(5)
  expect(notRun(readPage(page))).toEqual([])
})

test('the files that run commands elsewhere exist', () => {
  for (const [command, file] of Object.entries(ELSEWHERE))
    expect([file, readPage(file)]).toEqual([file, expect.stringContaining(command.split(' ')[1] ?? '')])
})

test.each([
  ['```sh\ncurl localhost\n```\n', ['curl localhost']],
  ['```sh run\ntollgate migrate\n```\n\nOr `tollgate migrate --pending`.', ['tollgate migrate --pending']],
  ['```sh run\ntollgate migrate --pending\n```\n\nThen `tollgate migrate`.', []],
  ['`tollgate bench --only engine`, `docker stop tollgate`, `psql`, `TOLLGATE_LANES`', []],
])('%j', (page, missing) => {
  expect(notRun(page, [])).toEqual(missing)
})
