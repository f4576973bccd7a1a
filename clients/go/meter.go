package tollgate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"tollgate.internal/client/billingpb"
)

// Meter pays for a generation while it runs. Its methods may be called by different goroutines, but
// Pass by one at a time.
type Meter struct {
	client  *Client
	gate    *gate
	format  Format
	tallier tallier
	ctx     context.Context
	stop    context.CancelFunc

	mu sync.Mutex
	// Nil until the provider's first chunk: where it never answered, nothing was used, not even the
	// prompt.
	tally      *tally
	inputGuess int64
	isEnding   bool
	stoppedBy  StopReason
	// kept is closed once the end is on disk, or can't be; done is closed once it is settled.
	kept, done chan struct{}
	end        *End
	err        error
}

// StopError is what Pass returns for the first chunk that must not be delivered.
type StopError struct{ Reason StopReason }

func (e *StopError) Error() string {
	return fmt.Sprintf("tollgate: the stream must stop: %s", e.Reason)
}

// MeterOption changes how a stream is metered.
type MeterOption func(*Meter)

// WithTokenizer counts tokens by the model's own tokenizer. Without one, four bytes of text are a
// token, and a word or a chunk is at least one.
func WithTokenizer(countTokens func(text string) int64) MeterOption {
	return func(m *Meter) { m.tallier.countTokens = countTokens }
}

// Meter holds the prompt and a first stretch of the answer. Call the provider only when it
// succeeds: the error is what the open was refused with, such as INSUFFICIENT_CREDITS, or
// UNAVAILABLE. The key names one generation; a new one needs a new key.
//
// When the context is cancelled, what was delivered is settled, even where nobody calls the
// meter's methods. Always end a meter, with End or Close.
func (c *Client) Meter(
	ctx context.Context, open *billingpb.StreamOpen, format Format, options ...MeterOption,
) (*Meter, error) {
	session, gate, err := c.openHeld(ctx, open)
	if err != nil {
		return nil, err
	}
	m := &Meter{client: c, gate: gate, format: format, inputGuess: open.InputTokens}
	m.kept, m.done = make(chan struct{}), make(chan struct{})
	for _, option := range options {
		option(m)
	}
	m.ctx, m.stop = context.WithCancel(ctx)
	if !c.register(m) {
		session.abandon()
		m.stop()
		c.running.Done()
		return nil, ErrClosed
	}
	context.AfterFunc(m.ctx, m.abort)
	return m, nil
}

// openHeld counts as running where it succeeds.
func (c *Client) openHeld(ctx context.Context, open *billingpb.StreamOpen) (*session, *gate, error) {
	if err := c.begin(); err != nil {
		return nil, nil, err
	}
	session := openSession(c, proto.CloneOf(open))
	gate := &gate{client: c, session: session}
	err := gate.open(ctx, open.UserId)
	switch {
	case err == nil:
		return session, gate, nil
	case ctx.Err() != nil:
		go c.giveBack(session)
	default:
		session.abandon()
		c.running.Done()
	}
	return nil, nil, err
}

// giveBack returns the hold of a stream whose caller left while it was opened: the server may have
// granted it by now, or may do so soon.
func (c *Client) giveBack(session *session) {
	defer c.running.Done()
	defer session.abandon()
	deadline := time.Now().Add(c.config.ServerWait)
	ctx := context.Background()
	session.waitUntil(ctx, deadline, sessionState.isDecided)
	// A stream with usage on record is another call's.
	if state := session.state(); state.grant == nil || state.grant.AcknowledgedSequence != 0 {
		return
	}
	session.sayClose(&billingpb.StreamClose{
		Measured: &billingpb.StreamClose_Usage{Usage: &billingpb.Usage{}},
		End:      billingpb.StreamEnd_STREAM_END_CANCELLED,
	})
	session.waitUntil(ctx, deadline, func(state sessionState) bool { return state.isOver() || state.failure != nil })
}

// Context is cancelled when the generation must stop. Give it to the request to the provider.
func (m *Meter) Context() context.Context { return m.ctx }

// Grant is the last one; nil where the stream runs on trust. Its granted tokens are what may be
// delivered without waiting.
func (m *Meter) Grant() *billingpb.StreamGrant { return m.gate.session.state().grant }

// Pass takes a chunk as the provider sent it (the JSON behind `data:`), and waits until it is paid
// for. Deliver the chunk only where the error is nil; a *[StopError] says that the generation must
// stop before it.
func (m *Meter) Pass(chunk []byte) error { return m.PassFacts(m.format.facts(chunk)) }

// PassFacts is Pass for a provider whose chunks no Format reads.
func (m *Meter) PassFacts(facts ChunkFacts) error {
	next, ok := m.next(facts)
	if !ok {
		return m.stopError()
	}
	if reason := m.gate.pass(m.ctx, m.tallier.usage(next)); reason != "" {
		m.finish(reason, billingpb.StreamEnd_STREAM_END_CANCELLED)
		return m.stopError()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnding {
		return &StopError{m.stoppedBy}
	}
	m.tally = &next
	return nil
}

func (m *Meter) next(facts ChunkFacts) (next tally, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnding {
		return tally{}, false
	}
	if m.tally == nil {
		// A provider that answers has read the prompt.
		m.tally = &tally{inputTokens: m.inputGuess}
	}
	next = m.tallier.add(*m.tally, facts)
	if facts.Text == "" {
		// It delivers nothing that could be held back: its usage is of what was delivered, or was
		// thought.
		m.tally = &next
	} else {
		m.tally.inputTokens = next.inputTokens
	}
	return next, true
}

// End settles a generation that the provider has ended: without an error, or with the one it failed
// with. A stream that ended before gets the same answer again.
func (m *Meter) End(providerErr error) (*End, error) {
	end := billingpb.StreamEnd_STREAM_END_COMPLETED
	if providerErr != nil {
		end = billingpb.StreamEnd_STREAM_END_FAILED
	}
	m.finish("", end)
	<-m.done
	return m.end, m.err
}

// Close settles what was delivered, where the stream has not ended yet. It is for defer.
func (m *Meter) Close() (*End, error) {
	m.abort()
	<-m.done
	return m.end, m.err
}

func (m *Meter) abort() { m.finish(StoppedByCaller, billingpb.StreamEnd_STREAM_END_CANCELLED) }

func (m *Meter) finish(reason StopReason, end billingpb.StreamEnd) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnding {
		return
	}
	m.isEnding, m.stoppedBy = true, reason
	last := &billingpb.StreamClose{Measured: &billingpb.StreamClose_Usage{Usage: &billingpb.Usage{}}}
	if m.tally != nil {
		last = m.tallier.closing(*m.tally, m.format)
		if m.tallier.isUndercounted(*m.tally) {
			m.client.stats.usageBelowDelivered.Add(1)
		}
	}
	last.End = end
	go m.settle(last)
}

func (m *Meter) settle(last *billingpb.StreamClose) {
	defer m.client.running.Done()
	defer m.client.unregister(m)
	defer close(m.done)
	m.stop()
	session := m.gate.session
	kept, storeErr := m.client.keepEnd(session, last)
	close(m.kept)
	m.end, m.err = m.client.settleKept(session, last, kept, storeErr)
	if m.end != nil {
		m.end.StoppedBy = m.stoppedBy
	}
}

func (m *Meter) stopError() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &StopError{m.stoppedBy}
}

// register is false where the client is closed.
func (c *Client) register(m *Meter) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return false
	}
	c.meters[m] = struct{}{}
	return true
}

func (c *Client) unregister(m *Meter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.meters, m)
}
