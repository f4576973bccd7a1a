package tollgate

import (
	"strings"
	"testing"

	"tollgate.internal/client/billingpb"
)

func word(count int) []string {
	chunks := make([]string, count)
	for index := range chunks {
		chunks[index] = `{"choices": [{"delta": {"content": "abc "}}]}`
	}
	return chunks
}

func TestWhatIsSettled(t *testing.T) {
	const start = `{"type": "message_start", "message": {"usage": {"input_tokens": 9, "cache_read_input_tokens": 5, "output_tokens": 1}}}`
	const text = `{"type": "content_block_delta", "delta": {"text": "abc "}}`
	cases := []struct {
		name         string
		format       Format
		chunks       []string
		output       int64
		stated       string
		wantEstimate bool
	}{
		{"the provider's usage", OpenAIChat, append(word(10), `{"usage": {"completion_tokens": 12}}`), 12, `{"completion_tokens":12}`, false},
		{"no usage", OpenAIChat, word(10), 10, "", true},
		{"zeros after the count", OpenAIChat, append(word(10), `{"usage": {"completion_tokens": 12}}`, `{"usage": {"completion_tokens": 0}}`), 12, `{"completion_tokens":12}`, false},
		{"zeros before the count", OpenAIChat, append([]string{`{"usage": {"completion_tokens": 0}}`}, append(word(10), `{"usage": {"completion_tokens": 12}}`)...), 12, `{"completion_tokens":12}`, false},
		{"a null", OpenAIChat, append(word(10), `{"usage": {"completion_tokens": 12}}`, `{"usage": null}`), 12, `{"completion_tokens":12}`, false},
		{"text after the count", OpenAIChat, append([]string{`{"usage": {"completion_tokens": 12}}`}, word(10)...), 22, "", true},
		{"a tenth below the words", OpenAIChat, append(word(11), `{"usage": {"completion_tokens": 10}}`), 10, `{"completion_tokens":10}`, false},
		{"more than a tenth below", OpenAIChat, append(word(12), `{"usage": {"completion_tokens": 10}}`), 12, "", true},
		{"a long word", OpenAIChat, []string{`{"choices": [{"delta": {"content": "` + strings.Repeat("x", 41) + `"}}]}`}, 11, "", true},
		{"[DONE]", OpenAIChat, append(word(1), "[DONE]"), 1, "", true},
		{"Anthropic's two events", AnthropicMessages, []string{start, text, `{"type": "message_delta", "usage": {"output_tokens": 3}}`}, 3, `[{"cache_read_input_tokens":5,"input_tokens":9,"output_tokens":1},{"output_tokens":3}]`, false},
		{"Anthropic without its last", AnthropicMessages, []string{start, text, text}, 3, `[{"cache_read_input_tokens":5,"input_tokens":9,"output_tokens":1},{"output_tokens":3}]`, true},
		{"Gemini's thoughts", Gemini, []string{`{"candidates": [{"content": {"parts": [{"text": "abc "}]}}], "usageMetadata": {"candidatesTokenCount": 1, "thoughtsTokenCount": 8}}`}, 9, `{"candidatesTokenCount":1,"thoughtsTokenCount":8}`, false},
		{"how it was served", OpenAIChat, []string{`{"model": "m", "service_tier": "flex", "choices": [{"delta": {"content": "abc "}}]}`, `{"model": "", "usage": {"completion_tokens": 2}}`}, 2, `{"model":"m","service_tier":"flex","usage":{"completion_tokens":2}}`, false},
		{"how it was served, without its usage", OpenAIChat, []string{`{"model": "m", "choices": [{"delta": {"content": "abc "}}]}`}, 1, `{"model":"m","usage":{"completion_tokens":1,"prompt_tokens":10}}`, true},
		{"Groq's usage", OpenAIChat, []string{`{"x_groq": {"usage": {"completion_tokens": 2}}}`}, 2, `{"completion_tokens":2}`, false},
		{"Moonshot's usage", OpenAIChat, []string{`{"choices": [{"delta": {}, "usage": {"completion_tokens": 2}}]}`}, 2, `{"completion_tokens":2}`, false},
		{"Anthropic's model", AnthropicMessages, []string{`{"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 9, "output_tokens": 1}}}`}, 1, `[{"model":"m","usage":{"input_tokens":9,"output_tokens":1}}]`, false},
		{"Gemini's model", Gemini, []string{`{"modelVersion": "m", "usageMetadata": {"candidatesTokenCount": 1, "trafficType": "ON_DEMAND"}}`}, 1, `{"modelVersion":"m","usageMetadata":{"candidatesTokenCount":1,"trafficType":"ON_DEMAND"}}`, false},
		{"Gemini's searches", Gemini, []string{`{"candidates": [{"groundingMetadata": {"webSearchQueries": ["secret", "", "secret", "two"]}}], "usageMetadata": {"candidatesTokenCount": 1}}`}, 1, `{"candidates":[{"groundingMetadata":{"webSearchQueries":["1","2"]}}],"usageMetadata":{"candidatesTokenCount":1}}`, false},
		{"calls of OpenAI's tools", OpenAIResponses, []string{`{"type": "response.completed", "response": {"model": "m", "output": [{"type": "message", "content": "secret"}, {"type": "function_call"}, {"type": "web_search_call", "action": {"type": "search", "query": "secret"}}], "usage": {"output_tokens": 4}}}`}, 4, `{"model":"m","output":[{"action":{"type":"search"},"type":"web_search_call"}],"usage":{"output_tokens":4}}`, false},
		{"a response that failed", OpenAIResponses, []string{`{"type": "response.output_text.delta", "delta": "abc "}`, `{"type": "response.failed", "response": {"usage": {"output_tokens": 4}}}`}, 4, `{"output_tokens":4}`, false},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			tallier, sum := tallier{}, tally{inputTokens: 10}
			for _, chunk := range each.chunks {
				sum = tallier.add(sum, each.format.facts([]byte(chunk)))
			}
			last := tallier.closing(sum, each.format)
			if output := tallier.outputTokens(sum); output != each.output {
				t.Errorf("%d tokens, not %d", output, each.output)
			}
			if stated := last.GetProviderUsage().GetJson(); stated != each.stated {
				t.Errorf("settles %q, not %q", stated, each.stated)
			}
			isEstimate := last.UsageSource == billingpb.UsageSource_USAGE_SOURCE_ESTIMATED
			if isEstimate != each.wantEstimate {
				t.Errorf("settles as %s", last.UsageSource)
			}
		})
	}
}

