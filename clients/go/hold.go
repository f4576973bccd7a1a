package tollgate

import (
	"cmp"
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"tollgate.internal/client/billingpb"
)

// Answer is what a provider's answer used: its own usage object, or counts. Neither = nothing.
type Answer struct {
	ProviderUsage *billingpb.ProviderUsage
	Usage         *billingpb.Usage
}

// Hold makes a call that answers at once. It holds the cost of the prompt and of all of
// open.MaxOutputTokens, or is refused; only then it runs call, which calls the provider; and it
// settles by the usage of the answer. So of five concurrent calls on a balance for one, four are
// refused before the provider is called.
//
// What call returns with an error is charged all the same, if it is anything: the provider bills
// it. The error of call comes back as it is; the end is not nil then, where the stream could be
// settled. A cancelled context ends call by its own context, not the settlement.
func (c *Client) Hold(
	ctx context.Context, open *billingpb.StreamOpen, call func(context.Context) (Answer, error),
) (*End, error) {
	open = proto.CloneOf(open)
	open.HoldMaxOutputTokens = open.MaxOutputTokens > 0
	session, _, err := c.openHeld(ctx, open)
	if err != nil {
		return nil, err
	}
	defer c.running.Done()
	var answer Answer
	callErr := errPanicked
	// A call that panics leaves no hold behind.
	defer func() {
		if errors.Is(callErr, errPanicked) {
			_, _ = c.settle(session, closingOf(ctx, answer, callErr))
		}
	}()
	answer, callErr = call(ctx)
	end, err := c.settle(session, closingOf(ctx, answer, callErr))
	if callErr != nil && err != nil {
		return end, errors.Join(callErr, err)
	}
	return end, cmp.Or(callErr, err)
}

var errPanicked = errors.New("tollgate: the call panicked")

func closingOf(ctx context.Context, answer Answer, callErr error) *billingpb.StreamClose {
	last := &billingpb.StreamClose{
		UsageSource: billingpb.UsageSource_USAGE_SOURCE_PROVIDER,
		End:         billingpb.StreamEnd_STREAM_END_COMPLETED,
	}
	switch {
	case callErr != nil && ctx.Err() != nil:
		last.End = billingpb.StreamEnd_STREAM_END_CANCELLED
	case callErr != nil:
		last.End = billingpb.StreamEnd_STREAM_END_FAILED
	}
	switch {
	case answer.ProviderUsage != nil:
		last.Measured = &billingpb.StreamClose_ProviderUsage{ProviderUsage: answer.ProviderUsage}
	case answer.Usage != nil:
		last.Measured = &billingpb.StreamClose_Usage{Usage: answer.Usage}
	default:
		// Nothing was used. An absent usage would settle the last report.
		last.Measured = &billingpb.StreamClose_Usage{Usage: &billingpb.Usage{}}
	}
	return last
}
