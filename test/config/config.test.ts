import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configProblems, readConfig } from '../../src/config/config'
import { unknownVariables, variableNames, variablesAsMarkdown } from '../../src/config/environment'
import { packageRoot } from '../../src/packageRoot'
import { SetupError } from '../../src/setupError'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-test-'))
  file = join(folder, 'file')
  writeFileSync(file, '')
})

afterAll(() => rmSync(folder, { recursive: true }))

function mistakesIn(environment: Record<string, string>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    return error.message.split('\n').slice(1)
  }
}

test('an empty environment is the defaults', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: undefined,
    dataDir: '.tollgate',
    databasePoolSizeMax: 10,
    migrates: true,
    grpc: {
      host: '127.0.0.1',
      port: 50_051,
      tokensFile: undefined,
      tls: undefined,
      limits: {
        messageBytesMax: 4_194_304,
        metadataBytesMax: 16_384,
        connectionCallsMax: 10_000,
        tokenCallsPerSecondMax: undefined,
      },
      connections: { ageMaxMs: 1_800_000, ageGraceMs: 600_000 },
    },
    metrics: { host: '127.0.0.1', port: 9_464 },
    prices: {
      feedUrl: undefined,
      feedFormat: 'openrouter',
      feedIntervalMs: 900_000,
      markupBasisPoints: 0,
      cacheTtlMs: 900_000,
      changeThresholdPercent: 50,
      storedPriceAgeMsMax: 30 * 86_400_000,
      highValuePatterns: expect.arrayContaining(['gpt-4', 'o1-', 'mixtral-8x22b']),
      lowValueGlobs: [],
      defaultPriceNanousd: 20_000_000_000n,
      listedTokenRateNanousdMax: 1_000_000_000_000n,
      serviceTiers: [],
      reportedCosts: [],
      reportedCostTimesMax: 10,
    },
    chargeNanousdMax: 100_000_000_000_000n,
    summaryMsMax: 20_000,
    quoteValidityMs: 600_000,
    reconcile: { intervalMs: 3_600_000, fromStartIntervalMs: 7 * 86_400_000, entriesPerSecondMax: 1_000 },
    trial: {
      paidTiers: ['pro', 'max', 'team', 'admin'],
      spendNanousdMax: 5_000_000_000n,
      spendTodayNanousdMax: 1_000_000_000n,
      requestsMax: 1_000n,
    },
    streams: {
      validityMs: 120_000,
      sweepIntervalMs: 5_000,
      firstStretchTokens: 1_024n,
      recordIntervalMs: 5_000,
      amendableForMs: 86_400_000,
      streamsMax: 10_000,
      messagesPerSecondMax: 1_000,
    },
    ledger: { laneCount: 2, batchSizeMax: 512, queueLengthMax: 10_000 },
    deferral: {
      enabled: true,
      spoolDir: '.tollgate/spool',
      spoolBytesMax: 268_435_456,
      userNanousdMax: 100_000_000_000n,
    },
    collectsOnGrant: true,
    drainGraceMs: 20_000,
    logLevel: 'info',
    logFormat: 'auto',
    sentryDsn: undefined,
  })
})

test('an empty variable counts as unset', () => {
  expect(readConfig(Object.fromEntries(variableNames.map((name) => [name, ' '])))).toEqual(readConfig({}))
})

test('every mistake is reported at once, by name', () => {
  const mistakes = mistakesIn({
    DATABASE_URL: 'mysql://user:secret@host/db',
    TOLLGATE_GRPC_PORT: '65536',
    TOLLGATE_GRPC_HOST: '0.0.0.0',
    TOLLGATE_MARKUP_BASIS_POINTS: '-1',
    TOLLGATE_CHARGE_USD_MAX: '1.0000000001',
    TOLLGATE_LOG_LEVEL: 'loud',
    TOLLGATE_PRICE_FEED_FORMAT: 'yaml',
    TOLLGATE_TLS_CERT_FILE: join(folder, 'missing'),
    TOLLGATE_TLS_KEY_FILE: file,
  })
  expect(mistakes).toHaveLength(8)
  for (const name of ['DATABASE_URL', 'TOLLGATE_GRPC_PORT', 'TOLLGATE_GRPC_HOST', 'TOLLGATE_LOG_LEVEL']) {
    expect(mistakes).toContainEqual(expect.stringContaining(`${name} `))
  }
  expect(mistakes.join()).not.toContain('secret')
})

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.7', false],
  ['127.0.0.1.evil.example', false],
])('without tokens, listening on %s is allowed: %s', (host, allowed) => {
  expect(mistakesIn({ TOLLGATE_GRPC_HOST: host })).toHaveLength(allowed ? 0 : 1)
  expect(mistakesIn({ TOLLGATE_GRPC_HOST: host, TOLLGATE_TOKENS_FILE: file })).toEqual([])
})

