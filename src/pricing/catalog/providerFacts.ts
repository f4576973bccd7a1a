import type { Meter } from '../../domain/rating/price'
import type { Multiplier } from '../multipliers'

/*
 * Prices of providers that the bundled catalog lacks, each with its source and the day on which the
 * source was read. `provider` and `models` are ids of the catalog.
 */

interface Fact {
  provider: string
  models: RegExp
  /** Page and day. */
  source: string
}

/** A multiple of the token rates, for calls that are served at one tier, speed or geography. */
interface MultiplierFact extends Fact, Multiplier {}

const HALF = [1n, 2n] as const
const OPENAI_PRIORITY =
  'https://openai.com/api-priority-processing/, 2026-11-30; LiteLLM’s list of 2026-07-24'
const OPENAI_PRICING =
  'https://developers.openai.com/api/docs/pricing, 2026-11-05; LiteLLM’s list of 2026-07-24'
const CLAUDE_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing, 2026-11-30'
const CLAUDE_LIST = 'LiteLLM’s list of 2026-07-24 (provider_specific_entry), BerriAI/litellm 38378 and 38369'
const GEMINI_PRICING =
  'https://ai.google.dev/gemini-api/docs/pricing, 2026-10-07; LiteLLM’s list of 2026-07-24'
const GROQ =
  'https://console.groq.com/docs/flex-processing and https://console.groq.com/docs/batch, 2026-11-30'

function tier(
  provider: string,
  models: RegExp,
  name: string,
  times: Multiplier['times'],
  source: string,
): MultiplierFact {
  return { provider, models, condition: 'serviceTier', name, times, source }
}

export const MULTIPLIERS: readonly MultiplierFact[] = [
  tier('openai', /./, 'batch', HALF, OPENAI_PRICING),
  tier('openai', /^(gpt-5|o3$|o4-mini$)/, 'flex', HALF, OPENAI_PRICING),
  tier('openai', /^gpt-4o$/, 'priority', [17n, 10n], OPENAI_PRIORITY),
  tier('openai', /^gpt-4o-mini$/, 'priority', [5n, 3n], OPENAI_PRIORITY),
  tier('openai', /^(gpt-4o-2024-05-13|gpt-4\.1|gpt-4\.1-mini|o3)$/, 'priority', [7n, 4n], OPENAI_PRIORITY),
  tier('openai', /^o4-mini$/, 'priority', [20n, 11n], OPENAI_PRIORITY),
  tier('openai', /^(gpt-5-mini|gpt-5\.1-codex-mini)$/, 'priority', [9n, 5n], OPENAI_PRIORITY),
  tier('openai', /^gpt-5\.5$/, 'priority', [5n, 2n], OPENAI_PRIORITY),
  tier(
    'openai',
    /^(gpt-4\.1-nano|gpt-5|gpt-5-codex|gpt-5\.[123](-codex|-chat(-latest)?)?|gpt-5\.4(-mini)?|gpt-5\.6(-sol|-terra|-luna)?)$/,
    'priority',
    [2n, 1n],
    OPENAI_PRIORITY,
  ),
  tier('anthropic', /./, 'batch', HALF, CLAUDE_PRICING),
  tier('google', /claude/, 'batch', HALF, 'LiteLLM’s list of 2026-07-24 (vertex_ai-anthropic_models)'),
  tier('aws', /claude|nova/, 'batch', HALF, 'https://aws.amazon.com/bedrock/pricing/, 2026-11-30'),
  {
    provider: 'anthropic',
    models: /^claude-opus-4-[67]$/,
    condition: 'speed',
    name: 'fast',
    times: [6n, 1n],
    source: CLAUDE_LIST,
  },
  {
    provider: 'anthropic',
    models: /^claude-opus-(4-8|5)$/,
    condition: 'speed',
    name: 'fast',
    times: [2n, 1n],
    source: CLAUDE_LIST,
  },
  {
    provider: 'anthropic',
    models: /^claude-(opus-(4-[678]|5)|sonnet-(4-6|5)|fable-5)/,
    condition: 'geography',
    name: 'us',
    times: [11n, 10n],
    source: CLAUDE_LIST,
  },
  tier('google', /^gemini-(2\.5|[3-9])/, 'batch', HALF, GEMINI_PRICING),
  tier('google', /^gemini-(2\.5|[3-9])/, 'flex', HALF, GEMINI_PRICING),
  tier('google', /^gemini-(2\.5|[3-9])/, 'priority', [9n, 5n], GEMINI_PRICING),
  {
    provider: 'x-ai',
    models: /^grok/,
    condition: 'geography',
    name: 'us',
    times: [11n, 10n],
    source: 'https://docs.x.ai/developers/pricing, 2026-11-30',
  },
  tier('mistral', /./, 'batch', HALF, 'https://docs.mistral.ai/capabilities/batch/, 2026-11-30'),
  tier('groq', /./, 'batch', HALF, GROQ),
  tier('groq', /./, 'flex', [1n, 1n], GROQ),
  tier(
    'moonshotai',
    /^kimi-k2\.5/,
    'batch',
    [3n, 5n],
    'https://platform.kimi.ai/docs/pricing/batch, 2026-11-30',
  ),
]

/** A price for a unit other than tokens that the catalog lacks. */
export interface Fee extends Fact {
  meter: Meter
  /** For each. Absent = the catalog's own, or none. */
  priceNanousd?: bigint
  /** The rates by the size of the web context, Perplexity's `search_context_size`. */
  byTier?: Readonly<Record<string, bigint>>
}

