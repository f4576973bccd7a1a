package tollgate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tollgate.internal/client/billingpb"
)

func TestWhatIsAskedAgain(t *testing.T) {
	cases := []struct {
		name     string
		err      error
		attempts int
	}{
		{"no server", status.Error(codes.Unavailable, ""), 2},
		{"a shutdown", refusal(codes.Unavailable, "SHUTTING_DOWN", 0), 2},
		{"a conflict", refusal(codes.Aborted, "CONCURRENT_MODIFICATION", 0), 2},
		{"an overload", refusal(codes.ResourceExhausted, "OVERLOADED", time.Millisecond), 2},
		{"a broken connection", status.Error(codes.Internal, ""), 2},
		{"a reset", status.Error(codes.Canceled, ""), 2},
		{"no credits", refusal(codes.FailedPrecondition, "INSUFFICIENT_CREDITS", 0), 1},
		{"a limit", refusal(codes.ResourceExhausted, "DAILY_LIMIT_REACHED", time.Millisecond), 1},
		{"a bug", refusal(codes.Internal, "INTERNAL", 0), 1},
		{"a mistake", refusal(codes.InvalidArgument, "INVALID_FIELD", 0), 1},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			server := startServer(t, each.err)
			client := newClient(t, Config{Address: server.address})
			receipt, err := client.Charge(t.Context(), chargeOf("call"))
			if server.callCount() != each.attempts {
				t.Errorf("asked %d times, not %d", server.callCount(), each.attempts)
			}
			if isCharged := err == nil && receipt.Charge.AmountNanousd == 7; isCharged != (each.attempts == 2) {
				t.Errorf("came to %v, %v", receipt, err)
			}
		})
	}
}

func TestACallThatOnlyReadsIsAskedAgain(t *testing.T) {
	server := startServer(t, status.Error(codes.Unavailable, ""))
	client := newClient(t, Config{Address: server.address})
	if _, err := client.Billing.PriceQuote(t.Context(), &billingpb.PriceQuoteRequest{}); err != nil {
		t.Fatal(err)
	}
	if server.callCount() != 2 {
		t.Errorf("asked %d times", server.callCount())
	}
}

func TestNothingIsAskedAgainWhereRetriesAreOff(t *testing.T) {
	server := startServer(t, status.Error(codes.Unavailable, ""))
	client := newClient(t, Config{Address: server.address, RetriesMax: -1})
	if _, err := client.Charge(t.Context(), chargeOf("call")); !IsUndecided(err) {
		t.Errorf("came to %v", err)
	}
}

func TestChargesTravelTogetherEachWithAnAnswerOfItsOwn(t *testing.T) {
	server := startServer(t)
	server.hang = make(chan struct{})
	client := newClient(t, Config{Address: server.address})
	var waiting sync.WaitGroup
	for number := range 100 {
		waiting.Go(func() {
			request := chargeOf(fmt.Sprint(number))
			if number%10 == 9 {
				request.UserId = "poor"
			}
			receipt, err := client.Charge(t.Context(), request)
			if err != nil && reasonOf(err) != "INSUFFICIENT_CREDITS" {
				t.Error(err)
			}
			if err == nil && receipt.Charge.IdempotencyKey != request.IdempotencyKey {
				t.Errorf("%s got the receipt of %s", request.IdempotencyKey, receipt.Charge.IdempotencyKey)
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	close(server.hang)
	waiting.Wait()
	if server.callCount() > 10 {
		t.Errorf("100 charges took %d calls", server.callCount())
	}
}

func TestABatchThatIsTooLargeIsSentInParts(t *testing.T) {
	client := newClient(t, Config{Address: "127.0.0.1:1"})
	server := startServer(t, refusal(codes.ResourceExhausted, "MESSAGE_TOO_LARGE", 0))
	other := newClient(t, Config{Address: server.address})
	client.batches.calls = other.batches.calls
	var batch []*waitingCharge
	for number := range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		charge := &waitingCharge{ctx: ctx, request: chargeOf(fmt.Sprint(number)), answer: make(chan chargeAnswer, 1)}
		batch = append(batch, charge)
	}
	client.batches.send(batch)
	for _, charge := range batch {
		if answer := <-charge.answer; answer.err != nil {
			t.Error(answer.err)
		}
	}
	if server.callCount() != 3 {
		t.Errorf("took %d calls", server.callCount())
	}
}

func TestACallEndsInTimeWhereTheServerHangs(t *testing.T) {
	server := startServer(t)
	server.hang = make(chan struct{})
	client := newClient(t, Config{Address: server.address, Timeout: 500 * time.Millisecond, AttemptTimeout: 200 * time.Millisecond})
	began := time.Now()
	_, err := client.Charge(context.Background(), chargeOf("call"))
	if !IsUndecided(err) || time.Since(began) > 2*time.Second {
		t.Errorf("came to %v after %s", err, time.Since(began))
	}
}

func TestWaitingChargesAreBounded(t *testing.T) {
	server := startServer(t)
	server.hang = make(chan struct{})
	client := newClient(t, Config{Address: server.address})
	client.batches.inFlight = batchesInFlightMax
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for range batchWaitingMax {
		client.batches.enqueue(&waitingCharge{ctx: ctx, request: chargeOf("call"), answer: make(chan chargeAnswer, 1)})
	}
	if _, err := client.batches.charge(ctx, chargeOf("one more")); reasonOf(err) != "RESOURCE_EXHAUSTED" {
		t.Errorf("came to %v", err)
	}
}

func TestACancelledContextDoesNotCancelACharge(t *testing.T) {
	server := startServer(t)
	client := newClient(t, Config{Address: server.address})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Charge(ctx, chargeOf("call")); err != nil {
		t.Error(err)
	}
}

func TestAClosedClientIsAskedNothing(t *testing.T) {
	client := newClient(t, Config{Address: "127.0.0.1:1"})
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Charge(t.Context(), chargeOf("call")); !errors.Is(err, ErrClosed) {
		t.Errorf("came to %v", err)
	}
}

func TestNoErrorHasTheToken(t *testing.T) {
	if _, err := New(Config{Address: "a:1", Token: "hidden\n"}); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("came to %v", err)
	}
	server := startServer(t, status.Error(codes.Unauthenticated, ""))
	client := newClient(t, Config{Address: server.address, Token: "hidden"})
	_, err := client.Charge(t.Context(), chargeOf("call"))
	if !IsUndecided(err) || strings.Contains(fmt.Sprintf("%+v", err), "hidden") {
		t.Errorf("came to %v", err)
	}
	if server.tokens[0] != "Bearer hidden" {
		t.Errorf("sent %s", server.tokens)
	}
}
