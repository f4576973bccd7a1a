import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import type { z } from 'zod'
import type { TrialRules } from '../domain/ledger/trial'
import type { Nanousd } from '../domain/money'
import { SetupError } from '../setupError'
import {
  count,
  days,
  hours,
  list,
  oneOf,
  optional,
  port,
  readableFile,
  seconds,
  text,
  url,
  usd,
  type Variable,
  variable,
  whole,
} from './variable'

/** Everything that can be set, read once from the environment. Durations in ms, money in nano-USD. */
export interface Config {
  /** Absent = the embedded Postgres. */
  databaseUrl: string | undefined
  dataDir: string
  databasePoolSizeMax: number
  /** Whether `serve` brings the schema up to date, or expects `tollgate migrate` to have done so. */
  migrates: boolean
  grpc: {
    host: string
    port: number
    tokensFile: string | undefined
    tls: TlsFiles | undefined
    limits: {
      messageBytesMax: number
      metadataBytesMax: number
      connectionCallsMax: number
      tokenCallsPerSecondMax: number | undefined
    }
    connections: { ageMaxMs: number; ageGraceMs: number }
  }
  metrics: { host: string; port: number }
  prices: {
    feedUrl: string | undefined
    feedFormat: 'openrouter' | 'litellm'
    feedIntervalMs: number
    markupBasisPoints: number
    cacheTtlMs: number
    /** A rate that moves by more than this against the last version is held back. */
    changeThresholdPercent: number
    /** A feed that could not be read for so long raises an alert. */
    storedPriceAgeMsMax: number
    highValuePatterns: readonly string[]
    lowValueGlobs: readonly string[]
    /** For 1,000,000 tokens, both ways. */
    defaultPriceNanousd: Nanousd
    /** For 1,000,000 tokens. A listed rate above it is rejected. */
    listedTokenRateNanousdMax: Nanousd
  }
  chargeNanousdMax: Nanousd
  summaryMsMax: number
  quoteValidityMs: number
  trial: TrialRules
  streams: {
    validityMs: number
    sweepIntervalMs: number
    firstStretchTokens: bigint
    amendableForMs: number
    recordIntervalMs: number
    streamsMax: number
    messagesPerSecondMax: number
  }
  ledger: { laneCount: number; batchSizeMax: number; queueLengthMax: number }
  deferral: {
    enabled: boolean
    spoolDir: string
    spoolBytesMax: number
    /** What one user's charges that wait may come to. */
    userNanousdMax: Nanousd
  }
  collectsOnGrant: boolean
  reconcile: {
    /** 0 = never. */
    intervalMs: number
    fromStartIntervalMs: number
    entriesPerSecondMax: number
  }
  drainGraceMs: number
  logLevel: (typeof logLevels)[number]
  logFormat: 'auto' | 'json' | 'pretty'
  sentryDsn: string | undefined
}

