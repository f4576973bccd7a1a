interface ProviderBody {
  format: string
  title: string
  json: unknown
  /** Counts that aren't zero. */
  usage: Record<string, number>
}

// Bodies written after the providers' references, cut down to what usage is read from. What was recorded is in recordedBodies.ts.
export const providerBodies: ProviderBody[] = [
  {
    format: 'openai.chat',
    title: 'a chat completion with everything in it',
    json: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      choices: [],
      usage: {
        prompt_tokens: 1_000,
        completion_tokens: 500,
        total_tokens: 1_500,
        prompt_tokens_details: { cached_tokens: 600, audio_tokens: 50 },
        completion_tokens_details: {
          reasoning_tokens: 200,
          audio_tokens: 20,
          accepted_prediction_tokens: 10,
          rejected_prediction_tokens: 5,
        },
      },
    },
    usage: {
      inputTokens: 1_000,
      outputTokens: 500,
      cacheReadInputTokens: 600,
      audioInputTokens: 50,
      reasoningOutputTokens: 200,
      audioOutputTokens: 20,
    },
  },
  {
    format: 'openai.chat',
    title: 'a stream, whose last chunk alone has usage',
    json: [
      { object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' } }], usage: null },
      { object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } },
    ],
    usage: { inputTokens: 9, outputTokens: 2 },
  },
  {
    format: 'openai.chat',
    title: 'embeddings, which complete nothing',
    json: { object: 'list', usage: { prompt_tokens: 8, total_tokens: 8 } },
    usage: { inputTokens: 8 },
  },
  {
    format: 'openai.chat',
    title: 'a total that includes an uncounted completion',
    json: { prompt_tokens: 8, total_tokens: 20 },
    usage: { inputTokens: 8, outputTokens: 12 },
  },
  {
    format: 'openai.chat',
    title: 'explicit zeros and nulls',
    json: { prompt_tokens: 0, completion_tokens: 0, prompt_tokens_details: null, total_tokens: null },
    usage: {},
  },
  {
    format: 'openai.chat',
    title: 'Grok, in this shape: reasoning above the completion, and a total that has both',
    json: {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 303,
      completion_tokens_details: { reasoning_tokens: 290 },
    },
    usage: { inputTokens: 12, outputTokens: 291, reasoningOutputTokens: 290 },
  },
  {
    format: 'openai.responses',
    title: 'a response with reasoning, a cache write and two searches',
    json: {
      object: 'response',
      output: [
        { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } },
        { type: 'web_search_call', status: 'completed', action: { type: 'open_page', url: 'y' } },
        { type: 'web_search_call', status: 'completed' },
        { type: 'message' },
      ],
      usage: {
        input_tokens: 4_020,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 4_012 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 4_025,
      },
    },
    usage: {
      inputTokens: 4_020,
      outputTokens: 5,
      cacheCreationInputTokens: 4_012,
      reasoningOutputTokens: 3,
      webSearches: 2,
    },
  },
  {
    format: 'openai.responses',
    title: 'three searches of which the provider bills two',
    json: {
      object: 'response',
      output: [{ type: 'web_search_call' }, { type: 'web_search_call' }, { type: 'web_search_call' }],
      tool_usage: { web_search: { num_requests: 2 } },
      usage: { input_tokens: 10, output_tokens: 5 },
    },
    usage: { inputTokens: 10, outputTokens: 5, webSearches: 2 },
  },
  {
    format: 'openai.responses',
    title: 'a stream, whose response.completed has the usage',
    json: [
      { type: 'response.created', response: { id: 'r', usage: null, output: [] } },
      { type: 'response.output_text.delta', delta: 'Hi' },
      {
        type: 'response.completed',
        response: { id: 'r', output: [], usage: { input_tokens: 7, output_tokens: 3 } },
      },
    ],
    usage: { inputTokens: 7, outputTokens: 3 },
  },
  {
    format: 'openai.responses',
    title: 'a realtime response with cached audio',
    json: {
      type: 'response.done',
      response: {
        usage: {
          total_tokens: 253,
          input_tokens: 132,
          output_tokens: 121,
          input_token_details: {
            text_tokens: 119,
            audio_tokens: 13,
            image_tokens: 0,
            cached_tokens: 64,
            cached_tokens_details: { text_tokens: 54, audio_tokens: 10, image_tokens: 0 },
          },
          output_token_details: { text_tokens: 30, audio_tokens: 91 },
        },
      },
    },
    usage: {
      inputTokens: 132,
      outputTokens: 121,
      cacheReadInputTokens: 64,
      audioInputTokens: 13,
      audioCacheReadInputTokens: 10,
      audioOutputTokens: 91,
    },
  },
  {
    format: 'openai.responses',
    title: 'an image edit',
    json: {
      input_tokens: 50,
      output_tokens: 50,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
      output_tokens_details: { image_tokens: 48, text_tokens: 2 },
    },
    usage: { inputTokens: 50, outputTokens: 50, imageInputTokens: 40, imageOutputTokens: 48 },
  },
  {
    format: 'anthropic.messages',
    title: 'input without its cache, and both times to live',
    json: {
      type: 'message',
      usage: {
        input_tokens: 21,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 1_000,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        output_tokens: 393,
        output_tokens_details: { thinking_tokens: 90 },
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
        service_tier: 'standard',
      },
    },
    usage: {
      inputTokens: 1_321,
      outputTokens: 393,
      cacheReadInputTokens: 1_000,
      cacheCreationInputTokens: 300,
      cacheCreation1hInputTokens: 200,
      reasoningOutputTokens: 90,
      webSearches: 2,
    },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream, whose usage is spread over its first event and its last',
    json: [
      {
        type: 'message_start',
        message: {
          type: 'message',
          usage: {
            input_tokens: 25,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 40,
            output_tokens: 1,
          },
        },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
      { type: 'message_stop' },
    ],
    usage: { inputTokens: 65, outputTokens: 15, cacheReadInputTokens: 40 },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream, whose last event counts everything again',
    json: [
      { type: 'message_start', message: { usage: { input_tokens: 472, output_tokens: 2 } } },
      {
        type: 'message_delta',
        usage: {
          input_tokens: 10_682,
          cache_creation_input_tokens: null,
          cache_read_input_tokens: 0,
          output_tokens: 510,
          server_tool_use: { web_search_requests: 1 },
        },
      },
    ],
    usage: { inputTokens: 10_682, outputTokens: 510, webSearches: 1 },
  },
  {
    format: 'anthropic.messages',
    title: 'parts of a cache write without their sum',
    json: {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 6 },
    },
    usage: { inputTokens: 12, outputTokens: 1, cacheCreationInputTokens: 11, cacheCreation1hInputTokens: 6 },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream that compacts and writes its cache anew, whose end says nothing of for how long',
    json: [
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 100,
            cache_creation_input_tokens: 55_096,
            cache_creation: { ephemeral_5m_input_tokens: 55_000, ephemeral_1h_input_tokens: 96 },
            output_tokens: 7,
          },
        },
      },
      {
        type: 'message_delta',
        usage: {
          input_tokens: 181,
          cache_creation_input_tokens: 0,
          output_tokens: 8,
          iterations: [
            {
              type: 'compaction',
              input_tokens: 100,
              output_tokens: 83,
              cache_creation_input_tokens: 55_096,
              cache_creation: { ephemeral_5m_input_tokens: 55_000, ephemeral_1h_input_tokens: 96 },
            },
            { type: 'message', input_tokens: 181, output_tokens: 8 },
            { type: 'advisor_message', model: 'another', input_tokens: 900, output_tokens: 900 },
          ],
        },
      },
    ],
    usage: {
      inputTokens: 55_377,
      outputTokens: 91,
      cacheCreationInputTokens: 55_096,
      cacheCreation1hInputTokens: 96,
    },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream that writes more of its cache after its start, for five minutes',
    json: [
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 79,
            cache_creation_input_tokens: 2_600,
            cache_read_input_tokens: 0,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 2_600 },
            output_tokens: 3,
          },
        },
      },
      {
        type: 'message_delta',
        usage: {
          input_tokens: 79,
          cache_creation_input_tokens: 7_924,
          cache_read_input_tokens: 2_600,
          output_tokens: 510,
        },
      },
    ],
    usage: {
      inputTokens: 10_603,
      outputTokens: 510,
      cacheReadInputTokens: 2_600,
      cacheCreationInputTokens: 7_924,
      cacheCreation1hInputTokens: 2_600,
    },
  },
  {
    format: 'gemini',
    title: 'thoughts outside of the candidates, tools outside of the prompt, modalities in lists',
    json: {
      candidates: [],
      usageMetadata: {
        promptTokenCount: 1_000,
        cachedContentTokenCount: 400,
        candidatesTokenCount: 100,
        thoughtsTokenCount: 300,
        toolUsePromptTokenCount: 50,
        totalTokenCount: 1_450,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 500 },
          { modality: 'AUDIO', tokenCount: 300 },
          { modality: 'IMAGE', tokenCount: 150 },
          { modality: 'DOCUMENT', tokenCount: 50 },
        ],
        cacheTokensDetails: [
          { modality: 'TEXT', tokenCount: 200 },
          { modality: 'AUDIO', tokenCount: 200 },
        ],
        candidatesTokensDetails: [
          { modality: 'TEXT', tokenCount: 40 },
          { modality: 'IMAGE', tokenCount: 60 },
        ],
        toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 50 }],
      },
    },
    usage: {
      inputTokens: 1_050,
      outputTokens: 400,
      cacheReadInputTokens: 400,
      reasoningOutputTokens: 300,
      audioInputTokens: 300,
      audioCacheReadInputTokens: 200,
      imageInputTokens: 200,
      imageOutputTokens: 60,
    },
  },
  {
    format: 'gemini',
    title: 'a stream, whose usage grows, cut off while it was thinking',
    json: [
      { usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 } },
      { usageMetadata: { promptTokenCount: 12, thoughtsTokenCount: 97, totalTokenCount: 109 } },
    ],
    usage: { inputTokens: 12, outputTokens: 97, reasoningOutputTokens: 97 },
  },
  {
    format: 'gemini',
    title: 'the Live API, which calls the candidates a response',
    json: {
      usageMetadata: {
        promptTokenCount: 20,
        responseTokenCount: 30,
        totalTokenCount: 50,
        responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 30 }],
      },
    },
    usage: { inputTokens: 20, outputTokens: 30, audioOutputTokens: 30 },
  },
  {
    format: 'bedrock.converse',
    title: 'input without its cache, and a one-hour write',
    json: {
      usage: {
        inputTokens: 4,
        outputTokens: 121,
        totalTokens: 2_125,
        cacheReadInputTokens: 200,
        cacheWriteInputTokens: 1_800,
        cacheDetails: [
          { ttl: '5m', inputTokens: 800 },
          { ttl: '1h', inputTokens: 1_000 },
        ],
      },
    },
    usage: {
      inputTokens: 2_004,
      outputTokens: 121,
      cacheReadInputTokens: 200,
      cacheCreationInputTokens: 1_800,
      cacheCreation1hInputTokens: 1_000,
    },
  },
  {
    format: 'bedrock.converse',
    title: 'parts of a cache write without their sum',
    json: {
      inputTokens: 4,
      outputTokens: 1,
      cacheDetails: [
        { ttl: '5m', inputTokens: 800 },
        { ttl: '1h', inputTokens: 1_000 },
      ],
    },
    usage: {
      inputTokens: 1_804,
      outputTokens: 1,
      cacheCreationInputTokens: 1_800,
      cacheCreation1hInputTokens: 1_000,
    },
  },
  {
    format: 'bedrock.converse',
    title: 'a stream, whose metadata event has the usage',
    json: [
      { contentBlockDelta: { delta: { text: 'Hi' } } },
      { messageStop: { stopReason: 'end_turn' } },
      {
        metadata: {
          usage: { inputTokens: 30, outputTokens: 628, totalTokens: 658 },
          metrics: { latencyMs: 1_275 },
        },
      },
    ],
    usage: { inputTokens: 30, outputTokens: 628 },
  },
  {
    format: 'cohere',
    title: 'billed units before tokens',
    json: {
      id: 'c',
      usage: {
        billed_units: { input_tokens: 5, output_tokens: 418 },
        tokens: { input_tokens: 71, output_tokens: 418 },
      },
    },
    usage: { inputTokens: 5, outputTokens: 418 },
  },
  {
    format: 'cohere',
    title: 'the first version, and its stream',
    json: [
      { event_type: 'text-generation', text: 'Hi' },
      {
        event_type: 'stream-end',
        response: { meta: { billed_units: { input_tokens: 3, output_tokens: 4 } } },
      },
    ],
    usage: { inputTokens: 3, outputTokens: 4 },
  },
  {
    format: 'cohere',
    title: 'a stream of the second version',
    json: [
      { type: 'content-delta', delta: { message: { content: { text: 'Hi' } } } },
      {
        type: 'message-end',
        delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 6, output_tokens: 7 } } },
      },
    ],
    usage: { inputTokens: 6, outputTokens: 7 },
  },
  {
    format: 'mistral',
    title: 'the cached part, under its older name',
    json: { usage: { prompt_tokens: 30, completion_tokens: 10, total_tokens: 40, num_cached_tokens: 16 } },
    usage: { inputTokens: 30, outputTokens: 10, cacheReadInputTokens: 16 },
  },
  {
    format: 'deepseek',
    title: 'cache hits, and reasoning inside of the completion',
    json: {
      usage: {
        prompt_tokens: 1_200,
        completion_tokens: 300,
        total_tokens: 1_500,
        prompt_cache_hit_tokens: 1_024,
        prompt_cache_miss_tokens: 176,
        prompt_tokens_details: { cached_tokens: 1_024 },
        completion_tokens_details: { reasoning_tokens: 250 },
      },
    },
    usage: { inputTokens: 1_200, outputTokens: 300, cacheReadInputTokens: 1_024, reasoningOutputTokens: 250 },
  },
  {
    format: 'xai',
    title: 'reasoning outside of the completion, and sources of a live search',
    json: {
      usage: {
        prompt_tokens: 37,
        completion_tokens: 530,
        total_tokens: 1_367,
        prompt_tokens_details: { text_tokens: 37, audio_tokens: 0, image_tokens: 0, cached_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 800, audio_tokens: 0 },
        num_sources_used: 3,
      },
    },
    usage: {
      inputTokens: 37,
      outputTokens: 1_330,
      cacheReadInputTokens: 8,
      reasoningOutputTokens: 800,
      webSearches: 3,
    },
  },
  {
    format: 'xai',
    title: 'reasoning inside of the completion, where the total says so',
    json: {
      prompt_tokens: 10,
      completion_tokens: 100,
      total_tokens: 110,
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    usage: { inputTokens: 10, outputTokens: 100, reasoningOutputTokens: 60 },
  },
  {
    format: 'xai',
    title: 'a stream of responses, with searches of the web and of X',
    json: [
      { type: 'response.output_text.delta', delta: 'Hi' },
      {
        type: 'response.completed',
        response: {
          output: [{ type: 'web_search_call' }, { type: 'message' }],
          usage: {
            input_tokens: 7_583,
            input_tokens_details: { cached_tokens: 3_072 },
            output_tokens: 3_192,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 10_775,
            server_side_tool_usage_details: { web_search_calls: 1, x_search_calls: 3, mcp_calls: 2 },
          },
        },
      },
    ],
    usage: { inputTokens: 7_583, outputTokens: 3_192, cacheReadInputTokens: 3_072, webSearches: 4 },
  },
  {
    format: 'openrouter',
    title: 'inclusive counts; its own cost is left alone',
    json: {
      usage: {
        prompt_tokens: 194,
        completion_tokens: 20,
        total_tokens: 214,
        cost: 0.95,
        cost_details: { upstream_inference_cost: 19 },
        prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 50, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 5, image_tokens: 0 },
        server_tool_use: { web_search_requests: 1 },
      },
    },
    usage: {
      inputTokens: 194,
      outputTokens: 20,
      cacheReadInputTokens: 100,
      cacheCreationInputTokens: 50,
      reasoningOutputTokens: 5,
      webSearches: 1,
    },
  },
  {
    format: 'litellm',
    title: 'an embedding, in a body whose model is the name of a group',
    json: { model: 'gpt-5', usage: { prompt_tokens: 8, completion_tokens: 0, total_tokens: 8 } },
    usage: { inputTokens: 8 },
  },
  {
    format: 'litellm',
    title: 'cache writes for an hour that only the details have',
    json: {
      prompt_tokens: 30,
      completion_tokens: 1,
      prompt_tokens_details: {
        cache_creation_token_details: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 20 },
        web_search_requests: 1,
      },
    },
    usage: {
      inputTokens: 30,
      outputTokens: 1,
      cacheCreationInputTokens: 20,
      cacheCreation1hInputTokens: 20,
      webSearches: 1,
    },
  },
]

