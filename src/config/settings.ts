import {
  count,
  days,
  hours,
  list,
  oneOf,
  onOff,
  port,
  readableFile,
  reportedCostRules,
  seconds,
  text,
  tierRules,
  url,
  usd,
  whole,
} from './parsers'
import { optional, type ValuesOf, variable } from './variable'

/*
 * Declares every setting once: its place and name in the configuration, its environment variable,
 * its parser, its default, and its line in docs/configuration.md. The order is that of the page.
 * Durations are parsed to ms, and money to nano-USD.
 */

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const settings = {
  databaseUrl: optional(
    'DATABASE_URL',
    url('postgres:', 'postgresql:'),
    'Postgres to use. Without it tollgate runs the one that `npm install` brought.',
    'embedded Postgres',
  ),
  dataDir: variable(
    'TOLLGATE_DATA_DIR',
    text(),
    '.tollgate',
    'Folder of the embedded Postgres, and of charges that wait for the database.',
  ),
  databasePoolSizeMax: variable(
    'TOLLGATE_DATABASE_POOL_MAX',
    whole(1, 1_000),
    '10',
    'Connections beside those of the lanes.',
  ),
  migrates: variable(
    'TOLLGATE_MIGRATE',
    onOff(),
    'on',
    'Whether `serve` updates the schema. Set it to off where `tollgate migrate` does so, with an account of its own.',
  ),
  grpc: {
    host: optional(
      'TOLLGATE_GRPC_HOST',
      text(),
      'Address to serve gRPC on. Without tokens only loopback is allowed.',
      '127.0.0.1; 0.0.0.0 with tokens',
    ),
    port: variable('TOLLGATE_GRPC_PORT', port(), '50051', 'Port of gRPC; 0 = any free one.'),
    tokensFile: optional(
      'TOLLGATE_TOKENS_FILE',
      readableFile(),
      'File with the tokens that callers must send, and their scopes.',
    ),
    tls: {
      certFile: optional(
        'TOLLGATE_TLS_CERT_FILE',
        readableFile(),
        'Certificate chain (PEM) to serve TLS with.',
      ),
      keyFile: optional('TOLLGATE_TLS_KEY_FILE', readableFile(), 'Its private key (PEM).'),
      clientCaFile: optional(
        'TOLLGATE_TLS_CLIENT_CA_FILE',
        readableFile(),
        'Require client certificates signed by this CA (PEM).',
      ),
    },
    limits: {
      messageBytesMax: variable(
        'TOLLGATE_MESSAGE_BYTES_MAX',
        whole(16_384, 67_108_864),
        '4194304',
        'Largest message that is read; a larger one is refused.',
      ),
      metadataBytesMax: variable(
        'TOLLGATE_METADATA_BYTES_MAX',
        whole(1_024, 65_535),
        '16384',
        'Largest metadata of a call; more is refused.',
      ),
      connectionCallsMax: variable(
        'TOLLGATE_CONNECTION_CALLS_MAX',
        whole(1, 1e6),
        '10000',
        'Calls and streams at once on one connection; a client waits before it sends more.',
      ),
      tokenCallsPerSecondMax: optional(
        'TOLLGATE_TOKEN_CALLS_PER_SECOND_MAX',
        whole(1, 1e6),
        'Calls that one token may make in a second, at each replica; more are refused with `OVERLOADED`.',
        'no limit',
      ),
    },
    connections: {
      ageMaxMs: variable(
        'TOLLGATE_CONNECTION_AGE_SECONDS_MAX',
        seconds(1, 604_800),
        '1800',
        'An older connection is asked to end, so that clients spread over new replicas.',
      ),
      ageGraceMs: variable(
        'TOLLGATE_CONNECTION_GRACE_SECONDS',
        seconds(1, 86_400),
        '600',
        'How long its calls and streams may continue after that.',
      ),
    },
  },
  metrics: {
    host: variable(
      'TOLLGATE_METRICS_HOST',
      text(),
      '127.0.0.1',
      'Address of `/metrics`, `/healthz` and `/readyz`.',
    ),
    port: variable('TOLLGATE_METRICS_PORT', port(), '9464', 'Their port; 0 = any free one.'),
  },
  prices: {
    feedUrl: optional(
      'TOLLGATE_PRICE_FEED_URL',
      url('http:', 'https:'),
      'Live price feed, fetched in the background.',
    ),
    feedFormat: variable(
      'TOLLGATE_PRICE_FEED_FORMAT',
      oneOf(['openrouter', 'litellm']),
      'openrouter',
      'Format of the feed.',
    ),
    feedIntervalMs: variable(
      'TOLLGATE_PRICE_FEED_INTERVAL_SECONDS',
      seconds(10, 86_400),
      '900',
      'How often the feed is fetched.',
    ),
    markupBasisPoints: variable(
      'TOLLGATE_MARKUP_BASIS_POINTS',
      whole(0, 100_000),
      '0',
      'Added to every price: 1000 = 10 %.',
    ),
    cacheTtlMs: variable(
      'TOLLGATE_PRICE_CACHE_SECONDS',
      seconds(1, 86_400),
      '900',
      'How long a price is served from memory.',
    ),
    changeThresholdPercent: variable(
      'TOLLGATE_PRICE_CHANGE_PERCENT_MAX',
      whole(1, 100_000),
      '50',
      'A rate that changes by more is held back until a second source or an operator agrees.',
    ),
    storedPriceAgeMsMax: variable(
      'TOLLGATE_STORED_PRICE_AGE_DAYS_MAX',
      days(1, 3_650),
      '30',
      'If the price feed could not be read for longer, its stored prices raise an alert.',
    ),
    highValuePatterns: variable(
      'TOLLGATE_HIGH_VALUE_MODELS',
      list(),
      'gpt-4,gpt-5,o1-,o3-,o4-,claude-3,claude-opus,claude-sonnet-4,gemini-1.5-pro,gemini-2,gemini-pro,command-r-plus,mixtral-8x22b',
      'Models with one of these in their name are never charged at the default price.',
    ),
    lowValueGlobs: variable(
      'TOLLGATE_LOW_VALUE_MODELS',
      list(),
      '',
      'Globs of models that may be charged at the default price when they have none.',
    ),
    defaultPriceNanousd: variable(
      'TOLLGATE_DEFAULT_PRICE_USD',
      usd(1000),
      '20',
      'The default price, for 1,000,000 tokens of input or output.',
    ),
    listedTokenRateNanousdMax: variable(
      'TOLLGATE_LISTED_TOKEN_RATE_USD_MAX',
      usd(100000),
      '1000',
      'A list’s rate above this, for 1,000,000 tokens, is rejected as a slip of the unit.',
    ),
    serviceTiers: variable(
      'TOLLGATE_SERVICE_TIERS',
      tierRules(),
      '',
      'Service tiers that prices have no rates for: `provider/tier=another tier` or `provider/tier=multiple of the ordinary price`, `*` = any provider, comma-separated.',
    ),
    reportedCosts: variable(
      'TOLLGATE_REPORTED_COST_PROVIDERS',
      reportedCostRules(),
      '',
      'Providers whose cost a gateway may state (`reported_cost_nanousd`), to be charged in place of the rated one: `provider`, or `provider=markup in basis points`, `*` = any provider, comma-separated. Set it once every replica runs a release that knows it.',
    ),
    reportedCostTimesMax: variable(
      'TOLLGATE_REPORTED_COST_TIMES_MAX',
      whole(1, 1_000_000),
      '10',
      'A stated cost that differs from the rated one by a greater factor, either way, is refused as an anomaly.',
    ),
  },
  chargeNanousdMax: variable(
    'TOLLGATE_CHARGE_USD_MAX',
    usd(1000000),
    '100000',
    'A charge above this is refused as an anomaly.',
  ),
  summaryMsMax: variable(
    'TOLLGATE_SUMMARY_SECONDS_MAX',
    seconds(1, 40),
    '20',
    'How long a sum of spend (`tollgate spend`) may keep the database busy before it is refused.',
  ),
  quoteValidityMs: variable(
    'TOLLGATE_QUOTE_VALIDITY_SECONDS',
    seconds(1, 86_400),
    '600',
    'How long a quote is honoured.',
  ),
  trial: {
    paidTiers: variable(
      'TOLLGATE_PAID_TIERS',
      list(),
      'pro,max,team,admin',
      'Tiers that are billed as paid, trial or not.',
    ),
    spendNanousdMax: variable(
      'TOLLGATE_TRIAL_USD_MAX',
      usd(1000000),
      '5',
      'What a trial user may use in all.',
    ),
    spendTodayNanousdMax: variable(
      'TOLLGATE_TRIAL_USD_PER_DAY_MAX',
      usd(1000000),
      '1',
      'What a trial user may use in one UTC day.',
    ),
    requestsMax: variable(
      'TOLLGATE_TRIAL_REQUESTS_MAX',
      count(0, 1e12),
      '1000',
      'How many calls a trial user may make.',
    ),
  },
  streams: {
    validityMs: variable(
      'TOLLGATE_STREAM_VALIDITY_SECONDS',
      seconds(2, 3_600),
      '120',
      'A stream that its client does not continue for so long is settled.',
    ),
    sweepIntervalMs: variable(
      'TOLLGATE_STREAM_SWEEP_SECONDS',
      seconds(1, 600),
      '5',
      'How often such streams are looked for.',
    ),
    firstStretchTokens: variable(
      'TOLLGATE_STREAM_FIRST_STRETCH_TOKENS',
      count(1, 1e9),
      '1024',
      'Output tokens that a stream holds credits for when it opens.',
    ),
    recordIntervalMs: variable(
      'TOLLGATE_STREAM_RECORD_SECONDS',
      seconds(1, 60),
      '5',
      'The progress of a stream is written to the database within this time.',
    ),
    amendableForMs: variable(
      'TOLLGATE_STREAM_AMENDABLE_HOURS',
      hours(1, 720),
      '24',
      'How long a stream that was settled by expiry may be amended.',
    ),
    streamsMax: variable(
      'TOLLGATE_STREAMS_MAX',
      whole(1, 1e6),
      '10000',
      'Streams that one process serves at once.',
    ),
    messagesPerSecondMax: variable(
      'TOLLGATE_STREAM_MESSAGES_PER_SECOND_MAX',
      whole(1, 1e6),
      '1000',
      'Messages that are read of one stream in a second; more wait.',
    ),
  },
  ledger: {
    laneCount: variable(
      'TOLLGATE_LANES',
      whole(1, 64),
      '2',
      'Lanes of the ledger, each with one connection.',
    ),
    batchSizeMax: variable('TOLLGATE_BATCH_MAX', whole(1, 10_000), '512', 'Postings in one commit.'),
    queueLengthMax: variable(
      'TOLLGATE_QUEUE_MAX',
      whole(1, 1e6),
      '10000',
      'Postings that may wait in all lanes; more are refused.',
    ),
  },
  collectsOnGrant: variable(
    'TOLLGATE_COLLECT_ON_GRANT',
    onOff(),
    'on',
    "Whether a grant pays its user's deduction failures, the oldest first.",
  ),
  deferral: {
    enabled: variable(
      'TOLLGATE_DEFERRAL',
      onOff(),
      'on',
      'Keep charges on disk while the database is unreachable. Set it to off where the disk does not last.',
    ),
    spoolDir: optional(
      'TOLLGATE_SPOOL_DIR',
      text(),
      'Folder for those charges, of this process alone.',
      '`spool` in `TOLLGATE_DATA_DIR`',
    ),
    spoolBytesMax: variable(
      'TOLLGATE_SPOOL_MAX_BYTES',
      whole(65_536, 1e12),
      '268435456',
      'Space on disk for deferred charges; more are refused.',
    ),
    userNanousdMax: variable(
      'TOLLGATE_DEFERRED_USD_PER_USER_MAX',
      usd(1000000),
      '100',
      "Sum of one user's deferred charges; more are refused.",
    ),
  },
  reconcile: {
    intervalMs: variable(
      'TOLLGATE_RECONCILE_INTERVAL_SECONDS',
      seconds(0, 31_536_000),
      '3600',
      'Time between two proofs of all books, on one of the replicas; 0 = never.',
    ),
    fromStartIntervalMs: variable(
      'TOLLGATE_RECONCILE_FROM_START_DAYS',
      days(1, 3_650),
      '7',
      'How often a proof begins at the first entries, and not at the checkpoints of the last one.',
    ),
    entriesPerSecondMax: variable(
      'TOLLGATE_RECONCILE_ENTRIES_PER_SECOND_MAX',
      whole(100, 100_000),
      '1000',
      'How fast a proof reads the ledger, so that charges come first.',
    ),
  },
  drainGraceMs: variable(
    'TOLLGATE_DRAIN_GRACE_SECONDS',
    seconds(0, 3_600),
    '20',
    'How long a stop waits for calls and streams.',
  ),
  logLevel: variable('TOLLGATE_LOG_LEVEL', oneOf(LOG_LEVELS), 'info', `One of ${LOG_LEVELS.join(', ')}.`),
  logFormat: variable(
    'TOLLGATE_LOG_FORMAT',
    oneOf(['auto', 'json', 'pretty']),
    'auto',
    'JSON lines, or readable lines; `auto` is `pretty` on a terminal and `json` elsewhere.',
  ),
  sentryDsn: optional('SENTRY_DSN', url('http:', 'https:'), 'Where to report lost money and other alarms.'),
}

export type Settings = ValuesOf<typeof settings>
