import type { Served } from '../../../src/domain/usage/served'

interface FieldBody {
  format: string
  /** As the gateway asked for it. */
  model?: string
  title: string
  json: unknown
  /** Counts that aren't zero. */
  usage: Record<string, number>
  /** Named units, with their counts. */
  units?: Record<string, string>
  /** Facts that aren't empty. */
  served?: Partial<Served>
  unread?: string[]
  /** A part of each note. */
  assumed?: string[]
  source: string
}

// Bodies from the issues of other projects, which charged them wrong.
export const reportedByTheField: FieldBody[] = [
  {
    format: 'openai.chat',
    title: 'Moonshot’s cache hits stand beside the counts',
    json: { prompt_tokens: 2048, completion_tokens: 100, total_tokens: 2148, cached_tokens: 1792 },
    usage: { inputTokens: 2048, outputTokens: 100, cacheReadInputTokens: 1792 },
    source: 'promptfoo/promptfoo 10132',
  },
  {
    format: 'openai.chat',
    title: 'Moonshot’s streams have the usage in their choice',
    json: {
      model: 'kimi-k2',
      choices: [
        {
          index: 0,
          delta: {},
          usage: { prompt_tokens: 2048, completion_tokens: 100, total_tokens: 2148, cached_tokens: 1792 },
        },
      ],
    },
    usage: { inputTokens: 2048, outputTokens: 100, cacheReadInputTokens: 1792 },
    served: { model: 'kimi-k2' },
    source: 'earendil-works/pi 2017',
  },
  {
    format: 'openai.chat',
    title: 'Groq’s streams have the usage in x_groq',
    json: [
      { choices: [{ delta: { content: 'Hi' } }] },
      {
        choices: [],
        service_tier: 'on_demand',
        x_groq: {
          id: 'req_1',
          usage: { queue_time: 0.02, prompt_tokens: 18, completion_tokens: 7, total_tokens: 25 },
        },
      },
    ],
    usage: { inputTokens: 18, outputTokens: 7 },
    served: { serviceTier: 'on_demand' },
    source: 'https://console.groq.com/docs/text-chat',
  },
  {
    format: 'openai.chat',
    title: 'DashScope’s explicit cache writes',
    json: {
      prompt_tokens: 2000,
      completion_tokens: 50,
      total_tokens: 2050,
      prompt_tokens_details: { cache_creation_input_tokens: 1889, cache_type: 'ephemeral', cached_tokens: 0 },
    },
    usage: { inputTokens: 2000, outputTokens: 50, cacheCreationInputTokens: 1889 },
    source: 'BerriAI/litellm 40090',
  },
  {
    format: 'openai.chat',
    title: 'LiteLLM’s cache writes and reads under Anthropic’s names, inside of the prompt',
    json: {
      prompt_tokens: 9000,
      completion_tokens: 50,
      total_tokens: 9050,
      cache_creation_input_tokens: 2000,
      cache_read_input_tokens: 6000,
      prompt_tokens_details: {
        cached_tokens: 6000,
        cache_creation_tokens: 2000,
        cache_creation_token_details: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 1500 },
      },
    },
    usage: {
      inputTokens: 9000,
      outputTokens: 50,
      cacheReadInputTokens: 6000,
      cacheCreationInputTokens: 2000,
      cacheCreation1hInputTokens: 1500,
    },
    source: 'https://docs.litellm.ai/docs/completion/prompt_caching',
  },
  {
    format: 'openai.chat',
    title: 'the same names, outside of the prompt, as the total says',
    json: {
      prompt_tokens: 10,
      completion_tokens: 50,
      total_tokens: 8060,
      cache_creation_input_tokens: 2000,
      cache_read_input_tokens: 6000,
    },
    usage: {
      inputTokens: 8010,
      outputTokens: 50,
      cacheReadInputTokens: 6000,
      cacheCreationInputTokens: 2000,
    },
    assumed: ['exclude the cache'],
    source: 'made up after Anthropic’s rule',
  },
  {
    format: 'openai.chat',
    title: 'Perplexity’s deep research counts citations, reasoning and searches beside the total',
    json: {
      prompt_tokens: 108,
      completion_tokens: 3256,
      total_tokens: 3364,
      citation_tokens: 7299,
      num_search_queries: 74,
      reasoning_tokens: 73248,
    },
    usage: {
      inputTokens: 108,
      outputTokens: 83803,
      reasoningOutputTokens: 73248,
      citationOutputTokens: 7299,
      webSearches: 74,
    },
    source: 'bgeneto/open-webui-cost-tracker 6',
  },
  {
    format: 'openai.chat',
    title: 'Perplexity states how much of the web it read; what it states as its cost is left alone',
    json: {
      prompt_tokens: 10,
      completion_tokens: 140,
      total_tokens: 150,
      search_context_size: 'low',
      cost: { input_tokens_cost: 0.00001, request_cost: 0.005, total_cost: 1 },
    },
    usage: { inputTokens: 10, outputTokens: 140 },
    served: { searchContextSize: 'low' },
    source: 'vercel/ai 13705',
  },
  {
    format: 'openai.chat',
    title: 'SGLang’s reasoning beside the counts is inside of the completion',
    json: { prompt_tokens: 11, completion_tokens: 60, total_tokens: 71, reasoning_tokens: 40 },
    usage: { inputTokens: 11, outputTokens: 60, reasoningOutputTokens: 40 },
    source: 'https://docs.sglang.ai/basic_usage/openai_api_completions.html',
  },
  {
    format: 'openai.chat',
    title: 'a count that nobody knows is named',
    json: {
      prompt_tokens: 11,
      completion_tokens: 60,
      total_tokens: 71,
      video_tokens: 9,
      prompt_tokens_details: { tool_tokens: 4 },
    },
    usage: { inputTokens: 11, outputTokens: 60 },
    unread: ['video_tokens', 'prompt_tokens_details.tool_tokens'],
    source: 'made up',
  },
  {
    format: 'gemini',
    title: 'an embedding’s details have a name in the singular',
    json: {
      usageMetadata: {
        promptTokenCount: 260,
        promptTokenDetails: [
          { modality: 'TEXT', tokenCount: 2 },
          { modality: 'IMAGE', tokenCount: 258 },
        ],
      },
    },
    usage: { inputTokens: 260, imageInputTokens: 258 },
    source: 'BerriAI/litellm 33681',
  },
  {
    format: 'gemini',
    title: 'video tokens of an embedding',
    json: {
      usageMetadata: { promptTokenCount: 660, promptTokensDetails: [{ modality: 'VIDEO', tokenCount: 660 }] },
    },
    usage: { inputTokens: 660 },
    units: { video_token: '660' },
    source: 'anomalyco/models.dev 1752',
  },
  {
    format: 'openai.responses',
    title: 'the seconds that Whisper transcribed',
    json: { text: '…', usage: { type: 'duration', seconds: 11 } },
    usage: {},
    units: { audio_second: '11' },
    source: 'api7/aisix 868, envoyproxy/ai-gateway 2186',
  },
  {
    format: 'openai.chat',
    title: 'a verbose transcript, which has no usage',
    json: {
      task: 'transcribe',
      duration: 8.470000267028809,
      text: '…',
      segments: [{ id: 0, seek: 0, tokens: [5] }],
    },
    usage: {},
    units: { audio_second: '8.47' },
    source: 'https://platform.openai.com/docs/api-reference/audio/verbose-json-object',
  },
  {
    format: 'openai.responses',
    title: 'a transcript that is billed by tokens',
    json: {
      usage: {
        ...{ type: 'tokens', total_tokens: 45, input_tokens: 14, output_tokens: 31 },
        input_token_details: { text_tokens: 0, audio_tokens: 14 },
      },
    },
    usage: { inputTokens: 14, audioInputTokens: 14, outputTokens: 31 },
    source: 'https://platform.openai.com/docs/api-reference/audio/json-object',
  },
  {
    format: 'openai.responses',
    title: 'a Realtime session that transcribes, and answers',
    json: [
      {
        ...{ type: 'conversation.item.input_audio_transcription.completed', item_id: 'a', content_index: 0 },
        usage: { type: 'duration', seconds: 1.5 },
      },
      { type: 'response.done', response: { id: 'r', usage: { input_tokens: 5, output_tokens: 7 } } },
      {
        ...{ type: 'conversation.item.input_audio_transcription.completed', item_id: 'b', content_index: 0 },
        usage: { type: 'duration', seconds: 2 },
      },
    ],
    usage: { inputTokens: 5, outputTokens: 7 },
    units: { audio_second: '3.5' },
    source: 'https://platform.openai.com/docs/api-reference/realtime-server-events',
  },
  {
    format: 'openai.responses',
    title: 'images of a model that states no usage',
    json: { created: 1_713_833_628, data: [{ url: '…' }, { b64_json: '…' }] },
    usage: {},
    units: { image: '2' },
    source: 'https://platform.openai.com/docs/api-reference/images/object',
  },
  {
    format: 'openai.responses',
    title: 'images by quality and size',
    json: { created: 1, quality: 'high', size: '1024x1536', data: [{ b64_json: '…' }] },
    usage: {},
    units: { 'image/high/1024x1536': '1' },
    source: 'https://platform.openai.com/docs/api-reference/images/object',
  },
  {
    format: 'openai.responses',
    title: 'a video job',
    json: {
      id: 'video_1',
      object: 'video',
      model: 'sora-2',
      seconds: '8',
      size: '1280x720',
      status: 'completed',
    },
    usage: {},
    units: { video_second: '8' },
    served: { model: 'sora-2' },
    source: 'https://platform.openai.com/docs/api-reference/videos/object',
  },
  {
    format: 'mistral',
    title: 'the pages of an OCR',
    json: {
      model: 'mistral-ocr-2505',
      pages: [{ index: 0 }],
      usage_info: { pages_processed: 3, doc_size_bytes: 3_002_783 },
    },
    usage: {},
    units: { page: '3' },
    served: { model: 'mistral-ocr-2505' },
    source: 'mistralai/client-ts docs/models/components/ocrusageinfo.md',
  },
  {
    format: 'gemini',
    title: 'video of which a part was cached, beside the voice in it',
    json: {
      usageMetadata: {
        ...{
          promptTokenCount: 1_000,
          cachedContentTokenCount: 300,
          candidatesTokenCount: 10,
          totalTokenCount: 1_010,
        },
        promptTokensDetails: [
          { modality: 'VIDEO', tokenCount: 700 },
          { modality: 'AUDIO', tokenCount: 200 },
          { modality: 'TEXT', tokenCount: 100 },
        ],
        cacheTokensDetails: [{ modality: 'VIDEO', tokenCount: 300 }],
      },
    },
    usage: { inputTokens: 1_000, cacheReadInputTokens: 300, audioInputTokens: 200, outputTokens: 10 },
    units: { video_token: '400' },
    source: 'https://ai.google.dev/api/generate-content#UsageMetadata',
  },
  {
    format: 'cohere',
    title: 'a rerank’s search units',
    json: { meta: { billed_units: { search_units: 3 } } },
    usage: {},
    units: { search_unit: '3' },
    source: 'maximhq/bifrost 4239',
  },
  {
    format: 'anthropic.messages',
    title: 'a later zero leaves the input of the start',
    json: [
      {
        type: 'message_start',
        message: { model: 'claude-x', usage: { input_tokens: 15, output_tokens: 1 } },
      },
      { type: 'message_delta', usage: { input_tokens: 0, output_tokens: 16 } },
    ],
    usage: { inputTokens: 15, outputTokens: 16 },
    served: { model: 'claude-x' },
    source: 'envoyproxy/ai-gateway 1631',
  },
  {
    format: 'anthropic.messages',
    title: 'later zeros leave the cache of the start',
    json: [
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 10,
            cache_read_input_tokens: 50_000,
            cache_creation_input_tokens: 2_000,
            output_tokens: 1,
          },
        },
      },
      {
        type: 'message_delta',
        usage: {
          input_tokens: 0,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 0,
          output_tokens: 300,
        },
      },
    ],
    usage: {
      inputTokens: 52_010,
      outputTokens: 300,
      cacheReadInputTokens: 50_000,
      cacheCreationInputTokens: 2_000,
    },
    source: 'sgl-project/sglang 20830',
  },
  {
    format: 'openai.chat',
    title: 'a last chunk of zeros leaves the usage before it',
    json: [
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 45,
          total_tokens: 145,
          prompt_tokens_details: { cached_tokens: 64 },
        },
      },
      {
        usage: {
          prompt_tokens: 0,
          completion_tokens: 0,
          total_tokens: 0,
          prompt_tokens_details: { cached_tokens: 0 },
        },
      },
    ],
    usage: { inputTokens: 100, outputTokens: 45, cacheReadInputTokens: 64 },
    source: 'pydantic/pydantic-ai 7913',
  },
  {
    format: 'openai.responses',
    title: 'the turns of a Realtime session add up, each of them once',
    json: [
      { type: 'response.done', response: { id: 'resp_1', usage: { input_tokens: 100, output_tokens: 10 } } },
      { type: 'response.done', response: { id: 'resp_2', usage: { input_tokens: 150, output_tokens: 20 } } },
      { type: 'response.done', response: { id: 'resp_2', usage: { input_tokens: 150, output_tokens: 20 } } },
    ],
    usage: { inputTokens: 250, outputTokens: 30 },
    source: 'https://platform.openai.com/docs/guides/realtime-costs',
  },
  {
    format: 'openai.responses',
    title: 'the tier that served',
    json: {
      id: 'resp_1',
      model: 'gpt-5-2025-08-07',
      service_tier: 'default',
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    },
    usage: { inputTokens: 10, outputTokens: 5 },
    served: { model: 'gpt-5-2025-08-07', serviceTier: 'default' },
    source: 'BerriAI/litellm 31837',
  },
  {
    format: 'anthropic.messages',
    title: 'tier, speed and geography are inside of the usage',
    json: {
      input_tokens: 23,
      output_tokens: 10,
      service_tier: 'priority',
      speed: 'fast',
      inference_geo: 'us',
    },
    usage: { inputTokens: 23, outputTokens: 10 },
    served: { serviceTier: 'priority', speed: 'fast', geography: 'us' },
    source: 'BerriAI/litellm 38369, maximhq/bifrost 4267',
  },
  {
    format: 'gemini',
    title: 'Vertex states the tier as its traffic',
    json: {
      promptTokenCount: 7,
      candidatesTokenCount: 205,
      totalTokenCount: 212,
      trafficType: 'ON_DEMAND_FLEX',
    },
    usage: { inputTokens: 7, outputTokens: 205 },
    served: { serviceTier: 'flex' },
    source: 'BerriAI/litellm 37724',
  },
  {
    format: 'bedrock.converse',
    model: 'openai.gpt-5.6-sol-v1:0',
    title: 'OpenAI’s models count the cache inside of the input',
    json: {
      inputTokens: 8369,
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: 8367,
      outputTokens: 100,
      totalTokens: 16836,
    },
    usage: { inputTokens: 8369, outputTokens: 100, cacheCreationInputTokens: 8367 },
    assumed: ['as OpenAI models on Bedrock report it'],
    source: 'earendil-works/pi 8752',
  },
  {
    format: 'bedrock.converse',
    model: 'anthropic.claude-opus-4-8-v1:0',
    title: 'the same numbers of another model follow the contract',
    json: { inputTokens: 8369, cacheWriteInputTokens: 8367, outputTokens: 100, totalTokens: 16836 },
    usage: { inputTokens: 16736, outputTokens: 100, cacheCreationInputTokens: 8367 },
    assumed: ['as Bedrock documents it'],
    source: 'earendil-works/pi 8752',
  },
  {
    format: 'bedrock.converse',
    title: 'a total without the cache says that the input has it',
    json: { inputTokens: 9000, cacheReadInputTokens: 8000, outputTokens: 100, totalTokens: 9100 },
    usage: { inputTokens: 9000, outputTokens: 100, cacheReadInputTokens: 8000 },
    assumed: ['as totalTokens says'],
    source: 'made up after the same',
  },
  {
    format: 'bedrock.converse',
    model: 'openai.gpt-5.6-sol-v1:0',
    title: 'less input than cache can only be beside it, whatever the model',
    json: {
      inputTokens: 2,
      cacheReadInputTokens: 13923,
      cacheWriteInputTokens: 7262,
      outputTokens: 100,
      totalTokens: 21287,
    },
    usage: {
      inputTokens: 21187,
      outputTokens: 100,
      cacheReadInputTokens: 13923,
      cacheCreationInputTokens: 7262,
    },
    source: 'earendil-works/pi 8752',
  },
  {
    format: 'anthropic.messages',
    title: 'a cache write of which both parts are the whole',
    json: {
      input_tokens: 3,
      cache_creation_input_tokens: 463184,
      cache_creation: { ephemeral_5m_input_tokens: 463184, ephemeral_1h_input_tokens: 463184 },
      output_tokens: 664,
    },
    usage: {
      inputTokens: 463187,
      outputTokens: 664,
      cacheCreationInputTokens: 463184,
      cacheCreation1hInputTokens: 463184,
    },
    assumed: ['for an hour'],
    source: 'Wei-Shaw/sub2api 6125',
  },
  {
    format: 'openai.responses',
    title: 'an image says nothing of its output, which is image tokens',
    json: {
      input_tokens: 3987,
      input_tokens_details: { text_tokens: 943, image_tokens: 3044 },
      output_tokens: 196,
      total_tokens: 4183,
    },
    usage: { inputTokens: 3987, outputTokens: 196, imageInputTokens: 3044, imageOutputTokens: 196 },
    assumed: ['image tokens'],
    source: 'BerriAI/litellm 31142',
  },
  ...['openai.chat', 'openrouter', 'deepseek', 'mistral'].map((format) => ({
    format,
    title: 'thinking that the total alone has',
    json: {
      completion_tokens: 0,
      total_tokens: 81,
      prompt_tokens: 21,
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    usage: { inputTokens: 21, outputTokens: 60, reasoningOutputTokens: 60 },
    assumed: ['total_tokens'],
    source: 'router-for-me/CLIProxyAPI 5733',
  })),
  {
    format: 'mistral',
    title: 'what Mistral’s connectors found is input, and their searches have a fee',
    json: {
      usage: {
        prompt_tokens: 188,
        completion_tokens: 55,
        total_tokens: 7355,
        connector_tokens: 7112,
        connectors: { web_search: 1 },
      },
      object: 'conversation.response',
    },
    usage: { inputTokens: 7300, outputTokens: 55, webSearches: 1 },
    source: 'https://docs.mistral.ai/agents/tools/built-in/websearch',
  },
  {
    format: 'mistral',
    title: 'other connectors, which no meter counts, are named',
    json: {
      usage: {
        prompt_tokens: 95,
        completion_tokens: 209,
        total_tokens: 399,
        connector_tokens: 95,
        connectors: { code_interpreter: 1 },
      },
    },
    usage: { inputTokens: 190, outputTokens: 209 },
    unread: ['connectors.code_interpreter'],
    source: 'https://docs.mistral.ai/agents/tools/built-in/code_interpreter',
  },
  {
    format: 'openai.chat',
    title: 'an embedding that states its total alone',
    json: { object: 'list', model: 'voyage-3.5', usage: { total_tokens: 10 } },
    usage: { inputTokens: 10 },
    served: { model: 'voyage-3.5' },
    assumed: ['prompt_tokens are what total_tokens has'],
    source: 'https://docs.voyageai.com/reference/embeddings-api',
  },
  {
    format: 'openai.chat',
    title: 'a line of a batch’s output was served as a batch',
    json: {
      id: 'batch_req_wnaDys',
      custom_id: 'request-2',
      response: {
        status_code: 200,
        request_id: 'req_c187b3',
        body: {
          model: 'gpt-4o-mini',
          service_tier: 'default',
          usage: { prompt_tokens: 24, completion_tokens: 15, total_tokens: 39 },
        },
      },
      error: null,
    },
    usage: { inputTokens: 24, outputTokens: 15 },
    served: { model: 'gpt-4o-mini', serviceTier: 'batch' },
    source: 'https://platform.openai.com/docs/api-reference/batch/request-output',
  },
  {
    format: 'openai.responses',
    title: 'a line of a batch of responses, with a search',
    json: {
      custom_id: 'request-1',
      response: {
        status_code: 200,
        body: {
          model: 'gpt-5',
          output: [{ type: 'web_search_call', action: { type: 'search' } }],
          usage: { input_tokens: 24, output_tokens: 15, total_tokens: 39 },
        },
      },
    },
    usage: { inputTokens: 24, outputTokens: 15, webSearches: 1 },
    served: { model: 'gpt-5', serviceTier: 'batch' },
    source: 'https://platform.openai.com/docs/api-reference/batch/request-output',
  },
  {
    format: 'anthropic.messages',
    title: 'a line of a batch’s results names its tier',
    json: {
      custom_id: 'my-second-request',
      result: {
        type: 'succeeded',
        message: {
          model: 'claude-sonnet-4-5',
          usage: { input_tokens: 11, output_tokens: 36, service_tier: 'batch' },
        },
      },
    },
    usage: { inputTokens: 11, outputTokens: 36 },
    served: { model: 'claude-sonnet-4-5', serviceTier: 'batch' },
    source: 'https://docs.anthropic.com/en/api/retrieving-message-batch-results',
  },
  {
    format: 'gemini',
    title: 'a grounded prompt of Gemini 2.5 is one search, however many queries it took',
    json: {
      modelVersion: 'gemini-2.5-flash',
      candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b', 'c'] } }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 },
    },
    usage: { inputTokens: 10, outputTokens: 20, webSearches: 1 },
    served: { model: 'gemini-2.5-flash' },
    source: 'https://ai.google.dev/gemini-api/docs/google-search, iyulab/TokenMeter 0.13.0',
  },
  {
    format: 'gemini',
    title: 'each query of Gemini 3 is a search, but for empty and repeated ones, over a whole stream',
    model: 'gemini-3-flash-preview',
    json: [
      { candidates: [{ content: { parts: [{ text: 'Hi' }] } }] },
      {
        candidates: [{ groundingMetadata: { webSearchQueries: ['', 'equity platforms', '', 'a vs b'] } }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 },
      },
      {
        candidates: [{ groundingMetadata: { webSearchQueries: ['a vs b', 'c'] } }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 25, totalTokenCount: 35 },
      },
    ],
    usage: { inputTokens: 10, outputTokens: 25, webSearches: 3 },
    source: 'https://discuss.ai.google.dev/t/168136',
  },
  {
    format: 'gemini',
    title: 'a cache beside the prompt, as the total says',
    json: {
      usageMetadata: {
        promptTokenCount: 10,
        cachedContentTokenCount: 1000,
        candidatesTokenCount: 20,
        totalTokenCount: 1030,
      },
    },
    usage: { inputTokens: 1010, cacheReadInputTokens: 1000, outputTokens: 20 },
    assumed: ['promptTokenCount excludes the cache'],
    source: 'the same numbers as in other formats',
  },
  {
    format: 'openai.responses',
    title: 'a cache beside the input, as the total says',
    json: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 1000 },
      output_tokens: 20,
      total_tokens: 1030,
    },
    usage: { inputTokens: 1010, cacheReadInputTokens: 1000, outputTokens: 20 },
    assumed: ['input_tokens exclude the cache'],
    source: 'the same numbers as in other formats',
  },
  {
    format: 'litellm',
    title: 'cache and reasoning outside, as the total says',
    json: {
      prompt_tokens: 10,
      prompt_tokens_details: { cached_tokens: 1000 },
      completion_tokens: 20,
      completion_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 1030,
    },
    usage: { inputTokens: 1010, cacheReadInputTokens: 1000, outputTokens: 20, reasoningOutputTokens: 5 },
    assumed: ['prompt_tokens exclude the cache'],
    source: 'the same numbers as in other formats',
  },
  {
    format: 'litellm',
    title: 'reasoning beside the completion, as the total says',
    json: {
      prompt_tokens: 21,
      completion_tokens: 0,
      completion_tokens_details: { reasoning_tokens: 60 },
      total_tokens: 81,
    },
    usage: { inputTokens: 21, outputTokens: 60, reasoningOutputTokens: 60 },
    assumed: ['total_tokens has reasoning'],
    source: 'router-for-me/CLIProxyAPI 5733',
  },
  {
    format: 'openai.responses',
    title: 'calls of tools with a fee that no meter counts are named',
    json: {
      type: 'response.completed',
      response: {
        output: [
          { type: 'file_search_call' },
          { type: 'code_interpreter_call', container_id: 'c' },
          { type: 'code_interpreter_call', container_id: 'c' },
          { type: 'function_call' },
          { type: 'web_search_call', action: { type: 'search' } },
        ],
        usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
      },
    },
    usage: { inputTokens: 10, outputTokens: 5, webSearches: 1 },
    unread: ['output.file_search_call', 'output.code_interpreter_call'],
    source: 'https://developers.openai.com/api/docs/pricing',
  },
]
