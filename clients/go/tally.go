package tollgate

import (
	"encoding/json"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"tollgate.internal/client/billingpb"
)

const (
	// English text in the usual tokenizers. Other languages have more bytes, and more tokens, per
	// letter.
	bytesPerToken = 4
	// A word is at least one token, so a count this far below the words is wrong: more than a
	// tenth.
	undercountTenths = 11
)

// tally is what a generation has used up to and including one chunk. It is a value: a chunk that is
// held back leaves the tally before it untouched.
type tally struct {
	inputTokens int64
	// The provider's highest count of output tokens.
	reportedOutputTokens int64
	// Text that arrived after that count, and all text.
	unreported, delivered counts
	endsInsideWord        bool
	// The provider's first usage object, and the one with the highest count, which may be the same.
	firstUsage, highestUsage json.RawMessage
	// What the provider last stated beside its usage. It is never changed in place.
	served map[string]any
}

type counts struct {
	chunks, bytes int64
	// Runs of characters that are not white space.
	words int64
	// By the gateway's tokenizer; 0 without one.
	tokens int64
}

// tallier adds chunks up, with the model's tokenizer where the gateway has it.
type tallier struct {
	countTokens func(text string) int64
}

// add: a later count never lowers an earlier one, because some providers end with zeros.
func (t tallier) add(before tally, facts ChunkFacts) tally {
	added := t.countsOf(facts.Text, before.endsInsideWord)
	isHighest := facts.HasOutputTokens && facts.OutputTokens >= before.reportedOutputTokens
	next := before
	next.delivered = before.delivered.plus(added)
	next.unreported = before.unreported.plus(added)
	if facts.InputTokens > 0 {
		next.inputTokens = facts.InputTokens
	}
	if isHighest {
		next.reportedOutputTokens = facts.OutputTokens
		if facts.OutputTokens > 0 {
			next.unreported = counts{}
		}
	}
	if last, size := utf8.DecodeLastRuneInString(facts.Text); size > 0 {
		next.endsInsideWord = !unicode.IsSpace(last)
	}
	if json.Valid(facts.Usage) && (isHighest || before.highestUsage == nil) {
		next.highestUsage = facts.Usage
		if next.firstUsage == nil {
			next.firstUsage = facts.Usage
		}
	}
	if len(facts.Served) > 0 {
		next.served = maps.Clone(before.served)
		if next.served == nil {
			next.served = map[string]any{}
		}
		maps.Copy(next.served, facts.Served)
	}
	return next
}

// outputTokens is the provider's count plus what arrived after it. Where that is more than a tenth
// below the words delivered, the gateway's own count of everything takes its place.
func (t tallier) outputTokens(of tally) int64 {
	reported := of.reportedOutputTokens + t.estimate(of.unreported)
	if t.isUndercounted(of) {
		return max(reported, t.estimate(of.delivered))
	}
	return reported
}

func (t tallier) isUndercounted(of tally) bool {
	least := of.delivered.words
	if t.countTokens != nil {
		least = of.delivered.tokens
	}
	return least*10 > (of.reportedOutputTokens+t.estimate(of.unreported))*undercountTenths
}

func (t tallier) usage(of tally) *billingpb.Usage {
	return &billingpb.Usage{InputTokens: of.inputTokens, OutputTokens: t.outputTokens(of)}
}

// closing is what to settle: the provider's usage where it covers everything that arrived, else the
// count.
func (t tallier) closing(of tally, format Format) *billingpb.StreamClose {
	isWhole := of.unreported.chunks == 0 && !t.isUndercounted(of)
	isAnthropic := format.name == AnthropicMessages.name
	if format.name == "" || of.highestUsage == nil || !isWhole && !isAnthropic {
		return t.estimated(of, format)
	}
	source, stated := billingpb.UsageSource_USAGE_SOURCE_PROVIDER, of.body(format, of.highestUsage)
	if isAnthropic {
		// The first event has the cache's parts of the prompt, which count even where the last
		// event never came.
		parts := []any{of.body(format, of.firstUsage)}
		if string(of.firstUsage) != string(of.highestUsage) {
			parts = append(parts, of.highestUsage)
		}
		if !isWhole {
			source = billingpb.UsageSource_USAGE_SOURCE_ESTIMATED
			parts = append(parts, map[string]int64{"output_tokens": t.outputTokens(of)})
		}
		stated, _ = json.Marshal(parts)
	}
	usage := &billingpb.ProviderUsage{Format: format.name, Json: string(stated)}
	return &billingpb.StreamClose{
		Measured:    &billingpb.StreamClose_ProviderUsage{ProviderUsage: usage},
		UsageSource: source,
	}
}

// estimated is the gateway's own count; in the provider's format where the provider stated how it
// served the call.
func (t tallier) estimated(of tally, format Format) *billingpb.StreamClose {
	closing := &billingpb.StreamClose{UsageSource: billingpb.UsageSource_USAGE_SOURCE_ESTIMATED}
	usage := t.usage(of)
	names, isKnown := countNames[format.name]
	if !isKnown || len(of.served) == 0 {
		closing.Measured = &billingpb.StreamClose_Usage{Usage: usage}
		return closing
	}
	counted, _ := json.Marshal(map[string]int64{names[0]: usage.InputTokens, names[1]: usage.OutputTokens})
	body := &billingpb.ProviderUsage{Format: format.name, Json: string(of.body(format, counted))}
	closing.Measured = &billingpb.StreamClose_ProviderUsage{ProviderUsage: body}
	return closing
}

var countNames = map[string][2]string{
	OpenAIChat.name:        {"prompt_tokens", "completion_tokens"},
	OpenAIResponses.name:   {"input_tokens", "output_tokens"},
	AnthropicMessages.name: {"input_tokens", "output_tokens"},
	Gemini.name:            {"promptTokenCount", "candidatesTokenCount"},
}

// body is one as the provider would send it, without its texts.
func (of tally) body(format Format, usage json.RawMessage) json.RawMessage {
	if len(of.served) == 0 {
		return usage
	}
	body := maps.Clone(of.served)
	name := "usage"
	if format.name == Gemini.name {
		name = "usageMetadata"
	}
	body[name] = usage
	text, _ := json.Marshal(body)
	return text
}

func (t tallier) countsOf(text string, isInsideWord bool) counts {
	if text == "" {
		return counts{}
	}
	words := int64(len(strings.Fields(text)))
	if first, _ := utf8.DecodeRuneInString(text); isInsideWord && !unicode.IsSpace(first) {
		words--
	}
	added := counts{chunks: 1, bytes: int64(len(text)), words: words}
	if t.countTokens != nil {
		added.tokens = t.countTokens(text)
	}
	return added
}

func (t tallier) estimate(of counts) int64 {
	if t.countTokens != nil {
		return of.tokens
	}
	return max(of.chunks, of.words, (of.bytes+bytesPerToken-1)/bytesPerToken)
}

func (c counts) plus(other counts) counts {
	return counts{c.chunks + other.chunks, c.bytes + other.bytes, c.words + other.words, c.tokens + other.tokens}
}
