import type { Meter } from '../../../src/domain/rating/price'

interface RecordedBody {
  format: string
  title: string
  /** Repository, commit and path of the recording. */
  source: string
  json: unknown
  /** Counts that aren't zero, by the provider's own description of its fields. */
  usage: Record<string, number>
  /** What the provider itself said that it charged, and its list price at the time: nano-USD a million tokens, or a search. */
  charged?: { rates: Partial<Record<Meter, number>>; nanousd: number }
}

const PYDANTIC_AI = 'pydantic/pydantic-ai'
const VERCEL_AI = 'vercel/ai'

/**
 * What providers really answered, as recorded in the tests of public projects, which say where and when. Only the counts are
 * taken over, which are facts: texts are left out, and of a stream all events that say nothing of usage.
 */
export const recordedBodies: RecordedBody[] = [
  {
    format: 'openai.chat',
    title: 'o3-mini, which thinks inside of its completion',
    source: `${PYDANTIC_AI}@18a9c77c85b1c4954984d884b70df22909c8023d tests/models/cassettes/test_openai/test_max_completion_tokens[o3-mini].yaml`,
    json: {
      usage: {
        completion_tokens: 87,
        completion_tokens_details: {
          accepted_prediction_tokens: 0,
          audio_tokens: 0,
          reasoning_tokens: 64,
          rejected_prediction_tokens: 0,
        },
        prompt_tokens: 7,
        prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
        total_tokens: 94,
      },
    },
    usage: { inputTokens: 7, outputTokens: 87, reasoningOutputTokens: 64 },
  },
  {
    format: 'openai.chat',
    title: 'gpt-4o-audio-preview hearing a recording',
    source: `${PYDANTIC_AI}@f077d56ce09d88b03c046985161230fad796aa0d tests/models/cassettes/test_openai/test_openai_audio_url_input.yaml`,
    json: {
      usage: {
        completion_tokens: 72,
        completion_tokens_details: {
          accepted_prediction_tokens: 0,
          audio_tokens: 0,
          reasoning_tokens: 0,
          rejected_prediction_tokens: 0,
          text_tokens: 72,
        },
        prompt_tokens: 81,
        prompt_tokens_details: { audio_tokens: 69, cached_tokens: 0, image_tokens: 0, text_tokens: 12 },
        total_tokens: 153,
      },
    },
    usage: { inputTokens: 81, outputTokens: 72, audioInputTokens: 69 },
  },
  {
    format: 'openai.chat',
    title: 'the last chunks of a stream of gpt-4o-mini',
    source: `${PYDANTIC_AI}@de90fcbe272f0e428260aa08c5e22b9b0ecab696 tests/models/cassettes/test_openai/test_run_stream_sync_streams_real_model.yaml`,
    json: [
      {
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
        usage: null,
      },
      {
        object: 'chat.completion.chunk',
        choices: [],
        usage: {
          prompt_tokens: 53,
          completion_tokens: 15,
          total_tokens: 68,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
      },
    ],
    usage: { inputTokens: 53, outputTokens: 15 },
  },
  {
    format: 'openai.chat',
    title: 'gemini-2.5-pro in this shape, whose thinking is in the total alone',
    source: `${PYDANTIC_AI}@111dda9bcd3bb8542d24be815343c17ca133e4e8 tests/models/cassettes/test_openai/test_compatible_api_with_tool_calls_without_id.yaml`,
    json: { usage: { completion_tokens: 12, prompt_tokens: 35, total_tokens: 126 } },
    usage: { inputTokens: 35, outputTokens: 91, reasoningOutputTokens: 79 },
  },
  {
    format: 'openai.responses',
    title: 'gpt-5, with most of its input from the cache',
    source:
      'pydantic/genai-prices@016961828b5ecb1e38932a5675fe9afa2668a135 tests/dataset/usages.json (test_openai_responses_thinking_with_code_execution_tool)',
    json: {
      usage: {
        input_tokens: 1493,
        input_tokens_details: { cached_tokens: 1280 },
        output_tokens: 125,
        output_tokens_details: { reasoning_tokens: 64 },
        total_tokens: 1618,
      },
    },
    usage: { inputTokens: 1493, outputTokens: 125, cacheReadInputTokens: 1280, reasoningOutputTokens: 64 },
  },
  {
    format: 'openai.responses',
    title: 'gpt-5.6-sol, whose body counts the searches itself: none',
    source: `${VERCEL_AI}@0bb8d1ee0a454e972ea36c02c661693e3add899a packages/openai/src/responses/__fixtures__/issue-19921-prompt-cache-breakpoint.json`,
    json: {
      object: 'response',
      output: [{ type: 'message', status: 'completed' }],
      tool_usage: { image_gen: { input_tokens: 0, output_tokens: 0 }, web_search: { num_requests: 0 } },
      usage: {
        input_tokens: 41,
        input_tokens_details: { cache_write_tokens: 0, cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 46,
      },
    },
    usage: { inputTokens: 41, outputTokens: 5 },
  },
  {
    format: 'openai.responses',
    title: 'a spoken turn of a realtime session',
    source: `${PYDANTIC_AI}@18cc3172a53be2475d8d49b041dd5dd3379a00fe tests/realtime/cassettes/test_openai_ws/test_audio_in_server_vad_turn.yaml`,
    json: {
      type: 'response.done',
      response: {
        object: 'realtime.response',
        usage: {
          total_tokens: 146,
          input_tokens: 41,
          output_tokens: 105,
          input_token_details: {
            text_tokens: 14,
            audio_tokens: 27,
            image_tokens: 0,
            cached_tokens: 0,
            cached_tokens_details: { text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
          },
          output_token_details: { text_tokens: 29, audio_tokens: 76 },
        },
      },
    },
    usage: { inputTokens: 41, outputTokens: 105, audioInputTokens: 27, audioOutputTokens: 76 },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream of claude-sonnet-4-6 that writes an hour’s cache, whose end doesn’t say for how long',
    source: `${PYDANTIC_AI}@f6a5ff09922b90b9a6d2ff9cb33c389a609fe948 tests/models/cassettes/test_anthropic/test_anthropic_cache_earlier_breakpoint_raised_to_later_longer_ttl.yaml`,
    json: [
      {
        type: 'message_start',
        message: {
          type: 'message',
          usage: {
            input_tokens: 13,
            cache_creation_input_tokens: 3913,
            cache_read_input_tokens: 0,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 3913 },
            output_tokens: 1,
            service_tier: 'standard',
            inference_geo: 'global',
          },
        },
      },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: {
          input_tokens: 13,
          cache_creation_input_tokens: 3913,
          cache_read_input_tokens: 0,
          output_tokens: 4,
        },
      },
    ],
    usage: {
      inputTokens: 3926,
      outputTokens: 4,
      cacheCreationInputTokens: 3913,
      cacheCreation1hInputTokens: 3913,
    },
  },
  {
    format: 'anthropic.messages',
    title: 'a compaction, which the totals leave out and which is billed',
    source: `${PYDANTIC_AI}@72199add373d7842582eec65531357812ef3bf1b tests/models/cassettes/test_anthropic/test_anthropic_compaction_usage_with_cache.yaml`,
    json: {
      type: 'message',
      usage: {
        cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        input_tokens: 180,
        iterations: [
          {
            cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 55096 },
            cache_creation_input_tokens: 55096,
            cache_read_input_tokens: 0,
            input_tokens: 100,
            output_tokens: 82,
            type: 'compaction',
          },
          {
            cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            input_tokens: 180,
            output_tokens: 8,
            type: 'message',
          },
        ],
        output_tokens: 8,
        server_tool_use: { web_fetch_requests: 0, web_search_requests: 0 },
        service_tier: 'standard',
      },
    },
    usage: { inputTokens: 55376, outputTokens: 90, cacheCreationInputTokens: 55096 },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream with a compaction, whose start counts the compaction and whose end doesn’t',
    source: `${PYDANTIC_AI}@2c5e4d1a48a1e7d60d5ff4d5dc77a804ccbe4c75 tests/models/cassettes/test_anthropic/test_anthropic_compaction_usage_with_cache_streaming.yaml`,
    json: [
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 100,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 55096,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            output_tokens: 7,
          },
        },
      },
      {
        type: 'message_delta',
        usage: {
          input_tokens: 181,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 8,
          iterations: [
            {
              input_tokens: 100,
              output_tokens: 83,
              cache_read_input_tokens: 55096,
              cache_creation_input_tokens: 0,
              cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
              type: 'compaction',
            },
            {
              input_tokens: 181,
              output_tokens: 8,
              cache_read_input_tokens: 0,
              cache_creation_input_tokens: 0,
              cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
              type: 'message',
            },
          ],
        },
      },
    ],
    usage: { inputTokens: 55377, outputTokens: 91, cacheReadInputTokens: 55096 },
  },
  {
    format: 'anthropic.messages',
    title: 'the end of a stream with a web search, whose results have become input',
    source: `${VERCEL_AI}@df7ba0ef7c602a01cf49c1a0baa71416a52fac9f packages/anthropic/src/__fixtures__/anthropic-web-search-tool.1.chunks.txt`,
    json: [
      {
        type: 'message_delta',
        usage: {
          input_tokens: 15665,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 795,
          server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
        },
      },
    ],
    usage: { inputTokens: 15665, outputTokens: 795, webSearches: 1 },
  },
  {
    format: 'anthropic.messages',
    title: 'a stream of claude-opus-4-5 whose end corrects the input',
    source: `${VERCEL_AI}@1de5912905477811c0779a96d1bf8c17b14a108a packages/anthropic/src/__fixtures__/anthropic-message-delta-input-tokens.chunks.txt`,
    json: [
      { type: 'message_start', message: { usage: { input_tokens: 43, output_tokens: 1 } } },
      { type: 'message_delta', usage: { input_tokens: 61, output_tokens: 2 } },
    ],
    usage: { inputTokens: 61, outputTokens: 2 },
  },
  {
    format: 'gemini',
    title: 'gemini-2.5-flash, with a cached prompt and thoughts outside of the candidates',
    source: `${PYDANTIC_AI}@2a33f3346c14c8a4ca128d2a0c09e5cce6ef521b tests/models/google/cassettes/test_cache/test_google_model_cached_content.yaml`,
    json: {
      modelVersion: 'gemini-2.5-flash',
      usageMetadata: {
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 3512 }],
        cachedContentTokenCount: 3512,
        candidatesTokenCount: 2,
        promptTokenCount: 3520,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3520 }],
        serviceTier: 'standard',
        thoughtsTokenCount: 42,
        totalTokenCount: 3564,
      },
    },
    usage: { inputTokens: 3520, outputTokens: 44, cacheReadInputTokens: 3512, reasoningOutputTokens: 42 },
  },
  {
    format: 'gemini',
    title: 'gemini-3.7-flash, whose tool put images into the prompt',
    source: `${PYDANTIC_AI}@346d4abbcfb54fe889fb135e288280dc5e35f45a tests/models/google/cassettes/test_agentic_video/test_agentic_video_processing[non-streaming].yaml`,
    json: {
      usageMetadata: {
        candidatesTokenCount: 69,
        promptTokenCount: 47,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 47 }],
        serviceTier: 'standard',
        thoughtsTokenCount: 147,
        toolUsePromptTokenCount: 1922,
        toolUsePromptTokensDetails: [
          { modality: 'IMAGE', tokenCount: 1800 },
          { modality: 'TEXT', tokenCount: 122 },
        ],
        totalTokenCount: 2185,
      },
    },
    usage: { inputTokens: 1969, outputTokens: 216, imageInputTokens: 1800, reasoningOutputTokens: 147 },
  },
  {
    format: 'gemini',
    title: 'a stream of gemini-3-pro-preview, whose candidates grow',
    source: `${VERCEL_AI}@a0d48878ddcde83d53951f80bb8fd3e1117ab0a0 packages/google/src/__fixtures__/google-reasoning-gemini3.chunks.txt`,
    json: [13, 23, 23].map((candidatesTokenCount) => ({
      usageMetadata: {
        promptTokenCount: 9,
        candidatesTokenCount,
        totalTokenCount: 311 + candidatesTokenCount,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }],
        thoughtsTokenCount: 302,
      },
    })),
    usage: { inputTokens: 9, outputTokens: 325, reasoningOutputTokens: 302 },
  },
  {
    format: 'gemini',
    title: 'a spoken turn of the Live API',
    source: `${PYDANTIC_AI}@51000b8e8d82d6c9894dcd005976d416e3c7a637 tests/realtime/cassettes/test_google_ws/test_audio_in_server_vad_turn.yaml`,
    json: [
      { serverContent: { generationComplete: true } },
      {
        serverContent: { turnComplete: true },
        usageMetadata: {
          promptTokenCount: 1197,
          responseTokenCount: 37,
          totalTokenCount: 1234,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 1196 },
            { modality: 'AUDIO', tokenCount: 1 },
          ],
          responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 37 }],
          thoughtsTokenCount: 28,
        },
      },
    ],
    usage: {
      inputTokens: 1197,
      outputTokens: 65,
      audioInputTokens: 1,
      audioOutputTokens: 37,
      reasoningOutputTokens: 28,
    },
  },
  {
    format: 'bedrock.converse',
    title: 'claude-sonnet-4-5 writing a cache, under both names',
    source: `${PYDANTIC_AI}@111dda9bcd3bb8542d24be815343c17ca133e4e8 tests/models/cassettes/test_bedrock/test_bedrock_cache_write_and_read.yaml`,
    json: {
      usage: {
        cacheDetails: [{ inputTokens: 1322, ttl: '5m' }],
        cacheReadInputTokenCount: 0,
        cacheReadInputTokens: 0,
        cacheWriteInputTokenCount: 1322,
        cacheWriteInputTokens: 1322,
        inputTokens: 2,
        outputTokens: 5,
        serverToolUsage: {},
        totalTokens: 1329,
      },
    },
    usage: { inputTokens: 1324, outputTokens: 5, cacheCreationInputTokens: 1322 },
  },
  {
    format: 'bedrock.converse',
    title: 'the same again, reading it',
    source: `${PYDANTIC_AI}@111dda9bcd3bb8542d24be815343c17ca133e4e8 tests/models/cassettes/test_bedrock/test_bedrock_cache_write_and_read.yaml`,
    json: {
      usage: {
        cacheReadInputTokenCount: 1322,
        cacheReadInputTokens: 1322,
        cacheWriteInputTokenCount: 0,
        cacheWriteInputTokens: 0,
        inputTokens: 2,
        outputTokens: 5,
        serverToolUsage: {},
        totalTokens: 1329,
      },
    },
    usage: { inputTokens: 1324, outputTokens: 5, cacheReadInputTokens: 1322 },
  },
  {
    format: 'bedrock.converse',
    title: 'the end of a stream',
    source: `${VERCEL_AI}@3ef7867dc6d6f2b2c92d9f883a0773d2b403abe1 packages/amazon-bedrock/src/__fixtures__/issue-17523-converse-stream.chunks.txt`,
    json: [
      { messageStop: { stopReason: 'max_tokens' } },
      {
        metadata: {
          metrics: { latencyMs: 317 },
          usage: { inputTokens: 2, outputTokens: 10, totalTokens: 12 },
        },
      },
    ],
    usage: { inputTokens: 2, outputTokens: 10 },
  },
  {
    format: 'cohere',
    title: 'command-r7b, with more tokens from its cache than it bills',
    source: `${PYDANTIC_AI}@5fffc9e409c434fe92c285af21d7849c23328e54 tests/models/cassettes/test_cohere/test_request_usage_with_cached_tokens.yaml`,
    json: {
      usage: {
        billed_units: { input_tokens: 2406, output_tokens: 2 },
        cached_tokens: 2928,
        tokens: { input_tokens: 2935, output_tokens: 4 },
      },
    },
    usage: { inputTokens: 2406, outputTokens: 2 },
  },
  {
    format: 'cohere',
    title: 'the end of a stream',
    source: `${VERCEL_AI}@4f0ab874aa2570ffa11f11e10a2e5719bc687cc3 packages/cohere/src/__fixtures__/issue-22070-cached-usage.chunks.txt`,
    json: [
      { type: 'content-end', index: 0 },
      {
        type: 'message-end',
        delta: {
          finish_reason: 'MAX_TOKENS',
          usage: {
            billed_units: { input_tokens: 5, output_tokens: 2 },
            tokens: { input_tokens: 500, output_tokens: 5 },
            cached_tokens: 448,
          },
        },
      },
    ],
    usage: { inputTokens: 5, outputTokens: 2 },
  },
  {
    format: 'mistral',
    title: 'the end of a stream of mistral-small',
    source: `${VERCEL_AI}@1d59af4caf524f7758965ebd7584a2db49b64752 packages/mistral/src/__fixtures__/mistral-usage-raw-live.chunks.txt`,
    json: [
      {
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 19,
          total_tokens: 21,
          completion_tokens: 2,
          prompt_tokens_details: { cached_tokens: 0 },
          service_tier: 'standard',
        },
      },
    ],
    usage: { inputTokens: 19, outputTokens: 2 },
  },
  {
    format: 'deepseek',
    title: 'deepseek-v4-flash, with cache hits and reasoning inside of the completion',
    source: `${PYDANTIC_AI}@8db8e9d8ce68482095d6a98fe0f0ff9a8c5b9f73 tests/models/cassettes/test_deepseek/test_deepseek_deferred_capability_with_thinking.yaml`,
    json: {
      usage: {
        completion_tokens: 116,
        completion_tokens_details: { reasoning_tokens: 60 },
        prompt_cache_hit_tokens: 512,
        prompt_cache_miss_tokens: 51,
        prompt_tokens: 563,
        prompt_tokens_details: { cached_tokens: 512 },
        total_tokens: 679,
      },
    },
    usage: { inputTokens: 563, outputTokens: 116, cacheReadInputTokens: 512, reasoningOutputTokens: 60 },
  },
  {
    format: 'xai',
    title: 'the end of a stream of grok-3-mini, which thinks outside of its completion',
    source: `${VERCEL_AI}@6b056ab1eadbd2a8c9f268caf6abd5fff45dc7d2 packages/xai/src/__fixtures__/xai-text.chunks.txt`,
    json: [
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      {
        object: 'chat.completion.chunk',
        choices: [],
        usage: {
          prompt_tokens: 12,
          completion_tokens: 1,
          total_tokens: 303,
          prompt_tokens_details: { text_tokens: 12, audio_tokens: 0, image_tokens: 0, cached_tokens: 11 },
          completion_tokens_details: {
            reasoning_tokens: 290,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
          num_sources_used: 0,
          cost_in_usd_ticks: 1466250,
        },
      },
    ],
    usage: { inputTokens: 12, outputTokens: 291, cacheReadInputTokens: 11, reasoningOutputTokens: 290 },
    charged: {
      rates: { INPUT_TOKENS: 300_000_000, CACHE_READ_INPUT_TOKENS: 75_000_000, OUTPUT_TOKENS: 500_000_000 },
      nanousd: 146_625,
    },
  },
  {
    format: 'xai',
    title: 'grok-4.3 by chat completions, thinking outside',
    source: `${VERCEL_AI}@2d186fe1603a78a0eee6ce6d8b39ee331ee7a8c8 packages/xai/src/responses/__fixtures__/issue-17936-chat.json`,
    json: {
      object: 'chat.completion',
      usage: {
        prompt_tokens: 197,
        completion_tokens: 1,
        total_tokens: 344,
        prompt_tokens_details: { text_tokens: 197, audio_tokens: 0, image_tokens: 0, cached_tokens: 192 },
        completion_tokens_details: { reasoning_tokens: 146, audio_tokens: 0 },
        num_sources_used: 0,
        cost_in_usd_ticks: 4121500,
      },
    },
    usage: { inputTokens: 197, outputTokens: 147, cacheReadInputTokens: 192, reasoningOutputTokens: 146 },
    charged: {
      rates: {
        INPUT_TOKENS: 1_250_000_000,
        CACHE_READ_INPUT_TOKENS: 200_000_000,
        OUTPUT_TOKENS: 2_500_000_000,
      },
      nanousd: 412_150,
    },
  },
  {
    format: 'xai',
    title: 'grok-4.3 by responses, thinking inside',
    source: `${VERCEL_AI}@2d186fe1603a78a0eee6ce6d8b39ee331ee7a8c8 packages/xai/src/responses/__fixtures__/issue-17936-generate.json`,
    json: {
      object: 'response',
      output: [{ type: 'reasoning' }, { type: 'message' }],
      usage: {
        input_tokens: 197,
        input_tokens_details: { cached_tokens: 128 },
        output_tokens: 111,
        output_tokens_details: { reasoning_tokens: 110 },
        total_tokens: 308,
        num_sources_used: 0,
        num_server_side_tools_used: 0,
        cost_in_usd_ticks: 3893500,
        context_details: { input_tokens: 197, output_tokens: 111 },
      },
    },
    usage: { inputTokens: 197, outputTokens: 111, cacheReadInputTokens: 128, reasoningOutputTokens: 110 },
    charged: {
      rates: {
        INPUT_TOKENS: 1_250_000_000,
        CACHE_READ_INPUT_TOKENS: 200_000_000,
        OUTPUT_TOKENS: 2_500_000_000,
      },
      nanousd: 389_350,
    },
  },
  {
    format: 'xai',
    title: 'a web search that only the output shows',
    source: `${VERCEL_AI}@562aae6f42c58dc5ddab33dbe920f30bfec3e4db packages/xai/src/responses/__fixtures__/xai-web-search-tool.1.json`,
    json: {
      object: 'response',
      output: [{ type: 'web_search_call', name: 'web_search', status: 'completed' }, { type: 'message' }],
      usage: {
        input_tokens: 1941,
        input_tokens_details: { cached_tokens: 947 },
        output_tokens: 583,
        output_tokens_details: { reasoning_tokens: 380 },
        total_tokens: 2524,
        num_sources_used: 0,
        num_server_side_tools_used: 1,
      },
    },
    usage: {
      inputTokens: 1941,
      outputTokens: 583,
      cacheReadInputTokens: 947,
      reasoningOutputTokens: 380,
      webSearches: 1,
    },
  },
  {
    format: 'openrouter',
    title: 'gpt-4.1-mini with a web search',
    source: `${PYDANTIC_AI}@e78d0a0d9ed541e13ae0486c2290bf15eafa71ac tests/models/cassettes/test_openrouter/test_openrouter_web_search_tool_usage.yaml`,
    json: {
      usage: {
        completion_tokens: 30,
        completion_tokens_details: { audio_tokens: 0, image_tokens: 0, reasoning_tokens: 0 },
        cost: 0.0133176,
        cost_details: { upstream_inference_cost: 0.0133176 },
        is_byok: false,
        prompt_tokens: 8174,
        prompt_tokens_details: { audio_tokens: 0, cache_write_tokens: 0, cached_tokens: 0, video_tokens: 0 },
        server_tool_use_details: { web_search_requests: 1 },
        total_tokens: 8204,
      },
    },
    usage: { inputTokens: 8174, outputTokens: 30, webSearches: 1 },
    charged: {
      rates: { INPUT_TOKENS: 400_000_000, OUTPUT_TOKENS: 1_600_000_000, WEB_SEARCHES: 10_000_000 },
      nanousd: 13_317_600,
    },
  },
  {
    format: 'openrouter',
    title: 'claude-sonnet-4.6 at Amazon',
    source: `${PYDANTIC_AI}@6a3ba5863b376cb2c1202b9f31fd84bfc9f5f418 tests/models/cassettes/test_openrouter/test_openrouter_cache_tool_definitions_e2e.yaml`,
    json: {
      usage: {
        completion_tokens: 27,
        completion_tokens_details: { audio_tokens: 0, image_tokens: 0, reasoning_tokens: 0 },
        cost: 0.002103,
        is_byok: false,
        prompt_tokens: 566,
        prompt_tokens_details: { audio_tokens: 0, cache_write_tokens: 0, cached_tokens: 0, video_tokens: 0 },
        total_tokens: 593,
      },
    },
    usage: { inputTokens: 566, outputTokens: 27 },
    charged: { rates: { INPUT_TOKENS: 3_000_000_000, OUTPUT_TOKENS: 15_000_000_000 }, nanousd: 2_103_000 },
  },
  {
    format: 'litellm',
    title: 'claude with a cache for an hour, a search and reasoning',
    source:
      'LiteLLM 1.108.7 and 1.95.1, AnthropicConfig.calculate_usage of 12 fresh, 2,048 read, 500 + 1,000 written, 503 out',
    json: {
      completion_tokens: 503,
      prompt_tokens: 3560,
      total_tokens: 4063,
      completion_tokens_details: { reasoning_tokens: 61, text_tokens: 442 },
      prompt_tokens_details: {
        cache_write_tokens: 1500,
        cached_tokens: 2048,
        text_tokens: 12,
        cache_creation_tokens: 1500,
        cache_creation_token_details: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 1000 },
      },
      server_tool_use: { web_search_requests: 2 },
      cache_creation_input_tokens: 1500,
      cache_read_input_tokens: 2048,
      service_tier: 'standard',
    },
    usage: {
      inputTokens: 3560,
      outputTokens: 503,
      cacheReadInputTokens: 2048,
      cacheCreationInputTokens: 1500,
      cacheCreation1hInputTokens: 1000,
      reasoningOutputTokens: 61,
      webSearches: 2,
    },
  },
  {
    format: 'litellm',
    title: 'gemini with audio and thoughts',
    source:
      'LiteLLM 1.108.7 and 1.95.1, VertexGeminiConfig._calculate_usage of 20 candidates and 300 thoughts',
    json: {
      completion_tokens: 320,
      prompt_tokens: 100,
      total_tokens: 420,
      completion_tokens_details: { reasoning_tokens: 300, text_tokens: 20 },
      prompt_tokens_details: { audio_tokens: 20, cached_tokens: 64, text_tokens: 16 },
      cache_read_input_tokens: 64,
    },
    usage: {
      inputTokens: 100,
      outputTokens: 320,
      cacheReadInputTokens: 64,
      audioInputTokens: 20,
      reasoningOutputTokens: 300,
    },
  },
]
