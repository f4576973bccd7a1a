import type { StoredPrice } from '../../src/database/prices/priceRow'
import { candidatesOf } from '../../src/pricing/candidates'
import { catalogVersionsOf } from '../../src/pricing/catalog/catalogCards'
import { catalogData } from '../../src/pricing/catalog/catalogData'
import { choosePrice } from '../../src/pricing/choosePrice'
import { readUsablePriceList } from '../../src/pricing/feeds/readPriceList'

// After an import of LiteLLM's list, each of its names resolves to its own price: with the list's provider, and without one.
// One name for each way in which the list writes them (2026-07-24); the prices are made up, and all differ.
const LISTED: Readonly<Record<string, string>> = {
  'gpt-4o': 'openai',
  'azure/gpt-4o': 'azure',
  'azure/eu/gpt-4o-2024-08-06': 'azure',
  'azure_ai/deepseek-r1': 'azure_ai',
  'deepseek-chat': 'deepseek',
  'dashscope/qwen-max': 'dashscope',
  'amazon.nova-lite-v1:0': 'bedrock_converse',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0': 'bedrock_converse',
  'bedrock/eu-central-1/anthropic.claude-v2:1': 'bedrock',
  'bedrock/us-gov-west-1/amazon.titan-text-lite-v1': 'bedrock',
  'gemini-2.5-pro': 'vertex_ai-language-models',
  'gemini/gemini-2.5-pro': 'gemini',
  'vertex_ai/claude-opus-4-7': 'vertex_ai-anthropic_models',
  'claude-opus-4-7': 'anthropic',
  'command-r-plus': 'cohere_chat',
  'codestral/codestral-latest': 'codestral',
  'together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo': 'together_ai',
  'fireworks_ai/accounts/fireworks/models/deepseek-v3': 'fireworks_ai',
  'groq/llama-3.3-70b-versatile': 'groq',
  'openrouter/anthropic/claude-sonnet-4.5': 'openrouter',
  'gpt-3.5-turbo-instruct': 'text-completion-openai',
}

test('each name of the list resolves to its own price, with its provider and without', async () => {
  const stored = importOf(LISTED)
  for (const [name, provider] of Object.entries(LISTED)) {
    for (const asked of [provider, '']) {
      const price = await priceOf({ model: name, provider: asked }, stored)
      expect([name, asked, tokenPriceOf(price)]).toEqual([name, asked, centsOf(name)])
    }
  }
})

test('a list wins over the catalog under every name of its provider', async () => {
  const stored = importOf({ 'amazon.nova-lite-v1:0': 'bedrock_converse' })
  for (const provider of ['aws', 'bedrock', 'bedrock_converse', 'amazon-bedrock']) {
    expect(await priceOf({ model: 'amazon.nova-lite-v1:0', provider }, stored)).toMatchObject({
      source: 'stored',
    })
  }
})

test('where all providers agree, a bare name is its maker’s', async () => {
  const same = { 'azure/gpt-4': 'azure', 'gpt-4': 'openai' }
  const stored = importOf(same, () => 1)
  expect(await priceOf({ model: 'gpt-4', provider: '' }, stored)).toMatchObject({ provider: 'openai' })
})

const AT = new Date('2026-08-01T00:00:00Z')

/** As stored prices, each with a price of its own. */
function importOf(listed: Readonly<Record<string, string>>, centsOfName = centsIn(listed)): StoredPrice[] {
  const entries = Object.entries(listed).map(([name, litellm_provider]) => [
    name,
    {
      litellm_provider,
      mode: 'chat',
      input_cost_per_token: centsOfName(name) * 1e-8,
      output_cost_per_token: centsOfName(name) * 1e-8,
    },
  ])
  const read = readUsablePriceList('litellm', JSON.stringify(Object.fromEntries(entries)))
  if ('rejected' in read) throw new Error(read.rejected)
  return read.prices.map(({ model, provider, rateCards }) => ({
    ...{ priceId: `${provider}/${model}`, model, provider, rateCards },
    source: 'stored' as const,
    effectiveFrom: new Date(0),
  }))
}

function centsIn(listed: Readonly<Record<string, string>>): (name: string) => number {
  return (name) => Object.keys(listed).indexOf(name) + 1_001
}

function centsOf(name: string): bigint {
  return BigInt(centsIn(LISTED)(name)) * 10_000_000n
}

function tokenPriceOf(price: StoredPrice | undefined): bigint | undefined {
  return price?.rateCards.at(-1)?.rates.find(({ meter }) => meter === 'INPUT_TOKENS')?.priceNanousd
}

async function priceOf(
  asked: { model: string; provider: string },
  stored: readonly StoredPrice[],
): Promise<StoredPrice | undefined> {
  const catalog = await catalogData()
  const bundled = [...catalog.values()].flatMap((provider) =>
    provider.models.flatMap((model): StoredPrice[] => {
      const versions = catalogVersionsOf(provider.id, model)
      if ('rejected' in versions) return []
      const rateCards = versions.at(-1)?.rateCards ?? []
      const price = { priceId: 'catalog', model: model.id, provider: provider.id, rateCards }
      return [{ ...price, source: 'catalog', effectiveFrom: new Date(0) }]
    }),
  )
  return choosePrice([...bundled, ...stored], candidatesOf(catalog, asked), AT)
}