test('with tokens it listens everywhere unless told otherwise', () => {
  expect(readConfig({ TOLLGATE_TOKENS_FILE: file }).grpc.host).toBe('0.0.0.0')
})

test.each([
  [{ TOLLGATE_TLS_CERT_FILE: 'F' }, ['TOLLGATE_TLS_KEY_FILE']],
  [{ TOLLGATE_TLS_KEY_FILE: 'F' }, ['TOLLGATE_TLS_CERT_FILE']],
  [{ TOLLGATE_TLS_CLIENT_CA_FILE: 'F' }, ['TOLLGATE_TLS_CLIENT_CA_FILE']],
  [{ TOLLGATE_TLS_CERT_FILE: 'F', TOLLGATE_TLS_KEY_FILE: 'F', TOLLGATE_TLS_CLIENT_CA_FILE: 'F' }, []],
])('TLS files come together: %j', (set, names) => {
  const environment = Object.fromEntries(Object.keys(set).map((name) => [name, file]))
  expect(mistakesIn(environment).map((mistake) => mistake.trim().split(' ')[0])).toEqual(names)
})

test('streams are recorded at least twice in their validity', () => {
  const streams = { TOLLGATE_STREAM_VALIDITY_SECONDS: '20', TOLLGATE_STREAM_RECORD_SECONDS: '11' }
  expect(mistakesIn(streams)).toEqual([expect.stringContaining('TOLLGATE_STREAM_RECORD_SECONDS')])
})

test('amounts of money are exact', () => {
  expect(readConfig({ TOLLGATE_TRIAL_USD_MAX: '0.000000001' }).trial.spendNanousdMax).toBe(1n)
  expect(readConfig({ TOLLGATE_TRIAL_USD_MAX: '123456.789' }).trial.spendNanousdMax).toBe(
    123_456_789_000_000n,
  )
})

test('variables that mean nothing are found', () => {
  expect(unknownVariables({ TOLLGATE_GRPC_PROT: '1', TOLLGATE_GRPC_PORT: '1', PATH: '' })).toEqual([
    'TOLLGATE_GRPC_PROT',
  ])
})

test('the table has a row for every variable', () => {
  const rows = variablesAsMarkdown().split('\n').slice(2)
  expect(rows.map((row) => row.split('`')[1])).toEqual(variableNames)
})

test('the image and the chart set only variables that exist', () => {
  const files = readdirSync(join(packageRoot, 'helm'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const texts = [...files, join(packageRoot, 'Dockerfile')].map((path) => readFileSync(path, 'utf8'))
  // A name before a colon or an equals sign is being set.
  const set = texts.flatMap((text) =>
    [...text.matchAll(/\b(TOLLGATE_[A-Z_]+)(?=[:=])/g)].map(([, name]) => name),
  )
  expect(set).toContain('TOLLGATE_TOKENS_FILE')
  expect(set.filter((name = '') => !variableNames.includes(name))).toEqual([])
})

test('stated costs are allowed by provider, each with a markup of its own if it has one', () => {
  const { prices } = readConfig({ TOLLGATE_REPORTED_COST_PROVIDERS: 'OpenRouter, xai=500,*=0' })
  expect(prices.reportedCosts).toEqual([
    { provider: 'openrouter' },
    { provider: 'xai', markupBasisPoints: 500 },
    { provider: '*', markupBasisPoints: 0 },
  ])
  for (const wrong of ['xai=5%', 'xai=100001', '=5', 'xai=1=2'])
    expect(configProblems({ TOLLGATE_REPORTED_COST_PROVIDERS: wrong })).toEqual([
      expect.stringContaining('TOLLGATE_REPORTED_COST_PROVIDERS must be provider'),
    ])
})
