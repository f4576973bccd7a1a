/** The facts in one chunk of a provider's stream, or in a whole answer. */
export interface ChunkFacts {
  /** The delivered text, reasoning and arguments of tool calls. */
  text: string
  /** The provider's usage object, if the chunk has one. */
  usage?: object
  /** All completion tokens so far, by the provider's count. */
  outputTokens?: number
  /** All prompt tokens, by the provider's count. */
  inputTokens?: number
}

export type ChunkReader = (chunk: unknown) => ChunkFacts

/** The provider formats in which streams and answers can be read. */
export type MeteredFormat = 'openai.chat' | 'openai.responses' | 'anthropic.messages' | 'gemini'

export const CHUNK_READERS: Readonly<Record<MeteredFormat, ChunkReader>> = {
  'openai.chat': readOpenAiChat,
  'openai.responses': readOpenAiResponses,
  'anthropic.messages': readAnthropic,
  gemini: readGemini,
}

/**
 * https://platform.openai.com/docs/api-reference/chat-streaming. The last chunk has the usage if
 * `stream_options.include_usage` is set. A whole answer has messages instead of deltas.
 */
function readOpenAiChat(chunk: unknown): ChunkFacts {
  const texts = itemsOf(fieldOf(chunk, 'choices')).flatMap((choice) => {
    const delta = fieldOf(choice, 'delta') ?? fieldOf(choice, 'message')
    const calls = itemsOf(fieldOf(delta, 'tool_calls')).map((call) =>
      fieldOf(fieldOf(call, 'function'), 'arguments'),
    )
    return [
      fieldOf(delta, 'content'),
      fieldOf(delta, 'refusal'),
      // DeepSeek and OpenRouter add these fields to OpenAI's format.
      fieldOf(delta, 'reasoning_content') ?? fieldOf(delta, 'reasoning'),
      ...calls,
    ]
  })
  const usage = fieldOf(chunk, 'usage')
  return facts(texts, usage, numberOf(usage, 'completion_tokens'), numberOf(usage, 'prompt_tokens'))
}

/**
 * https://platform.openai.com/docs/api-reference/responses-streaming. The event that ends the
 * response has the usage. A whole answer is that response.
 */
function readOpenAiResponses(event: unknown): ChunkFacts {
  const isDelta = String(fieldOf(event, 'type')).endsWith('.delta')
  const isAnswer = fieldOf(event, 'object') === 'response'
  const usage = fieldOf(isAnswer ? event : fieldOf(event, 'response'), 'usage')
  const texts = itemsOf(fieldOf(event, 'output')).flatMap((item) => [
    fieldOf(item, 'arguments'),
    ...itemsOf(fieldOf(item, 'content')).map((part) => fieldOf(part, 'text')),
  ])
  return facts(
    isDelta ? [fieldOf(event, 'delta')] : isAnswer ? texts : [],
    usage,
    numberOf(usage, 'output_tokens'),
    numberOf(usage, 'input_tokens'),
  )
}

/**
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming. The first event has the input
 * tokens, the last but one has the output tokens. A whole answer is a message.
 */
function readAnthropic(event: unknown): ChunkFacts {
  const delta = fieldOf(event, 'delta')
  const blocks = fieldOf(event, 'type') === 'message' ? itemsOf(fieldOf(event, 'content')) : []
  const texts = blocks.flatMap((block) => {
    const input = fieldOf(block, 'input')
    return [fieldOf(block, 'text'), fieldOf(block, 'thinking'), input && JSON.stringify(input)]
  })
  const usage = fieldOf(fieldOf(event, 'message'), 'usage') ?? fieldOf(event, 'usage')
  const input = numberOf(usage, 'input_tokens')
  const cached =
    (numberOf(usage, 'cache_read_input_tokens') ?? 0) + (numberOf(usage, 'cache_creation_input_tokens') ?? 0)
  return facts(
    [...texts, fieldOf(delta, 'text'), fieldOf(delta, 'partial_json'), fieldOf(delta, 'thinking')],
    usage,
    numberOf(usage, 'output_tokens'),
    input === undefined ? undefined : input + cached,
  )
}

/**
 * https://ai.google.dev/api/generate-content#UsageMetadata. Every chunk has the usage, which counts
 * thoughts separately from candidates.
 */
function readGemini(chunk: unknown): ChunkFacts {
  const parts = itemsOf(fieldOf(chunk, 'candidates')).flatMap((candidate) =>
    itemsOf(fieldOf(fieldOf(candidate, 'content'), 'parts')),
  )
  const texts = parts.map((part) => {
    const call = fieldOf(part, 'functionCall')
    return call === undefined ? fieldOf(part, 'text') : JSON.stringify(call)
  })
  const usage = fieldOf(chunk, 'usageMetadata')
  const candidates = numberOf(usage, 'candidatesTokenCount')
  const thoughts = numberOf(usage, 'thoughtsTokenCount')
  const output =
    candidates === undefined && thoughts === undefined ? undefined : (candidates ?? 0) + (thoughts ?? 0)
  return facts(texts, usage, output, numberOf(usage, 'promptTokenCount'))
}

function facts(
  texts: readonly unknown[],
  usage: unknown,
  outputTokens?: number,
  inputTokens?: number,
): ChunkFacts {
  return {
    text: texts.filter((text) => typeof text === 'string').join(''),
    ...(typeof usage === 'object' && usage !== null && { usage }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(inputTokens !== undefined && { inputTokens }),
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name] ?? undefined
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: unknown, name: string): number | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'number' ? field : undefined
}
