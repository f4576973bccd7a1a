import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PageRun, runPage } from '../support/pages'

// Tests that the runner of pages notices what is wrong in a page.

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pages-test-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function run(page: string): Promise<PageRun> {
  const path = join(folder, 'page.md')
  writeFileSync(path, page)
  return runPage(path, { GREETING: 'hello' })
}

const block = (text: string, info = 'sh run') => `Text.\n\n\`\`\`${info}\n${text}\n\`\`\`\n`

test('blocks run in one shell, in one folder, and print what is shown', async () => {
  const page = [
    block('name=ada\necho "$name" > file'),
    block('this is not run', 'sh'),
    block('echo "$GREETING $(cat file), 127.0.0.1:50051"\necho twice'),
    block('…, 127.0.0.1:…\ntwice', 'text').replace('Text.\n', ''),
    block('tollgate --version; seq 9'),
    block('…\n9', 'text').replace('Text.\n', ''),
  ]
  expect(await run(page.join('\n'))).toEqual({ ran: 3, leftOut: [], problem: undefined })
})

test.each([
  ['a command that fails', block('echo before; false; echo after'), /line 3 ended with 1:\nbefore/],
  ['one in a pipe', block('false | true'), /line 3 ended with 1/],
  ['a program that is not there', block('no-such-program'), /line 3 ended with 127/],
  ['a variable that is not set', block('echo "$NOT_SET"'), /line 3 ended with 1/],
  ['a shell that ends early', `${block('exit 0')}${block('true')}`, /line 8 ended with 0/],
  [
    'another answer',
    `${block('echo 1')}${block('2', 'text').slice(5)}`,
    /line 3 printed something else.*:\n1/,
  ],
  [
    'more than is shown',
    `${block('seq 3')}${block('1\n2', 'text').slice(5)}`,
    /line 3 printed something else/,
  ],
  [
    'less than is shown',
    `${block('seq 1')}${block('1\n2', 'text').slice(5)}`,
    /line 3 printed something else/,
  ],
])('%s is noticed', async (_what, page, problem) => {
  expect((await run(page)).problem).toMatch(problem)
})

test('a block is skipped and reported if a program that it needs is missing', async () => {
  const page = block('no-such-program', 'sh run needs=bash,no-such-program') + block('true')
  expect(await run(page)).toEqual({ ran: 1, leftOut: ['line 3: no-such-program'], problem: undefined })
})

test('background processes end with the page', async () => {
  const { problem, ran } = await run(block('sleep 1000 &\necho done'))
  expect([problem, ran]).toEqual([undefined, 1])
})
