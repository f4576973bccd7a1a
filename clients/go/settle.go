package tollgate

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"

	"tollgate.internal/client/billingpb"
)

// End is how a metered generation, or a call with a hold, ended.
type End struct {
	// Charge is the receipt; nil where the end is kept.
	Charge *billingpb.Charge
	// ShortfallNanousd could not be paid, and is a deduction failure.
	ShortfallNanousd int64
	// StoppedBy is why the generation was stopped before the provider ended it; empty where it was
	// not.
	StoppedBy StopReason
	// Kept: nobody answered. The end is in the store, and is delivered when tollgate is back.
	Kept bool
}

// Without a store, waiting for a server is the last chance.
const unkeptWait = 10 * time.Second

// settle sends the close until the stream is settled. With a store, the close is on disk first, and
// stays there if no server answers. The error is an *[Error]: the stream then expires, and what was
// reported last is charged.
func (c *Client) settle(session *session, last *billingpb.StreamClose) (*End, error) {
	kept, storeErr := c.keepEnd(session, last)
	return c.settleKept(session, last, kept, storeErr)
}

func (c *Client) keepEnd(session *session, last *billingpb.StreamClose) (*keptEntry, error) {
	return c.keep(&entry{open: session.open, close: last, endedAt: time.Now()})
}

func (c *Client) settleKept(
	session *session, last *billingpb.StreamClose, kept *keptEntry, storeErr error,
) (*End, error) {
	defer session.abandon()
	wait := unkeptWait
	if kept != nil {
		wait = c.config.ServerWait
	}
	session.sayClose(last)
	session.waitUntil(context.Background(), time.Now().Add(wait), func(state sessionState) bool {
		return state.isOver() || state.failure != nil
	})
	state := session.state()
	switch {
	case state.isOver():
		if err := settledWithout(last, state.settled); err != nil {
			kept.refuse(err)
			return nil, err
		}
		kept.forget()
		return &End{Charge: state.settled.Charge, ShortfallNanousd: state.settled.ShortfallNanousd}, nil
	case kept != nil && mayBeDelivered(state):
		kept.release()
		return &End{Kept: true}, nil
	case kept != nil && isFinal(state.failure) && !isListed(state.failure):
		kept.refuse(state.failure)
		return nil, state.failure
	case state.failure != nil:
		// tollgate lists it as a deduction failure, or another connection has the stream and settles it.
		kept.forget()
		return nil, state.failure
	}
	failure := newError(codes.Unavailable, "the settlement could not be delivered: the stream will expire, and be "+
		"charged by its last report")
	if errors.Is(storeErr, errNoStore) {
		return nil, failure
	}
	return nil, withStoreTrouble(failure, storeErr)
}

// mayBeDelivered returns whether a later delivery may succeed: no server answered, or the stream
// never opened and can be charged as a finished call.
func mayBeDelivered(state sessionState) bool {
	switch {
	case state.failure == nil:
		return true
	case reasonOf(state.failure) == "STREAM_FENCED":
		return false
	case state.grant == nil:
		return isListed(state.failure) || mayBeFinishedCall(state.failure) || !isFinal(state.failure)
	}
	return IsUndecided(state.failure)
}