export interface TlsFiles {
  certFile: string
  keyFile: string
  /** Set = clients must show a certificate signed by it. */
  clientCaFile: string | undefined
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Every variable there is, in the order of docs/configuration.md. */
export const variables = {
  DATABASE_URL: optional(
    url('postgres:', 'postgresql:'),
    'Postgres to use. Without it tollgate runs the one that `npm install` brought.',
    'embedded Postgres',
  ),
  TOLLGATE_DATA_DIR: variable(
    text(),
    '.tollgate',
    'Folder of the embedded Postgres, and of charges that wait for the database.',
  ),
  TOLLGATE_DATABASE_POOL_MAX: variable(whole(1, 1_000), '10', 'Connections beside those of the lanes.'),
  TOLLGATE_MIGRATE: variable(
    oneOf(['on', 'off']),
    'on',
    'Whether `serve` brings the schema up to date. Set off where `tollgate migrate` does so, with an account of its own.',
  ),
  TOLLGATE_GRPC_HOST: optional(
    text(),
    'Address to serve gRPC on. Without tokens only loopback is allowed.',
    '127.0.0.1; 0.0.0.0 with tokens',
  ),
  TOLLGATE_GRPC_PORT: variable(port(), '50051', 'Port of gRPC; 0 = any free one.'),
  TOLLGATE_METRICS_HOST: variable(text(), '127.0.0.1', 'Address of `/metrics`, `/healthz` and `/readyz`.'),
  TOLLGATE_METRICS_PORT: variable(port(), '9464', 'Port of the same; 0 = any free one.'),
  TOLLGATE_TOKENS_FILE: optional(
    readableFile(),
    'File with the tokens that callers must show, and their scopes.',
  ),
  TOLLGATE_TLS_CERT_FILE: optional(readableFile(), 'Certificate chain (PEM) to serve TLS with.'),
  TOLLGATE_TLS_KEY_FILE: optional(readableFile(), 'Its private key (PEM).'),
  TOLLGATE_TLS_CLIENT_CA_FILE: optional(
    readableFile(),
    'Demand client certificates signed by this CA (PEM).',
  ),
  TOLLGATE_MESSAGE_BYTES_MAX: variable(
    whole(16_384, 67_108_864),
    '4194304',
    'Size of a message that is read; a larger one is refused.',
  ),
  TOLLGATE_METADATA_BYTES_MAX: variable(
    whole(1_024, 65_535),
    '16384',
    'Size of the metadata of a call; more is refused.',
  ),
  TOLLGATE_CONNECTION_CALLS_MAX: variable(
    whole(1, 1e6),
    '10000',
    'Calls and streams at once on one connection; the client waits with more.',
  ),
  TOLLGATE_TOKEN_CALLS_PER_SECOND_MAX: optional(
    whole(1, 1e6),
    'Calls that one token may make in a second, at each replica; more are refused with `OVERLOADED`.',
    'no limit',
  ),
  TOLLGATE_CONNECTION_AGE_SECONDS_MAX: variable(
    seconds(1, 604_800),
    '1800',
    'A connection older than this is asked to end, so that clients spread over new replicas.',
  ),
  TOLLGATE_CONNECTION_GRACE_SECONDS: variable(
    seconds(1, 86_400),
    '600',
    'How long its calls and streams may go on then.',
  ),
  TOLLGATE_PRICE_FEED_URL: optional(url('http:', 'https:'), 'Live price feed, fetched in the background.'),
  TOLLGATE_PRICE_FEED_FORMAT: variable(oneOf(['openrouter', 'litellm']), 'openrouter', 'Format of the feed.'),
  TOLLGATE_PRICE_FEED_INTERVAL_SECONDS: variable(
    seconds(10, 86_400),
    '900',
    'How often the feed is fetched.',
  ),
  TOLLGATE_MARKUP_BASIS_POINTS: variable(whole(0, 100_000), '0', 'Added to every price: 1000 = 10 %.'),
  TOLLGATE_PRICE_CACHE_SECONDS: variable(
    seconds(1, 86_400),
    '900',
    'How long a price is served from memory.',
  ),
  TOLLGATE_PRICE_CHANGE_PERCENT_MAX: variable(
    whole(1, 100_000),
    '50',
    'A rate that moves by more is held back until a second source or an operator agrees.',
  ),
  TOLLGATE_STORED_PRICE_AGE_DAYS_MAX: variable(
    days(1, 3_650),
    '30',
    'When the price feed could not be read for longer, its stored prices raise an alert.',
  ),
  TOLLGATE_HIGH_VALUE_MODELS: variable(
    list(),
    'gpt-4,gpt-5,o1-,o3-,o4-,claude-3,claude-opus,claude-sonnet-4,gemini-1.5-pro,gemini-2,gemini-pro,command-r-plus,mixtral-8x22b',
    'Models with one of these in their name are never charged at the default price.',
  ),
  TOLLGATE_LOW_VALUE_MODELS: variable(
    list(),
    '',
    'Globs of models that may be charged at the default price when they have none.',
  ),
  TOLLGATE_DEFAULT_PRICE_USD: variable(
    usd(1000),
    '20',
    'That default price, for 1,000,000 tokens, both ways.',
  ),
  TOLLGATE_LISTED_TOKEN_RATE_USD_MAX: variable(
    usd(100000),
    '1000',
    'A list’s rate above this, for 1,000,000 tokens, is rejected as a slip of the unit.',
  ),
  TOLLGATE_CHARGE_USD_MAX: variable(usd(1000000), '100000', 'A charge above this is refused as an anomaly.'),
  TOLLGATE_SUMMARY_SECONDS_MAX: variable(
    seconds(1, 40),
    '20',
    'Adding up spend (`tollgate spend`) may keep the database busy for so long, and is refused then.',
  ),
  TOLLGATE_QUOTE_VALIDITY_SECONDS: variable(seconds(1, 86_400), '600', 'How long a quote is honoured.'),
  TOLLGATE_PAID_TIERS: variable(list(), 'pro,max,team,admin', 'Tiers that are billed as paid, trial or not.'),
  TOLLGATE_TRIAL_USD_MAX: variable(usd(1000000), '5', 'What a trial user may use in all.'),
  TOLLGATE_TRIAL_USD_PER_DAY_MAX: variable(usd(1000000), '1', 'What a trial user may use in one UTC day.'),
  TOLLGATE_TRIAL_REQUESTS_MAX: variable(count(0, 1e12), '1000', 'How many calls a trial user may make.'),
  TOLLGATE_STREAM_VALIDITY_SECONDS: variable(
    seconds(2, 3_600),
    '120',
    'A stream that nobody continues for so long is settled.',
  ),
  TOLLGATE_STREAM_SWEEP_SECONDS: variable(seconds(1, 600), '5', 'How often such streams are looked for.'),
  TOLLGATE_STREAM_FIRST_STRETCH_TOKENS: variable(
    count(1, 1e9),
    '1024',
    'Output tokens that a stream holds credits for when it opens.',
  ),
  TOLLGATE_STREAM_RECORD_SECONDS: variable(
    seconds(1, 60),
    '5',
    'Progress of a stream is in the database at the latest after this.',
  ),
  TOLLGATE_STREAM_AMENDABLE_HOURS: variable(
    hours(1, 720),
    '24',
    'How long a stream that was settled by expiry may be amended.',
  ),
  TOLLGATE_STREAMS_MAX: variable(whole(1, 1e6), '10000', 'Streams that one process serves at once.'),
  TOLLGATE_STREAM_MESSAGES_PER_SECOND_MAX: variable(
    whole(1, 1e6),
    '1000',
    'Messages that are read of one stream in a second; more wait.',
  ),
  TOLLGATE_LANES: variable(whole(1, 64), '2', 'Lanes of the ledger, each with one connection.'),
  TOLLGATE_BATCH_MAX: variable(whole(1, 10_000), '512', 'Postings in one commit.'),
  TOLLGATE_QUEUE_MAX: variable(
    whole(1, 1e6),
    '10000',
    'Postings that may wait in all lanes; more are refused.',
  ),
  TOLLGATE_COLLECT_ON_GRANT: variable(
    oneOf(['on', 'off']),
    'on',
    'Whether a grant pays what its user owes, the oldest deduction failure first.',
  ),
  TOLLGATE_DEFERRAL: variable(
    oneOf(['on', 'off']),
    'on',
    'Keep charges on disk while the database is away. Set off where the disk does not last.',
  ),
  TOLLGATE_SPOOL_DIR: optional(
    text(),
    'Folder for those charges, of this process alone.',
    '`spool` in `TOLLGATE_DATA_DIR`',
  ),
  TOLLGATE_SPOOL_MAX_BYTES: variable(
    whole(65_536, 1e12),
    '268435456',
    'What they may take on disk; more are refused.',
  ),
  TOLLGATE_DEFERRED_USD_PER_USER_MAX: variable(
    usd(1000000),
    '100',
    "What one user's charges that wait may come to; more are refused.",
  ),
  TOLLGATE_RECONCILE_INTERVAL_SECONDS: variable(
    seconds(0, 31_536_000),
    '3600',
    'How long after one proof of all books the next begins, on one of the replicas; 0 = never.',
  ),
  TOLLGATE_RECONCILE_FROM_START_DAYS: variable(
    days(1, 3_650),
    '7',
    'How often it begins at the first entries instead of where it came to the last time.',
  ),
  TOLLGATE_RECONCILE_ENTRIES_PER_SECOND_MAX: variable(
    whole(100, 100_000),
    '1000',
    'How fast it goes through the ledger: charges come first.',
  ),
  TOLLGATE_DRAIN_GRACE_SECONDS: variable(
    seconds(0, 3_600),
    '20',
    'How long a stop waits for calls and streams.',
  ),
  TOLLGATE_LOG_LEVEL: variable(oneOf(logLevels), 'info', `One of ${logLevels.join(', ')}.`),
  TOLLGATE_LOG_FORMAT: variable(
    oneOf(['auto', 'json', 'pretty']),
    'auto',
    'JSON lines, or readable lines; `auto` is `pretty` on a terminal and `json` elsewhere.',
  ),
  SENTRY_DSN: optional(url('http:', 'https:'), 'Where to report lost money and other alarms.'),
} satisfies Record<string, Variable<unknown>>

type Values = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name]['parse']> }

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads and checks the environment.
 *
 * @throws SetupError that lists every mistake, each with its variable's name.
 */
