package tollgate

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tollgate.internal/client/billingpb"
)

// Delivery is the outcome of one attempt to deliver the store.
type Delivery struct {
	Delivered int
	// Waiting entries are still there, for the next attempt.
	Waiting int
	// Refused entries are final: their files are in refused/.
	Refused int
}

const (
	// Enough to fill the batches; streams are closed as many at a time.
	deliveriesAtOnce = 32
	// After so many entries in a row that no server answered, the rest waits for the next attempt.
	unansweredMax = 2 * deliveriesAtOnce
)

// Deliver tries once to deliver each entry of the store. The client does so by itself, at the start
// and regularly, unless Config.DeliverInterval is negative.
func (c *Client) Deliver(ctx context.Context) (Delivery, error) {
	if c.store == nil {
		return Delivery{}, errNoStore
	}
	if err := c.begin(); err != nil {
		return Delivery{}, err
	}
	defer c.running.Done()
	return c.deliverAll(ctx), nil
}

func (c *Client) deliverRegularly() {
	defer c.running.Done()
	ctx, cancel := context.WithCancel(c.base)
	defer cancel()
	go func() {
		<-c.stopping
		cancel()
	}()
	for {
		c.deliverAll(ctx)
		if !sleep(ctx, c.config.DeliverInterval) {
			return
		}
	}
}

func (c *Client) deliverAll(ctx context.Context) Delivery {
	names := make(chan string)
	var delivery Delivery
	var unanswered int
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range deliveriesAtOnce {
		workers.Go(func() {
			for name := range names {
				came, isAnswered := Delivery{Waiting: 1}, false
				mu.Lock()
				isOver := unanswered >= unansweredMax
				mu.Unlock()
				if !isOver {
					came, isAnswered = c.deliver(ctx, name)
				}
				mu.Lock()
				if unanswered++; isAnswered {
					unanswered = 0
				}
				delivery.Delivered += came.Delivered
				delivery.Waiting += came.Waiting
				delivery.Refused += came.Refused
				mu.Unlock()
			}
		})
	}
	waiting, err := c.store.waiting()
	if err != nil {
		c.config.Logger.Error("tollgate: the store can't be read", "error", err)
	}
	for _, name := range waiting {
		names <- name
	}
	close(names)
	workers.Wait()
	return delivery
}

// deliver also says whether a server answered, or no answer was needed: such an entry is no sign of
// an outage.
func (c *Client) deliver(ctx context.Context, name string) (came Delivery, isAnswered bool) {
	if ctx.Err() != nil || !c.store.claim(name) {
		return Delivery{Waiting: 1}, true
	}
	kept := &keptEntry{c, name}
	e, err := c.store.read(name)
	if err == nil {
		err = c.send(ctx, e)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// Another process has delivered it, or an operator has taken it away.
		c.store.drop(name)
		return Delivery{}, true
	case err == nil:
		c.stats.delivered.Add(1)
		kept.forget()
		return Delivery{Delivered: 1}, true
	case isFinal(err):
		kept.refuse(err)
		return Delivery{Refused: 1}, true
	}
	c.store.release(name)
	return Delivery{Waiting: 1}, !isUnanswered(err)
}

func (c *Client) send(ctx context.Context, e *entry) error {
	if e.charge != nil {
		return c.sendCharge(ctx, e.charge)
	}
	return c.sendEnd(ctx, e)
}

// sendCharge counts a charge as delivered that tollgate refuses and lists as a deduction failure.
func (c *Client) sendCharge(ctx context.Context, charge *billingpb.ChargeUsageRequest) error {
	if _, err := c.chargeOnce(ctx, charge); err != nil && !isListed(err) {
		return err
	}
	return nil
}