interface Nonsense {
  format: string
  title: string
  json: unknown
  reason?: string
  field: string
}

export const nonsense: Nonsense[] = [
  {
    format: 'openai.chat',
    title: 'a negative count',
    json: { usage: { prompt_tokens: -1, completion_tokens: 1 } },
    field: 'provider_usage.json.prompt_tokens',
  },
  {
    format: 'openai.chat',
    title: 'a fraction',
    json: { prompt_tokens: 1, completion_tokens: 1.5 },
    field: 'provider_usage.json.completion_tokens',
  },
  {
    format: 'openai.chat',
    title: 'a string',
    json: { prompt_tokens: '12', completion_tokens: 1 },
    field: 'provider_usage.json.prompt_tokens',
  },
  {
    format: 'openai.chat',
    title: 'a number that nobody can count to',
    json: '{"prompt_tokens":1e300,"completion_tokens":1}',
    field: 'provider_usage.json.prompt_tokens',
  },
  {
    format: 'openai.chat',
    title: 'details that are no object',
    json: { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: [1] },
    field: 'provider_usage.json.prompt_tokens_details',
  },
  {
    format: 'openai.chat',
    title: 'a part above its total',
    json: { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 11 } },
    reason: 'IMPOSSIBLE_USAGE',
    field: 'provider_usage.cache_read_input_tokens',
  },
  {
    format: 'openai.chat',
    title: 'parts that add up to more than their total',
    json: {
      prompt_tokens: 1,
      completion_tokens: 10,
      completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 5 },
    },
    reason: 'IMPOSSIBLE_USAGE',
    field: 'provider_usage.output_tokens',
  },
  {
    format: 'openai.chat',
    title: 'a body without usage',
    json: { choices: [] },
    field: 'provider_usage.json',
  },
  { format: 'openai.chat', title: 'null usage', json: { usage: null }, field: 'provider_usage.json' },
  { format: 'openai.chat', title: 'empty usage', json: { usage: {} }, field: 'provider_usage.json' },
  { format: 'openai.chat', title: 'no bodies at all', json: [], field: 'provider_usage.json' },
  { format: 'openai.chat', title: 'something that is no object', json: '12', field: 'provider_usage.json' },
  {
    format: 'openai.chat',
    title: 'the name of another format',
    json: { input_tokens: 1 },
    field: 'provider_usage.json',
  },
  {
    format: 'anthropic.messages',
    title: 'the end of a stream without its beginning',
    json: [{ type: 'message_delta', usage: { output_tokens: 15 } }],
    field: 'provider_usage.json.input_tokens',
  },
  {
    format: 'anthropic.messages',
    title: 'cache writes that are more than their sum',
    json: {
      input_tokens: 1,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 3 },
    },
    reason: 'IMPOSSIBLE_USAGE',
    field: 'provider_usage.json.cache_creation_input_tokens',
  },
  {
    format: 'openai.chat',
    title: 'reasoning above a completion that the total says is all',
    json: {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      completion_tokens_details: { reasoning_tokens: 9 },
    },
    reason: 'IMPOSSIBLE_USAGE',
    field: 'provider_usage.reasoning_output_tokens',
  },
  {
    format: 'anthropic.messages',
    title: 'a compaction without its input',
    json: { input_tokens: 1, output_tokens: 1, iterations: [{ type: 'compaction', output_tokens: 5 }] },
    field: 'provider_usage.json.iterations[0].input_tokens',
  },
  {
    format: 'anthropic.messages',
    title: 'iterations that are no list',
    json: { input_tokens: 1, output_tokens: 1, iterations: 2 },
    field: 'provider_usage.json.iterations',
  },
  {
    format: 'gemini',
    title: 'a total of what nobody counted',
    json: { usageMetadata: { totalTokenCount: 3_512 } },
    field: 'provider_usage.json.promptTokenCount',
  },
  {
    format: 'openrouter',
    title: 'searches by halves',
    json: { prompt_tokens: 1, completion_tokens: 1, server_tool_use_details: { web_search_requests: 0.5 } },
    field: 'provider_usage.json.server_tool_use_details.web_search_requests',
  },
  {
    format: 'gemini',
    title: 'a modality without a whole count',
    json: { promptTokenCount: 5, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 0.5 }] },
    field: 'provider_usage.json.promptTokensDetails[0].tokenCount',
  },
  {
    format: 'cohere',
    title: 'units that count no input',
    json: { meta: { billed_units: { classifications: 1 } } },
    field: 'provider_usage.json.billed_units.input_tokens',
  },
  {
    format: 'bedrock.converse',
    title: 'a missing total',
    json: { usage: { outputTokens: 3 } },
    field: 'provider_usage.json.inputTokens',
  },
]
