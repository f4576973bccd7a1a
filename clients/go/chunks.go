package tollgate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// ChunkFacts is what one chunk of a provider's stream says.
type ChunkFacts struct {
	// Text is what it delivers: text, reasoning, a tool call's arguments.
	Text string
	// Usage is the provider's usage object, where it carries one, as JSON.
	Usage json.RawMessage
	// OutputTokens up to here, by the provider's count, where it states one.
	OutputTokens    int64
	HasOutputTokens bool
	// InputTokens are all prompt tokens, by the provider's count; 0 = not stated.
	InputTokens int64
	// Served is what it states beside the usage and the price depends on: the model and the tier
	// that served the call, and the calls of the provider's own tools. Named as in the provider's
	// body.
	Served map[string]any
}

// Format is how a provider streams, by the name that tollgate knows its usage by.
type Format struct {
	name string
	read func(chunk any) ChunkFacts
}

var (
	// OpenAIChat has the usage in the last chunk, with stream_options.include_usage.
	// https://platform.openai.com/docs/api-reference/chat-streaming
	OpenAIChat = Format{"openai.chat", readOpenAIChat}
	// OpenAIResponses has the usage in the event that ends the response.
	// https://platform.openai.com/docs/api-reference/responses-streaming
	OpenAIResponses = Format{"openai.responses", readOpenAIResponses}
	// AnthropicMessages has the input in the first event, and the output in the last but one.
	// https://docs.anthropic.com/en/docs/build-with-claude/streaming
	AnthropicMessages = Format{"anthropic.messages", readAnthropic}
	// Gemini has the usage in every chunk, with thoughts beside the candidates.
	// https://ai.google.dev/api/generate-content#UsageMetadata
	Gemini = Format{"gemini", readGemini}
)

// facts reads a chunk, with or without the `data:` of its event. One that is not JSON, such as
// [DONE], says nothing.
func (f Format) facts(chunk []byte) ChunkFacts {
	chunk = bytes.TrimPrefix(bytes.TrimSpace(chunk), []byte("data:"))
	decoder := json.NewDecoder(bytes.NewReader(chunk))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return ChunkFacts{}
	}
	return f.read(value)
}

func readOpenAIChat(chunk any) ChunkFacts {
	var texts []any
	for _, choice := range items(field(chunk, "choices")) {
		delta := field(choice, "delta")
		if delta == nil {
			delta = field(choice, "message")
		}
		reasoning := field(delta, "reasoning_content")
		if reasoning == nil {
			// DeepSeek's name is the one above, OpenRouter's this one.
			reasoning = field(delta, "reasoning")
		}
		texts = append(texts, field(delta, "content"), field(delta, "refusal"), reasoning)
		for _, call := range items(field(delta, "tool_calls")) {
			texts = append(texts, field(field(call, "function"), "arguments"))
		}
	}
	usage := field(chunk, "usage")
	if usage == nil {
		// Groq and Moonshot have places of their own for a stream's usage.
		usage = field(field(chunk, "x_groq"), "usage")
	}
	if choices := items(field(chunk, "choices")); usage == nil && len(choices) > 0 {
		usage = field(choices[0], "usage")
	}
	facts := factsOf(texts, usage, []string{"completion_tokens"}, []string{"prompt_tokens"})
	facts.Served = servedBy(chunk, "model", "service_tier")
	return facts
}

func readOpenAIResponses(event any) ChunkFacts {
	var texts []any
	if kind, _ := field(event, "type").(string); strings.HasSuffix(kind, ".delta") {
		texts = append(texts, field(event, "delta"))
	}
	response := field(event, "response")
	facts := factsOf(texts, field(response, "usage"), []string{"output_tokens"}, []string{"input_tokens"})
	facts.Served = servedBy(response, "model", "service_tier", "tool_usage")
	if calls := toolCalls(response); len(calls) > 0 {
		facts.Served["output"] = calls
	}
	return facts
}