// sendEnd opens the stream again and closes it. A stream that never opened, and can't be opened now,
// is charged as a finished call, under the same key.
func (c *Client) sendEnd(ctx context.Context, e *entry) error {
	session := openSession(c, e.open)
	defer session.abandon()
	session.sayClose(e.close)
	session.waitUntil(ctx, time.Now().Add(c.config.AttemptTimeout), func(state sessionState) bool {
		return state.isOver() || state.failure != nil
	})
	state := session.state()
	switch {
	case state.isOver():
		return settledWithout(e.close, state.settled)
	case state.failure == nil:
		return newError(codes.Unavailable, "no server answered in time")
	case state.grant != nil && isListed(state.failure):
		return nil
	case isListed(state.failure), mayBeFinishedCall(state.failure):
		return c.sendCharge(ctx, finishedCallOf(e))
	}
	return state.failure
}

func isUnanswered(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && !failure.hasDetails &&
		(failure.Code == codes.Unavailable || failure.Code == codes.DeadlineExceeded)
}

// finishedCallOf is the call of a stream that never opened, at what served it.
func finishedCallOf(e *entry) *billingpb.ChargeUsageRequest {
	open := e.open
	charge := &billingpb.ChargeUsageRequest{
		IdempotencyKey: open.IdempotencyKey,
		UserId:         open.UserId,
		Model:          cmp.Or(e.close.ServedModel, open.Model),
		Provider:       cmp.Or(e.close.ServedProvider, open.Provider),
		QuoteId:        open.QuoteId,
		ServiceTier:    cmp.Or(e.close.ServedServiceTier, open.ServiceTier),
		ApiKeyId:       open.ApiKeyId,
		Labels:         open.Labels,
		UsageSource:    e.close.UsageSource,
		OccurredAt:     timestamppb.New(e.endedAt),

		ReportedCostNanousd: e.close.ReportedCostNanousd,
		ReportedCostSource:  e.close.ReportedCostSource,
	}
	switch measured := e.close.Measured.(type) {
	case *billingpb.StreamClose_Usage:
		charge.Measured = &billingpb.ChargeUsageRequest_Usage{Usage: measured.Usage}
	case *billingpb.StreamClose_ProviderUsage:
		charge.Measured = &billingpb.ChargeUsageRequest_ProviderUsage{ProviderUsage: measured.ProviderUsage}
	}
	return charge
}

// settledWithout returns an error where a stream was settled without our close: by its expiry, or by
// an operator. What it used last is not charged then, and tollgate accepts no close any more.
func settledWithout(said *billingpb.StreamClose, settled *billingpb.StreamSettled) error {
	// Only a close says how a stream ended.
	saysHow := said.End != billingpb.StreamEnd_STREAM_END_UNSPECIFIED
	charge := settled.Charge
	if saysHow && charge.GetEnd() == billingpb.StreamEnd_STREAM_END_UNSPECIFIED && charge.GetHoldId() != "" {
		return newError(codes.FailedPrecondition, "the stream was settled before its end was delivered")
	}
	return nil
}

// isListed returns whether tollgate lists a finished call that it refuses so as a deduction failure.
func isListed(err error) bool {
	switch reasonOf(err) {
	case "INSUFFICIENT_CREDITS", "DAILY_LIMIT_REACHED", "TRIAL_LIMIT_REACHED", "TRIAL_EXPIRED", "USER_SUSPENDED",
		"MODEL_PRICE_MISSING", "PRICE_ANOMALY", "SERVICE_TIER_UNKNOWN", "BUDGET_REACHED",
		"REPORTED_COST_NOT_ALLOWED":
		return true
	}
	return false
}

// mayBeFinishedCall returns whether the stream can be charged as a finished call. An expired quote
// opens no stream, but a finished call is charged with it; and that charge may be what has the key.
func mayBeFinishedCall(err error) bool {
	reason := reasonOf(err)
	return reason == "QUOTE_EXPIRED" || reason == "IDEMPOTENCY_KEY_REUSED"
}

// isFinal says that no later attempt can change the answer.
func isFinal(err error) bool {
	var failure *Error
	if errors.As(err, &failure) {
		switch failure.Code {
		case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition:
			return true
		}
		return failure.Reason == "MESSAGE_TOO_LARGE"
	}
	return errors.Is(err, errNotAnEntry)
}