function requestFee(models: RegExp, low: bigint, medium: bigint, high: bigint): Fee {
  return {
    provider: 'perplexity',
    models,
    meter: 'REQUESTS',
    byTier: {
      search_context_low: low,
      search_context_medium: medium,
      search_context_high: high,
    },
    source:
      'https://docs.perplexity.ai/docs/getting-started/pricing, 2026-11-30; LiteLLM’s list of 2026-07-24',
  }
}

export const FEES: readonly Fee[] = [
  {
    provider: 'openai',
    models: /^(gpt-4o|gpt-4\.1|gpt-[5-9]|o[1-9])/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 10_000_000n,
    source: OPENAI_PRICING,
  },
  {
    provider: 'anthropic',
    models: /./,
    meter: 'WEB_SEARCHES',
    priceNanousd: 10_000_000n,
    source: CLAUDE_PRICING,
  },
  {
    provider: 'google',
    models: /claude/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 10_000_000n,
    source: 'LiteLLM’s list of 2026-07-24 (vertex_ai-anthropic_models)',
  },
  {
    provider: 'google',
    models: /^gemini-([12]\.|(flash|pro|flash-lite)(-\d|-latest|$))/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 35_000_000n,
    source: `${GEMINI_PRICING}: for each grounded prompt`,
  },
  {
    provider: 'google',
    models: /^gemini-[3-9]/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 14_000_000n,
    source: `${GEMINI_PRICING}: for each query`,
  },
  {
    provider: 'x-ai',
    models: /^grok/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 5_000_000n,
    source: 'https://docs.x.ai/developers/pricing, 2026-11-30; BerriAI/litellm 30817',
  },
  requestFee(/^sonar$/, 5_000_000n, 8_000_000n, 12_000_000n),
  requestFee(/^sonar-reasoning$/, 5_000_000n, 8_000_000n, 12_000_000n),
  requestFee(/^sonar-(pro|reasoning-pro)$/, 6_000_000n, 10_000_000n, 14_000_000n),
  // Part of the request's fee.
  {
    provider: 'perplexity',
    models: /^sonar(-pro|-reasoning|-reasoning-pro)?$/,
    meter: 'WEB_SEARCHES',
    priceNanousd: 0n,
    source: 'https://docs.perplexity.ai/docs/getting-started/pricing, 2026-11-30',
  },
]

/** Rates above a size of the input, in percent of the ordinary ones. */
export interface LongContext extends Fact {
  above: bigint
  percents: Readonly<Partial<Record<Meter, bigint>>>
}

const CLAUDE_LONG: LongContext['percents'] = {
  INPUT_TOKENS: 200n,
  CACHE_READ_INPUT_TOKENS: 200n,
  CACHE_CREATION_INPUT_TOKENS: 200n,
  CACHE_CREATION_1H_INPUT_TOKENS: 200n,
  OUTPUT_TOKENS: 150n,
}

export const LONG_CONTEXTS: readonly LongContext[] = [
  {
    provider: 'aws',
    models: /anthropic\.claude-sonnet-4-(5-)?20/,
    above: 200_000n,
    percents: CLAUDE_LONG,
    source: 'LiteLLM’s list of 2026-07-24 (bedrock_converse)',
  },
  {
    provider: 'google',
    models: /^claude-4-sonnet$/,
    above: 200_000n,
    percents: CLAUDE_LONG,
    source: 'LiteLLM’s list of 2026-07-24 (vertex_ai-anthropic_models)',
  },
]

/** Models of a provider that the catalog doesn't have, in US dollars per 1M tokens of input and output. */
export const FURTHER_MODELS: readonly {
  provider: string
  source: string
  models: Readonly<Record<string, readonly [inputUsd: number, outputUsd: number]>>
}[] = [
  {
    provider: 'wandb',
    // LiteLLM's list of 2026-07-24 has 13 of W&B's models at 100,000 times their price. W&B's page has these five. It no longer
    // lists the others, or lists gpt-oss-20b at a price that the list never had (BerriAI/litellm 36911).
    source:
      'https://wandb.ai/site/pricing/inference, 2026-08-23, as BerriAI/litellm 38015 quotes it; gpt-oss-120b: 38167',
    models: {
      'openai/gpt-oss-120b': [0.15, 0.6],
      'Qwen/Qwen3-Coder-480B-A35B-Instruct': [1, 1.5],
      'meta-llama/Llama-3.1-8B-Instruct': [0.22, 0.22],
      'meta-llama/Llama-3.3-70B-Instruct': [0.71, 0.71],
      'deepseek-ai/DeepSeek-V3.1': [0.55, 1.65],
    },
  },
]

/** Days on which a daily window holds. */
export interface WeekdayRule extends Fact {
  since: Date
  weekdays: readonly number[]
}

export const WEEKDAY_RULES: readonly WeekdayRule[] = [
  {
    provider: 'deepseek',
    models: /^deepseek-v4/,
    // The windows began on that day, and the exception for weekends on 2026-08-23. No call from between can still be charged.
    since: new Date('2026-08-17T00:00:00Z'),
    weekdays: [1, 2, 3, 4, 5],
    source:
      'https://github.com/pydantic/genai-prices/issues/582, https://github.com/KunAgent/Kun/issues/1231',
  },
]
