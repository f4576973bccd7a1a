import { Readable } from 'node:stream'
import { csvLine } from '../../src/commands/csv'
import { csvOfHead, readHeadsFile } from '../../src/commands/ledger/headsFile'
import { printCsvLines } from '../../src/commands/print'
import { cardOf } from '../support/priceBooks'
import { operatorOf } from '../support/program'
import { startTestServer, type TestServer } from '../support/server'

// Names and notes are given by others. Whatever they hold, a terminal and a spreadsheet do nothing that they say.

jest.setTimeout(120_000)

const ESC = '\u001b'
const CSI = '\u009b'
const BIDI = '\u202e'
const NASTY = `${ESC}[2J${CSI}31m${BIDI}\u0007\r\n=1+1`

let server: TestServer
const { succeeding, lines } = operatorOf(() => server)

beforeAll(async () => {
  server = await startTestServer()
  const { client } = server
  await server.billing.prices.putPrice({ model: 'm', provider: '', rateCards: [cardOf({ INPUT_TOKENS: 3 })] })
  await client.createUser({ userId: 'ada' })
  await client.grantCredits({
    userId: 'ada',
    idempotencyKey: 'g',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000000',
    reason: NASTY,
  })
  await client.chargeUsage({
    idempotencyKey: 'c',
    userId: 'ada',
    model: 'm',
    usage: { inputTokens: 1_000 },
    usageSource: 'USAGE_SOURCE_PROVIDER',
    labels: { team: NASTY },
  })
})

afterAll(() => server?.stop())

/** What a terminal would obey, beside the end of a line. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u

test.each([
  [['ledger', 'list', 'ada']],
  [['ledger', 'list', 'ada', '--json']],
  [['spend', '--by', 'label:team']],
  [['spend', '--by', 'label:team', '--json']],
])('tollgate %j prints nothing that a terminal obeys', async (args) => {
  expect(await succeeding(args)).not.toMatch(OBEYED)
})

test('JSON contains the whole name, escaped', async () => {
  const [grant] = (await lines(['ledger', 'list', 'ada', '--kind', 'grant'])) as { reason: string }[]
  expect(grant?.reason).toBe(NASTY)
  const [group] = await lines(['spend', '--by', 'label:team'])
  expect(group?.['label:team']).toBe(NASTY)
})

test('CSV has the line ends of a name within quotes, and no other control characters', async () => {
  const csv = await succeeding(['spend', '--by', 'label:team', '--csv'])
  expect(csv).toContain(`"\ufffd[2J\ufffd31m${BIDI}\ufffd\r\n=1+1",1,`)
})

test.each(['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠a'])(
  'a spreadsheet takes %j for a text',
  (name) => {
    expect(csvLine([name]).replace(/^"/, '')).toBe(`'${name}`.concat(/[\r\n]/.test(name) ? '"' : ''))
  },
)

test.each(['=1+1', '@a', "'=1", "'ada", '{"a', '{a', 'a,"b"', 'ada'])(
  'a head of %j is no formula, and is read back',
  async (userId) => {
    const head = { userId, version: '1', hash: Buffer.alloc(32, 0xfb), at: '2026-11-30T00:00:00Z' }
    const line = csvOfHead(head)
    expect(line).not.toMatch(/(^|,)"?[=+\-@]/)
    const read = readHeadsFile('heads.csv', Readable.from([`user,version,hash,at\n${line}\n`]), 10)
    expect((await read.next()).value).toEqual([{ userId, version: '1', hash: head.hash }])
  },
)

test('a CSV without rows has its header, and has none if the request failed', async () => {
  const printed: string[] = []
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text))
    return true
  })
  try {
    await printCsvLines('head', nothing(), String)
    await expect(printCsvLines('head', failing(), String)).rejects.toThrow('no answer')
  } finally {
    write.mockRestore()
  }
  expect(printed).toEqual(['head\n'])
})

async function* nothing(): AsyncGenerator<string> {}

// biome-ignore lint/correctness/useYield: it fails before it has anything
async function* failing(): AsyncGenerator<string> {
  throw new Error('no answer')
}