export function readConfig(environment: Environment): Config {
  const { values, problems } = examined(environment)
  if (problems.length > 0) {
    throw new SetupError(['The configuration has mistakes:', ...problems].join('\n  '))
  }
  return configOf(values)
}

/** Every mistake, each beginning with a variable's name. */
export function configProblems(environment: Environment): string[] {
  return examined(environment).problems
}

function examined(environment: Environment): { values: Values; problems: string[] } {
  const problems: string[] = []
  const values = readValues(environment, problems)
  const isSet = (name: keyof Values) => textOf(environment, name) !== ''
  checkTogether(isSet, problems)
  if (values.TOLLGATE_STREAM_RECORD_SECONDS * 2 > values.TOLLGATE_STREAM_VALIDITY_SECONDS) {
    problems.push('TOLLGATE_STREAM_RECORD_SECONDS must be at most half of TOLLGATE_STREAM_VALIDITY_SECONDS')
  }
  checkHost(values.TOLLGATE_GRPC_HOST, isSet('TOLLGATE_TOKENS_FILE'), problems)
  return { values, problems }
}

/** Names of the variables that are set. */
export function setVariables(environment: Environment): string[] {
  return Object.keys(variables).filter((name) => textOf(environment, name) !== '')
}

/** What stands in for the options of commands that ask a server; `serve` has no use for them. */
export const CLIENT_VARIABLES = {
  address: 'TOLLGATE_ADDRESS',
  token: 'TOLLGATE_TOKEN',
  tokenFile: 'TOLLGATE_TOKEN_FILE',
  tls: 'TOLLGATE_CA_FILE',
  tlsCert: 'TOLLGATE_CLIENT_CERT_FILE',
  tlsKey: 'TOLLGATE_CLIENT_KEY_FILE',
} as const

