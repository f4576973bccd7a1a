// Original file: proto/tollgate/billing/v1/types.proto


/**
 * The provider's own usage object, passed through untouched. The service knows for
 * each format which counts include which (Anthropic's input excludes its cache,
 * Gemini's candidates exclude its thoughts, ...) and turns it into a Usage.
 */
export interface ProviderUsage {
  /**
   * One of: openai.chat, openai.responses, anthropic.messages, gemini, bedrock.converse,
   * cohere, mistral, deepseek, xai, openrouter, litellm.
   */
  'format'?: (string);
  /**
   * The usage object, the body with it, or an array of bodies in order of arrival, as JSON, exactly as the provider sent it.
   */
  'json'?: (string);
}

/**
 * The provider's own usage object, passed through untouched. The service knows for
 * each format which counts include which (Anthropic's input excludes its cache,
 * Gemini's candidates exclude its thoughts, ...) and turns it into a Usage.
 */
export interface ProviderUsage__Output {
  /**
   * One of: openai.chat, openai.responses, anthropic.messages, gemini, bedrock.converse,
   * cohere, mistral, deepseek, xai, openrouter, litellm.
   */
  'format': (string);
  /**
   * The usage object, the body with it, or an array of bodies in order of arrival, as JSON, exactly as the provider sent it.
   */
  'json': (string);
}
