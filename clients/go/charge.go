package tollgate

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tollgate.internal/client/billingpb"
)

// Receipt is what came of a charge.
type Receipt struct {
	// Charge is nil where the charge is kept.
	Charge *billingpb.Charge
	// Replayed: this key had been charged before, and Charge is the first receipt.
	Replayed bool
	// Kept: nobody answered. The charge is in the store, and is delivered when tollgate is back.
	Kept bool
}

// Charge deducts the cost of a finished call, exactly once for each user and idempotency key. A
// request without OccurredAt gets the time of now; give it where Charge may be called again for the
// same call, because another time is another request.
//
// A cancelled context does not cancel a charge: the call has been made, and its end user may have
// hung up. Charge returns within Config.Timeout. With a store, the request is on disk before it is
// sent.
//
// The error is an *[Error]. Where [IsUndecided] says so, the charge may have been made or may pass
// later, and there was no store that could keep it. Any other error is final.
func (c *Client) Charge(ctx context.Context, request *billingpb.ChargeUsageRequest) (*Receipt, error) {
	if err := c.begin(); err != nil {
		return nil, err
	}
	defer c.running.Done()
	request = proto.CloneOf(request)
	if request.OccurredAt == nil {
		request.OccurredAt = timestamppb.Now()
	}
	kept, err := c.keep(&entry{charge: request})
	if err != nil && !errors.Is(err, errNoStore) {
		return c.chargeUnkept(ctx, request, err)
	}
	response, err := c.chargeOnce(ctx, request)
	if err != nil && IsUndecided(err) && kept != nil {
		kept.release()
		return &Receipt{Kept: true}, nil
	}
	if err != nil {
		kept.conclude(err)
		return nil, err
	}
	kept.forget()
	return &Receipt{Charge: response.Charge, Replayed: response.Replayed}, nil
}

// chargeUnkept charges a call that the disk did not take: tollgate may take it all the same.
func (c *Client) chargeUnkept(
	ctx context.Context, request *billingpb.ChargeUsageRequest, storeErr error,
) (*Receipt, error) {
	response, err := c.chargeOnce(ctx, request)
	if err == nil {
		return &Receipt{Charge: response.Charge, Replayed: response.Replayed}, nil
	}
	return nil, withStoreTrouble(err, storeErr)
}

func withStoreTrouble(err, storeErr error) error {
	var failure *Error
	if !IsUndecided(err) || !errors.As(err, &failure) {
		return err
	}
	unkept := *failure
	unkept.cause = errors.Join(err, storeErr)
	unkept.Message += "; and it could not be kept: " + storeErr.Error()
	if errors.Is(storeErr, ErrStoreFull) {
		unkept.Reason = reasonStoreFull
	}
	return &unkept
}

// chargeOnce charges with the client's deadline and retries.
func (c *Client) chargeOnce(
	ctx context.Context, request *billingpb.ChargeUsageRequest,
) (response *billingpb.ChargeUsageResponse, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.Timeout)
	defer cancel()
	once := c.batches.charge
	if c.config.NoBatching {
		once = c.batches.calls.one
	}
	err = withRetries(ctx, c.retries(), func(ctx context.Context) error {
		response, err = once(ctx, request)
		return err
	})
	if err == nil {
		c.trust.admitted(request.UserId)
	}
	return response, err
}