// toolCalls are those of OpenAI's own tools, some of which have a fee, without what they found.
func toolCalls(response any) []any {
	var calls []any
	for _, item := range items(field(response, "output")) {
		kind, _ := field(item, "type").(string)
		if !strings.HasSuffix(kind, "_call") || kind == "function_call" {
			continue
		}
		call := map[string]any{"type": kind}
		if action := field(field(item, "action"), "type"); action != nil {
			call["action"] = map[string]any{"type": action}
		}
		if container := field(item, "container_id"); container != nil {
			call["container_id"] = container
		}
		calls = append(calls, call)
	}
	return calls
}

func readAnthropic(event any) ChunkFacts {
	delta := field(event, "delta")
	texts := []any{field(delta, "text"), field(delta, "partial_json"), field(delta, "thinking")}
	usage := field(field(event, "message"), "usage")
	if usage == nil {
		usage = field(event, "usage")
	}
	input := []string{"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"}
	facts := factsOf(texts, usage, []string{"output_tokens"}, input)
	// The usage itself has the tier, the speed and the geography.
	facts.Served = servedBy(event, "model")
	if message := field(event, "message"); message != nil {
		facts.Served = servedBy(message, "model")
	}
	return facts
}

func readGemini(chunk any) ChunkFacts {
	var texts []any
	for _, candidate := range items(field(chunk, "candidates")) {
		for _, part := range items(field(field(candidate, "content"), "parts")) {
			if call := field(part, "functionCall"); call != nil {
				text, _ := json.Marshal(call)
				texts = append(texts, string(text))
			} else {
				texts = append(texts, field(part, "text"))
			}
		}
	}
	output := []string{"candidatesTokenCount", "thoughtsTokenCount"}
	facts := factsOf(texts, field(chunk, "usageMetadata"), output, []string{"promptTokenCount"})
	// The usage itself has the tier.
	facts.Served = servedBy(chunk, "modelVersion")
	if searches := searchesIn(chunk); len(searches) > 0 {
		metadata := map[string]any{"webSearchQueries": searches}
		facts.Served["candidates"] = []any{map[string]any{"groundingMetadata": metadata}}
	}
	return facts
}

// searchesIn are the searches of the web, which have a fee, as numbers instead of their queries.
func searchesIn(chunk any) []any {
	seen := map[string]bool{}
	var numbers []any
	for _, candidate := range items(field(chunk, "candidates")) {
		for _, each := range items(field(field(candidate, "groundingMetadata"), "webSearchQueries")) {
			query, _ := each.(string)
			if strings.TrimSpace(query) != "" && !seen[query] {
				seen[query] = true
				numbers = append(numbers, strconv.Itoa(len(seen)))
			}
		}
	}
	return numbers
}

// factsOf sums the named counts of the usage object.
func factsOf(texts []any, usage any, output, input []string) ChunkFacts {
	var facts ChunkFacts
	for _, text := range texts {
		if text, ok := text.(string); ok {
			facts.Text += text
		}
	}
	if _, isObject := usage.(map[string]any); isObject {
		facts.Usage, _ = json.Marshal(usage)
		facts.OutputTokens, facts.HasOutputTokens = sumOf(usage, output)
		facts.InputTokens, _ = sumOf(usage, input)
	}
	return facts
}

// servedBy has these fields of a body, where the body has them.
func servedBy(body any, names ...string) map[string]any {
	served := map[string]any{}
	for _, name := range names {
		if value := field(body, name); value != nil && value != "" {
			served[name] = value
		}
	}
	return served
}

func sumOf(usage any, names []string) (sum int64, isStated bool) {
	for _, name := range names {
		number, _ := field(usage, name).(json.Number)
		if count, err := number.Int64(); err == nil {
			sum, isStated = sum+count, true
		}
	}
	return sum, isStated
}

func field(value any, name string) any {
	object, _ := value.(map[string]any)
	return object[name]
}

func items(value any) []any {
	list, _ := value.([]any)
	return list
}
