package tollgate

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"

	"tollgate.internal/client/billingpb"
)

// StopReason is why a generation had to stop: the name of a final grant's reason, such as
// FINAL_REASON_CREDITS or FINAL_REASON_BUDGET, or one of those below.
type StopReason string

const (
	// StoppedByCaller: the context was cancelled, or the meter or the client was closed.
	StoppedByCaller StopReason = "ABORTED"
	// StoppedUnreachable: no server answers, and no more may be delivered without one.
	StoppedUnreachable StopReason = "UNREACHABLE"
	// StoppedSettled: the stream was settled by expiry, or by an operator.
	StoppedSettled StopReason = "SETTLED"
	// StoppedRefused: another connection has the stream, or the server refused to continue.
	StoppedRefused StopReason = "REFUSED"
)

const (
	// Reports are cheap for the server (they touch no database), and the hold is extended by them.
	// The server reads only so many per second: a provider that answers all at once must not fill
	// the connection with them before the close.
	reportInterval = time.Second
	// Where no server answered the call before either.
	waitWhileDown = 250 * time.Millisecond
)

// gate lets a generation pass as far as it is paid for, and waits for credits where it isn't. One
// goroutine uses it.
type gate struct {
	client     *Client
	session    *session
	reportedAt time.Time
	// The grant whose end was reported to be near.
	usedUp    *billingpb.StreamGrant
	hasWaited bool
}

// open waits for the first grant. Where no server answers, a known user's call may start on trust.
func (g *gate) open(ctx context.Context, userID string) error {
	trust := &g.client.trust
	wait := g.client.config.ServerWait
	if trust.isDown.Load() {
		wait = min(wait, waitWhileDown)
	}
	isAnswered := g.session.waitUntil(ctx, time.Now().Add(wait), func(state sessionState) bool {
		return state.grant != nil || state.failure != nil || state.settled != nil
	})
	state := g.session.state()
	switch {
	case state.failure != nil:
		trust.refused(userID)
		return state.failure
	case state.settled != nil:
		return usedKey("names a stream that is settled")
	case state.grant != nil && state.grant.AcknowledgedSequence != 0:
		return usedKey("names a stream that has usage on record")
	case isAnswered:
		return nil
	case ctx.Err() != nil:
		return errorOf(ctx.Err())
	}
	trust.isDown.Store(true)
	g.hasWaited = true
	if g.beyondGrant() > 0 && trust.mayStart(userID) {
		return nil
	}
	return noServer(state.trouble)
}

// pass waits until so much is paid for. An empty reason = continue.
func (g *gate) pass(ctx context.Context, usage *billingpb.Usage) StopReason {
	g.reportNowAndThen(usage)
	var verdict StopReason
	isDecided := func(state sessionState) bool {
		verdict = g.verdict(ctx, state, usage.OutputTokens)
		return verdict != wait
	}
	for !g.session.waitUntil(ctx, time.Now().Add(g.client.config.ServerWait), isDecided) {
		if ctx.Err() != nil {
			return StoppedByCaller
		}
		g.hasWaited = true
	}
	return verdict
}

const wait StopReason = "WAIT"

func (g *gate) verdict(ctx context.Context, state sessionState, outputTokens int64) StopReason {
	granted := state.grant.GetGrantedOutputTokens()
	final := state.grant.GetFinalReason()
	switch {
	case ctx.Err() != nil:
		return StoppedByCaller
	case state.settled != nil:
		return StoppedSettled
	case state.failure != nil:
		return StoppedRefused
	case outputTokens <= granted:
		g.hasWaited = false
		return ""
	case final == billingpb.FinalReason_FINAL_REASON_MAX_OUTPUT_TOKENS:
		// The provider keeps to the maximum that it was asked for, and its own count is the one
		// that matters.
		return ""
	case final != billingpb.FinalReason_FINAL_REASON_UNSPECIFIED:
		return StopReason(final.String())
	case !g.hasWaited:
		return wait
	case outputTokens <= granted+g.beyondGrant():
		return ""
	}
	return StoppedUnreachable
}

// beyondGrant is nothing where the end could not be kept.
func (g *gate) beyondGrant() int64 {
	if g.client.store == nil || g.client.store.isFull() {
		return 0
	}
	return g.client.config.OutputTokensBeyondGrant
}

func (g *gate) reportNowAndThen(usage *billingpb.Usage) {
	grant := g.session.state().grant
	granted := grant.GetGrantedOutputTokens()
	isFinal := grant.GetFinalReason() != billingpb.FinalReason_FINAL_REASON_UNSPECIFIED
	isUsedUp := usage.OutputTokens*5 >= granted*4 && grant != g.usedUp
	mustWait := usage.OutputTokens > granted && !g.hasWaited && !isFinal
	if time.Since(g.reportedAt) < reportInterval && !isUsedUp && !mustWait {
		return
	}
	g.reportedAt = time.Now()
	if isUsedUp {
		g.usedUp = grant
	}
	g.session.report(usage)
}

func noServer(trouble error) error {
	failure := newError(codes.Unavailable, "no tollgate server accepts the stream: nothing was started")
	if trouble != nil {
		failure.Message += " (" + trouble.Error() + ")"
		failure.cause = trouble
	}
	return failure
}

func usedKey(what string) error {
	return newError(codes.AlreadyExists, "idempotency_key "+what+": a new generation needs a new key")
}