/** Variables with our prefix that mean nothing: most likely a slip of the keyboard. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set<string>([...Object.keys(variables), ...Object.values(CLIENT_VARIABLES)])
  return Object.keys(environment).filter((name) => name.startsWith('TOLLGATE_') && !known.has(name))
}

/** The table of docs/configuration.md. */
export function variablesAsMarkdown(): string {
  const rows = Object.entries<Variable<unknown>>(variables).map(
    ([name, { description, fallback, fallbackShown }]) => {
      const shown = fallbackShown ?? (fallback === '' ? 'none' : `\`${fallback}\``)
      return `| \`${name}\` | ${shown} | ${description} |`
    },
  )
  return ['| variable | default | what it sets |', '|---|---|---|', ...rows].join('\n')
}

function readValues(environment: Environment, problems: string[]): Values {
  const entries = Object.entries<Variable<unknown>>(variables).map(([name, { parse, fallback }]) => {
    const result = parse.safeParse(textOf(environment, name) || fallback)
    if (!result.success)
      problems.push(`${name} ${result.error.issues.map(({ message }) => message).join(', ')}`)
    return [name, result.data]
  })
  return Object.fromEntries(entries) as Values
}

/** An empty value counts as unset: that is what a template without its value leaves. */
function textOf(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? ''
}

