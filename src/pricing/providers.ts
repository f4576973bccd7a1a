/** Names that gateways and price lists have for one provider. The first is the bundled catalog's. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['anthropic'],
  [
    'aws',
    'bedrock',
    'bedrock_converse',
    'bedrock_mantle',
    'amazon-bedrock',
    'amazon_bedrock',
    'aws_bedrock',
    'aws.bedrock',
  ],
  [
    'azure',
    'azure-openai',
    'azure_openai',
    'azure_ai',
    'azure_text',
    'azure.ai.openai',
    'azure.ai.inference',
  ],
  ['cohere', 'cohere_chat'],
  ['fireworks', 'fireworks_ai', 'fireworks-ai', 'fireworks_ai-embedding-models'],
  [
    'google',
    'gemini',
    'vertex_ai',
    'vertex-ai',
    'vertexai',
    'google-vertex',
    'google-ai-studio',
    'gcp.gemini',
    'gcp.vertex_ai',
  ],
  ['github-copilot', 'github_copilot'],
  ['inception', 'text-completion-inception'],
  ['mistral', 'mistralai', 'mistral_ai', 'codestral', 'text-completion-codestral'],
  ['moonshotai', 'moonshot'],
  ['openai', 'text-completion-openai'],
  ['perplexity', 'perplexity-ai'],
  ['together', 'together_ai', 'together-ai', 'togetherai'],
  ['voyageai', 'voyage'],
  ['x-ai', 'xai', 'x_ai'],
  ['zai', 'z-ai', 'z.ai'],
  ['zhipuai', 'zhipu'],
]

const GROUP_OF = new Map(SYNONYMS.flatMap((group) => group.map((name) => [name, group] as const)))

/** The provider as named, then as price lists name it, then its other names. */
export function namesOf(provider: string): string[] {
  const name = listNameOf(provider.toLowerCase())
  return [...new Set([provider, name, ...(GROUP_OF.get(name) ?? [])])]
}

/** The catalog's name for a provider. */
export function catalogNameOf(provider: string): string {
  const name = listNameOf(provider.toLowerCase())
  return GROUP_OF.get(name)?.[0] ?? name
}

/**
 * One name for what LiteLLM calls the kinds of a provider: `vertex_ai-anthropic_models` are all
 * Vertex's, and `bedrock_converse` is Bedrock.
 */
export function listNameOf(litellmProvider: string): string {
  if (litellmProvider.startsWith('vertex_ai-')) return 'vertex_ai'
  return LIST_NAMES.get(litellmProvider) ?? litellmProvider.replace(/-embedding-models$/, '')
}

const LIST_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bedrock_converse: 'bedrock',
    bedrock_mantle: 'bedrock',
    cohere_chat: 'cohere',
    azure_text: 'azure',
    codestral: 'mistral',
    'text-completion-openai': 'openai',
    'text-completion-codestral': 'mistral',
    'text-completion-inception': 'inception',
  }),
)

/** Whose a model is, where its bare name says so: what a list without a provider means by it. */
export function makerOf(model: string): string | undefined {
  return MAKERS.find(([names]) => names.test(model.toLowerCase()))?.[1]
}

const MAKERS: readonly (readonly [RegExp, string])[] = [
  // AWS's own spelling: `us.anthropic.claude-…`, `meta.llama3-…`, `…-v1:0`.
  [
    /^(?:(?:us|eu|apac|au|jp|ca|sa|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|google|xai|minimax|moonshot|nvidia|stability|twelvelabs|writer|zai)\.|-v\d+:\d+$/,
    'aws',
  ],
  [
    /^(?:gpt-|chatgpt-|o\d|codex-|computer-use|text-embedding-(?:3|ada)|davinci|babbage|ada$|ft:|omni-moderation)/,
    'openai',
  ],
  [/^claude-/, 'anthropic'],
  [/^(?:gemini-|deep-research-pro|text-embedding-00)/, 'google'],
  [/^(?:command|embed-|rerank)/, 'cohere'],
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'x-ai'],
  [/^sonar/, 'perplexity'],
]

/** Whether some list or gateway calls a provider this, beside those that the catalog knows. */
export function isSynonym(name: string): boolean {
  return GROUP_OF.has(name.toLowerCase())
}
