package tollgate

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"tollgate.internal/client/billingpb"
)

const (
	// Beyond this the transport costs more than the charges: what comes then travels together.
	batchesInFlightMax = 4
	// The contract allows 1,000; a quarter of that fills the server's batches and keeps a frame
	// small.
	batchSizeMax = 256
	// No more than this wait in memory for a server that hangs.
	batchWaitingMax = 10_000
)

// batcher sends charges in few calls when there are many. The first ones are sent at once, alone.
// Those that come while batchesInFlightMax calls run are sent together when one of these ends.
// Nothing waits for a batch to fill.
type batcher struct {
	base  context.Context
	calls onceOnly

	mu       sync.Mutex
	waiting  []*waitingCharge
	inFlight int
}

type waitingCharge struct {
	ctx     context.Context
	request *billingpb.ChargeUsageRequest
	answer  chan chargeAnswer
}

type chargeAnswer struct {
	response *billingpb.ChargeUsageResponse
	err      error
}

// charge makes one attempt, and waits no longer than its context.
func (b *batcher) charge(
	ctx context.Context, request *billingpb.ChargeUsageRequest,
) (*billingpb.ChargeUsageResponse, error) {
	charge := &waitingCharge{ctx: ctx, request: request, answer: make(chan chargeAnswer, 1)}
	if !b.enqueue(charge) {
		return nil, newError(codes.ResourceExhausted, "too many charges wait for an answer of tollgate")
	}
	select {
	case answer := <-charge.answer:
		return answer.response, answer.err
	case <-ctx.Done():
		return nil, errorOf(context.DeadlineExceeded)
	}
}

func (b *batcher) enqueue(charge *waitingCharge) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= batchWaitingMax {
		return false
	}
	b.waiting = append(b.waiting, charge)
	if b.inFlight < batchesInFlightMax {
		b.inFlight++
		go b.work()
	}
	return true
}

// work sends until nothing waits any more.
func (b *batcher) work() {
	for {
		batch := b.take()
		if batch == nil {
			return
		}
		b.send(batch)
	}
}

func (b *batcher) take() []*waitingCharge {
	b.mu.Lock()
	defer b.mu.Unlock()
	var batch []*waitingCharge
	taken := 0
	for _, charge := range b.waiting {
		if len(batch) == batchSizeMax {
			break
		}
		taken++
		// Nobody waits for the others any more.
		if charge.ctx.Err() == nil {
			batch = append(batch, charge)
		}
	}
	b.waiting = append([]*waitingCharge(nil), b.waiting[taken:]...)
	if batch == nil {
		b.inFlight--
	}
	return batch
}

func (b *batcher) send(batch []*waitingCharge) {
	ctx, cancel := context.WithDeadline(b.base, lastDeadline(batch))
	defer cancel()
	if len(batch) == 1 {
		response, err := b.calls.one(ctx, batch[0].request)
		batch[0].answer <- chargeAnswer{response, err}
		return
	}
	requests := make([]*billingpb.ChargeUsageRequest, len(batch))
	for index, charge := range batch {
		requests[index] = charge.request
	}
	answered, err := b.calls.many(ctx, requests)
	if err != nil && isAboutContent(err) {
		// Together they are too large, or one of them can't be sent. The others must not fail for it.
		half := len(batch) / 2
		b.send(batch[:half])
		b.send(batch[half:])
		return
	}
	for index, charge := range batch {
		charge.answer <- answerOf(answered, index, err)
	}
}

func answerOf(answered *billingpb.BatchChargeUsageResponse, index int, err error) chargeAnswer {
	if err != nil {
		return chargeAnswer{err: err}
	}
	if index < len(answered.Results) {
		result := answered.Results[index]
		if response := result.GetResponse(); response != nil {
			return chargeAnswer{response: response}
		}
		if failure := result.GetError(); failure != nil {
			return chargeAnswer{err: errorOfItem(failure)}
		}
	}
	return chargeAnswer{err: newError(codes.Internal, "the batch was answered without this request")}
}

func isAboutContent(err error) bool {
	var failure *Error
	return errors.As(err, &failure) &&
		(failure.Code == codes.InvalidArgument || failure.Reason == "MESSAGE_TOO_LARGE")
}

func lastDeadline(batch []*waitingCharge) time.Time {
	var last time.Time
	for _, charge := range batch {
		if deadline, ok := charge.ctx.Deadline(); ok && deadline.After(last) {
			last = deadline
		}
	}
	return last
}
