package tollgate

import (
	"bytes"
	"encoding/json"
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

// facts reads a chunk. One that is not JSON, such as [DONE], says nothing.
func (f Format) facts(chunk []byte) ChunkFacts {
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
	return factsOf(texts, field(chunk, "usage"), []string{"completion_tokens"}, []string{"prompt_tokens"})
}

func readOpenAIResponses(event any) ChunkFacts {
	var texts []any
	if kind, _ := field(event, "type").(string); strings.HasSuffix(kind, ".delta") {
		texts = append(texts, field(event, "delta"))
	}
	usage := field(field(event, "response"), "usage")
	return factsOf(texts, usage, []string{"output_tokens"}, []string{"input_tokens"})
}

func readAnthropic(event any) ChunkFacts {
	delta := field(event, "delta")
	texts := []any{field(delta, "text"), field(delta, "partial_json"), field(delta, "thinking")}
	usage := field(field(event, "message"), "usage")
	if usage == nil {
		usage = field(event, "usage")
	}
	input := []string{"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"}
	return factsOf(texts, usage, []string{"output_tokens"}, input)
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
	return factsOf(texts, field(chunk, "usageMetadata"), output, []string{"promptTokenCount"})
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
