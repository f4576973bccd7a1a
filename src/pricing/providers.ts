/** Names that gateways and price lists have for one provider. The first is the bundled catalog's. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['anthropic'],
  ['aws', 'bedrock', 'bedrock_converse', 'amazon-bedrock', 'amazon_bedrock', 'aws_bedrock', 'aws.bedrock'],
  ['azure', 'azure-openai', 'azure_openai', 'azure_ai', 'azure.ai.openai', 'azure.ai.inference'],
  ['cohere', 'cohere_chat'],
  ['fireworks', 'fireworks_ai', 'fireworks-ai'],
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
  ['mistral', 'mistralai', 'mistral_ai'],
  ['moonshotai', 'moonshot'],
  ['perplexity', 'perplexity-ai'],
  ['together', 'together_ai', 'together-ai', 'togetherai'],
  ['voyageai', 'voyage'],
  ['x-ai', 'xai', 'x_ai'],
  ['zai', 'z-ai', 'z.ai'],
  ['zhipuai', 'zhipu'],
]

const GROUP_OF = new Map(SYNONYMS.flatMap((group) => group.map((name) => [name, group] as const)))

/** The provider as named, then its other names. */
export function namesOf(provider: string): string[] {
  const group = GROUP_OF.get(provider.toLowerCase()) ?? [provider.toLowerCase()]
  return [...new Set([provider, ...group])]
}

/** The catalog's name for a provider. */
export function catalogNameOf(provider: string): string {
  return GROUP_OF.get(provider.toLowerCase())?.[0] ?? provider.toLowerCase()
}

/** Whether some list or gateway calls a provider this, beside those that the catalog knows. */
export function isSynonym(name: string): boolean {
  return GROUP_OF.has(name.toLowerCase())
}
