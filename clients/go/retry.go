package tollgate

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// retryPolicy is how often a call is made again, and how long one attempt may take.
type retryPolicy struct {
	retriesMax     int
	attemptTimeout time.Duration
}

// withRetries makes a call again where that may help and can't do anything twice, until it is
// answered or refused, or until the context's deadline. It is for calls that name a key, or only
// read.
func withRetries(ctx context.Context, policy retryPolicy, attempt func(context.Context) error) error {
	delays := delayer{first: 50 * time.Millisecond, max: 5 * time.Second}
	for retries := 0; ; retries++ {
		err := tryOnce(ctx, policy, attempt)
		if err == nil || retries >= policy.retriesMax || ctx.Err() != nil || !mayBeRetried(err) {
			return err
		}
		delay := delays.next()
		var failure *Error
		if errors.As(err, &failure) {
			delay = max(delay, failure.RetryAfter)
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
			return err
		}
		if !sleep(ctx, delay) {
			return err
		}
	}
}

func tryOnce(ctx context.Context, policy retryPolicy, attempt func(context.Context) error) error {
	if policy.retriesMax > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, policy.attemptTimeout)
		defer cancel()
	}
	return errorOf(attempt(ctx))
}

// delayer doubles its delay up to max. Each delay is between half of that and the whole, so that
// gateways that lost the same server don't come back at the same moment.
type delayer struct {
	first, max, delay time.Duration
}

func (b *delayer) next() time.Duration {
	b.delay = min(max(2*b.delay, b.first), b.max)
	return b.delay/2 + rand.N(b.delay/2)
}

func (b *delayer) reset() { b.delay = 0 }

// sleep says whether it slept to the end.
func sleep(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