/** Judged by what is set, so that a file that can't be read is one mistake and not two. */
function checkTogether(isSet: (name: keyof Values) => boolean, problems: string[]): void {
  const [cert, key] = [isSet('TOLLGATE_TLS_CERT_FILE'), isSet('TOLLGATE_TLS_KEY_FILE')]
  if (key && !cert) problems.push('TOLLGATE_TLS_CERT_FILE must be set together with TOLLGATE_TLS_KEY_FILE')
  if (cert && !key) problems.push('TOLLGATE_TLS_KEY_FILE must be set together with TOLLGATE_TLS_CERT_FILE')
  if (isSet('TOLLGATE_TLS_CLIENT_CA_FILE') && !cert && !key) {
    problems.push('TOLLGATE_TLS_CLIENT_CA_FILE needs TOLLGATE_TLS_CERT_FILE and TOLLGATE_TLS_KEY_FILE')
  }
}

function checkHost(host: string | undefined, hasTokens: boolean, problems: string[]): void {
  if (host === undefined || hasTokens || isLoopback(host)) return
  problems.push(
    `TOLLGATE_GRPC_HOST is ${host}, where anybody could charge anybody: set TOLLGATE_TOKENS_FILE, or listen on loopback (127.0.0.1, ::1, localhost)`,
  )
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function configOf(values: Values): Config {
  const tokensFile = values.TOLLGATE_TOKENS_FILE
  return {
    databaseUrl: values.DATABASE_URL,
    dataDir: values.TOLLGATE_DATA_DIR,
    databasePoolSizeMax: values.TOLLGATE_DATABASE_POOL_MAX,
    migrates: values.TOLLGATE_MIGRATE === 'on',
    grpc: {
      host: values.TOLLGATE_GRPC_HOST ?? (tokensFile === undefined ? '127.0.0.1' : '0.0.0.0'),
      port: values.TOLLGATE_GRPC_PORT,
      tokensFile,
      tls: tlsFilesOf(values),
      limits: {
        messageBytesMax: values.TOLLGATE_MESSAGE_BYTES_MAX,
        metadataBytesMax: values.TOLLGATE_METADATA_BYTES_MAX,
        connectionCallsMax: values.TOLLGATE_CONNECTION_CALLS_MAX,
        tokenCallsPerSecondMax: values.TOLLGATE_TOKEN_CALLS_PER_SECOND_MAX,
      },
      connections: {
        ageMaxMs: values.TOLLGATE_CONNECTION_AGE_SECONDS_MAX,
        ageGraceMs: values.TOLLGATE_CONNECTION_GRACE_SECONDS,
      },
    },
    metrics: { host: values.TOLLGATE_METRICS_HOST, port: values.TOLLGATE_METRICS_PORT },
    prices: {
      feedUrl: values.TOLLGATE_PRICE_FEED_URL,
      feedFormat: values.TOLLGATE_PRICE_FEED_FORMAT,
      feedIntervalMs: values.TOLLGATE_PRICE_FEED_INTERVAL_SECONDS,
      markupBasisPoints: values.TOLLGATE_MARKUP_BASIS_POINTS,
      cacheTtlMs: values.TOLLGATE_PRICE_CACHE_SECONDS,
      changeThresholdPercent: values.TOLLGATE_PRICE_CHANGE_PERCENT_MAX,
      storedPriceAgeMsMax: values.TOLLGATE_STORED_PRICE_AGE_DAYS_MAX,
      highValuePatterns: values.TOLLGATE_HIGH_VALUE_MODELS,
      lowValueGlobs: values.TOLLGATE_LOW_VALUE_MODELS,
      defaultPriceNanousd: values.TOLLGATE_DEFAULT_PRICE_USD,
      listedTokenRateNanousdMax: values.TOLLGATE_LISTED_TOKEN_RATE_USD_MAX,
    },
    chargeNanousdMax: values.TOLLGATE_CHARGE_USD_MAX,
    summaryMsMax: values.TOLLGATE_SUMMARY_SECONDS_MAX,
    quoteValidityMs: values.TOLLGATE_QUOTE_VALIDITY_SECONDS,
    trial: {
      paidTiers: values.TOLLGATE_PAID_TIERS,
      spendNanousdMax: values.TOLLGATE_TRIAL_USD_MAX,
      spendTodayNanousdMax: values.TOLLGATE_TRIAL_USD_PER_DAY_MAX,
      requestsMax: values.TOLLGATE_TRIAL_REQUESTS_MAX,
    },
    streams: {
      validityMs: values.TOLLGATE_STREAM_VALIDITY_SECONDS,
      sweepIntervalMs: values.TOLLGATE_STREAM_SWEEP_SECONDS,
      firstStretchTokens: values.TOLLGATE_STREAM_FIRST_STRETCH_TOKENS,
      recordIntervalMs: values.TOLLGATE_STREAM_RECORD_SECONDS,
      amendableForMs: values.TOLLGATE_STREAM_AMENDABLE_HOURS,
      streamsMax: values.TOLLGATE_STREAMS_MAX,
      messagesPerSecondMax: values.TOLLGATE_STREAM_MESSAGES_PER_SECOND_MAX,
    },
    ledger: {
      laneCount: values.TOLLGATE_LANES,
      batchSizeMax: values.TOLLGATE_BATCH_MAX,
      queueLengthMax: values.TOLLGATE_QUEUE_MAX,
    },
    deferral: {
      enabled: values.TOLLGATE_DEFERRAL === 'on',
      spoolDir: values.TOLLGATE_SPOOL_DIR ?? join(values.TOLLGATE_DATA_DIR, 'spool'),
      spoolBytesMax: values.TOLLGATE_SPOOL_MAX_BYTES,
      userNanousdMax: values.TOLLGATE_DEFERRED_USD_PER_USER_MAX,
    },
    collectsOnGrant: values.TOLLGATE_COLLECT_ON_GRANT === 'on',
    reconcile: {
      intervalMs: values.TOLLGATE_RECONCILE_INTERVAL_SECONDS,
      fromStartIntervalMs: values.TOLLGATE_RECONCILE_FROM_START_DAYS,
      entriesPerSecondMax: values.TOLLGATE_RECONCILE_ENTRIES_PER_SECOND_MAX,
    },
    drainGraceMs: values.TOLLGATE_DRAIN_GRACE_SECONDS,
    logLevel: values.TOLLGATE_LOG_LEVEL,
    logFormat: values.TOLLGATE_LOG_FORMAT,
    sentryDsn: values.SENTRY_DSN,
  }
}

function tlsFilesOf(values: Values): TlsFiles | undefined {
  const { TOLLGATE_TLS_CERT_FILE: certFile, TOLLGATE_TLS_KEY_FILE: keyFile } = values
  if (certFile === undefined || keyFile === undefined) return undefined
  return { certFile, keyFile, clientCaFile: values.TOLLGATE_TLS_CLIENT_CA_FILE }
}