func TestWordsAreCountedAcrossChunks(t *testing.T) {
	tallier, sum := tallier{}, tally{}
	for _, text := range []string{"Hel", "lo wor", "ld", " ", "again\u00a0", "end"} {
		sum = tallier.add(sum, ChunkFacts{Text: text})
	}
	if sum.delivered.words != 4 {
		t.Errorf("%d words", sum.delivered.words)
	}
}

func TestTheModelsTokenizerTakesThePlaceOfTheWords(t *testing.T) {
	tallier := tallier{countTokens: func(text string) int64 { return 2 * int64(len(text)) }}
	sum := tallier.add(tally{}, ChunkFacts{Text: "abcd"})
	if output := tallier.outputTokens(sum); output != 8 {
		t.Errorf("%d tokens", output)
	}
	sum = tallier.add(sum, ChunkFacts{OutputTokens: 3, HasOutputTokens: true})
	if !tallier.isUndercounted(sum) {
		t.Error("3 of 8 are believed")
	}
}

func TestWhatIsDelivered(t *testing.T) {
	cases := []struct {
		name   string
		format Format
		chunk  string
		text   string
		input  int64
	}{
		{"a tool call", OpenAIChat, `{"choices": [{"delta": {"tool_calls": [{"function": {"arguments": "{}"}}]}}]}`, "{}", 0},
		{"reasoning", OpenAIChat, `{"choices": [{"delta": {"reasoning": "hm", "content": null}}]}`, "hm", 0},
		{"a refusal", OpenAIChat, `{"choices": [{"delta": {"refusal": "no"}}]}`, "no", 0},
		{"parts in place of text", OpenAIChat, `{"choices": [{"delta": {"content": [{"type": "text"}]}}], "usage": {"prompt_tokens": 3}}`, "", 3},
		{"thinking", AnthropicMessages, `{"delta": {"thinking": "hm"}}`, "hm", 0},
		{"a tool's input", AnthropicMessages, `{"delta": {"partial_json": "{"}}`, "{", 0},
		{"a prompt with its cache", AnthropicMessages, `{"message": {"usage": {"input_tokens": 1, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 300}}}`, "", 321},
		{"a function call", Gemini, `{"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]}`, `{"name":"f"}`, 0},
		{"a list", OpenAIChat, `[1]`, "", 0},
	}
	for _, each := range cases {
		if facts := each.format.facts([]byte(each.chunk)); facts.Text != each.text || facts.InputTokens != each.input {
			t.Errorf("%s came to %+v", each.name, facts)
		}
	}
}
