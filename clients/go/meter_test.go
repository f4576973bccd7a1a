package tollgate

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tollgate.internal/client/billingpb"
)

type settleStream = billingpb.BillingService_StreamSettleServer

var aWord = []byte(`{"choices": [{"delta": {"content": "abc "}}]}`)

// streamScript is a server's side of streams: each connection gets a grant and is settled by its
// close.
type streamScript struct {
	granted int64
	// Drains ends so many first connections with a drain.
	drains int
	// Silent connections are never answered.
	silent int

	mu          sync.Mutex
	connections int
	halfCloses  int
	progresses  []*billingpb.StreamProgress
	closes      []*billingpb.StreamClose
}

func (s *streamScript) serve(stream settleStream) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	s.mu.Lock()
	s.connections++
	number := s.connections
	s.mu.Unlock()
	if number <= s.silent {
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	grant := &billingpb.StreamGrant{GrantedOutputTokens: s.granted, ExpiresAt: timestamppb.New(time.Now().Add(time.Minute))}
	_ = stream.Send(&billingpb.StreamSettleResponse{Event: &billingpb.StreamSettleResponse_Grant{Grant: grant}})
	if number <= s.drains {
		drain := &billingpb.StreamSettleResponse_Drain{Drain: &billingpb.StreamDrain{}}
		_ = stream.Send(&billingpb.StreamSettleResponse{Event: drain})
	}
	for {
		request, err := stream.Recv()
		s.mu.Lock()
		if errors.Is(err, io.EOF) {
			s.halfCloses++
		}
		if progress := request.GetProgress(); progress != nil {
			s.progresses = append(s.progresses, progress)
		}
		last := request.GetClose()
		if last != nil {
			s.closes = append(s.closes, last)
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		if last != nil {
			charge := &billingpb.Charge{AmountNanousd: last.GetUsage().GetOutputTokens(), Usage: last.GetUsage()}
			settled := &billingpb.StreamSettled{Charge: charge}
			_ = stream.Send(&billingpb.StreamSettleResponse{Event: &billingpb.StreamSettleResponse_Settled{Settled: settled}})
			return nil
		}
	}
}

func startStreams(t *testing.T, script *streamScript, config Config) *Client {
	t.Helper()
	server := startServer(t)
	server.stream = script.serve
	config.Address = server.address
	return newClient(t, config)
}

func anOpen(key string) *billingpb.StreamOpen {
	return &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: key, Model: "m", InputTokens: 10}
}

func pass(t *testing.T, meter *Meter, count int) {
	t.Helper()
	for range count {
		if err := meter.Pass(aWord); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACancelledContextSettlesWhatWasDelivered(t *testing.T) {
	script := &streamScript{granted: 100}
	client := startStreams(t, script, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	meter, err := client.Meter(ctx, anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, meter, 7)
	cancel()
	// Nobody calls End: the goroutine that would may wait for a provider that hangs.
	<-meter.done
	if meter.end.Charge.AmountNanousd != 7 || meter.end.StoppedBy != StoppedByCaller {
		t.Errorf("ended with %+v", meter.end)
	}
	if script.closes[0].End != billingpb.StreamEnd_STREAM_END_CANCELLED {
		t.Errorf("closed as %s", script.closes[0].End)
	}
}

func TestAStreamLeavesAServerThatDrainsWithoutAHalfClose(t *testing.T) {
	script := &streamScript{granted: 100, drains: 2}
	client := startStreams(t, script, Config{})
	meter, err := client.Meter(t.Context(), anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, meter, 5)
	time.Sleep(time.Second)
	end, err := meter.End(nil)
	if err != nil || end.Charge.AmountNanousd != 5 {
		t.Errorf("ended with %+v, %v", end, err)
	}
	if script.connections != 3 || script.halfCloses != 0 {
		t.Errorf("%d connections, %d half-closes before a close", script.connections, script.halfCloses)
	}
}

func TestAServerThatNeverAnswersIsLeft(t *testing.T) {
	script := &streamScript{granted: 100, silent: 1}
	client := startStreams(t, script, Config{AttemptTimeout: 300 * time.Millisecond})
	meter, err := client.Meter(t.Context(), anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := meter.End(nil); err != nil || script.connections != 2 {
		t.Errorf("%d connections, %v", script.connections, err)
	}
}

func TestAProviderThatNeverAnsweredCostsNothing(t *testing.T) {
	script := &streamScript{granted: 100}
	client := startStreams(t, script, Config{})
	meter, err := client.Meter(t.Context(), anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := meter.End(errors.New("the provider failed")); err != nil {
		t.Fatal(err)
	}
	last := script.closes[0]
	if last.GetUsage() == nil || last.GetUsage().InputTokens != 0 || last.End != billingpb.StreamEnd_STREAM_END_FAILED {
		t.Errorf("closed with %v", last)
	}
}

func TestReportsAreFewHoweverManyChunksCome(t *testing.T) {
	script := &streamScript{granted: 100_000}
	client := startStreams(t, script, Config{})
	meter, err := client.Meter(t.Context(), anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	pass(t, meter, 20_000)
	end, err := meter.End(nil)
	if err != nil || end.Charge.AmountNanousd != 20_000 {
		t.Errorf("ended with %+v, %v", end, err)
	}
	if most := 2 + int(time.Since(began)/reportInterval); len(script.progresses) > most {
		t.Errorf("%d reports, not %d at most", len(script.progresses), most)
	}
}

func TestClosingTheClientSettlesWhatIsOpen(t *testing.T) {
	script := &streamScript{granted: 100}
	client := startStreams(t, script, Config{})
	meter, err := client.Meter(t.Context(), anOpen("stream"), OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, meter, 3)
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if end, err := meter.Close(); err != nil || end.Charge.AmountNanousd != 3 {
		t.Errorf("ended with %+v, %v", end, err)
	}
	var stopped *StopError
	if err := meter.Pass(aWord); !errors.As(err, &stopped) {
		t.Errorf("passes %v", err)
	}
}

func TestAHoldIsSettledHoweverItsCallEnds(t *testing.T) {
	failed := errors.New("the provider failed")
	used := Answer{Usage: &billingpb.Usage{OutputTokens: 4}}
	cases := map[string]struct {
		call func(context.Context) (Answer, error)
		err  error
		used int64
		end  billingpb.StreamEnd
	}{
		"it answers": {func(context.Context) (Answer, error) { return used, nil }, nil, 4, billingpb.StreamEnd_STREAM_END_COMPLETED},
		"it fails":   {func(context.Context) (Answer, error) { return Answer{}, failed }, failed, 0, billingpb.StreamEnd_STREAM_END_FAILED},
		"it fails after it used something": {
			func(context.Context) (Answer, error) { return used, failed }, failed, 4, billingpb.StreamEnd_STREAM_END_FAILED,
		},
		"it panics": {func(context.Context) (Answer, error) { panic("oh") }, nil, 0, billingpb.StreamEnd_STREAM_END_FAILED},
	}
	for name, each := range cases {
		t.Run(name, func(t *testing.T) {
			script := &streamScript{granted: 100}
			client := startStreams(t, script, Config{})
			func() {
				defer func() { _ = recover() }()
				if _, err := client.Hold(t.Context(), anOpen("call"), each.call); err != each.err {
					t.Errorf("came to %v", err)
				}
			}()
			if last := script.closes[0]; last.GetUsage().GetOutputTokens() != each.used || last.End != each.end {
				t.Errorf("closed with %v", last)
			}
		})
	}
}

func TestARefusedOpenCallsNobody(t *testing.T) {
	server := startServer(t)
	server.stream = func(settleStream) error { return refusal(codes.FailedPrecondition, "INSUFFICIENT_CREDITS", 0) }
	client := newClient(t, Config{Address: server.address})
	_, err := client.Hold(t.Context(), anOpen("call"), func(context.Context) (Answer, error) {
		t.Error("the provider was called")
		return Answer{}, nil
	})
	if reasonOf(err) != "INSUFFICIENT_CREDITS" {
		t.Errorf("came to %v", err)
	}
}

func TestCallsOnTrustAreOfKnownUsersAndBounded(t *testing.T) {
	server := startServer(t)
	script := &streamScript{granted: 100}
	server.stream = script.serve
	client := newClient(t, Config{Address: server.address, StoreDir: t.TempDir(), ServerWait: 200 * time.Millisecond})
	answer := func(context.Context) (Answer, error) { return Answer{Usage: &billingpb.Usage{OutputTokens: 1}}, nil }
	if _, err := client.Hold(t.Context(), anOpen("before"), answer); err != nil {
		t.Fatal(err)
	}
	server.stream = func(settleStream) error { return status.Error(codes.Unavailable, "") }
	stranger := anOpen("strange")
	stranger.UserId = "stranger"
	if _, err := client.Hold(t.Context(), stranger, answer); reasonOf(err) != "UNAVAILABLE" {
		t.Errorf("a stranger came to %v", err)
	}
	for number := range callsOnTrustMax {
		end, err := client.Hold(t.Context(), anOpen(string(rune('a'+number))), answer)
		if err != nil || !end.Kept {
			t.Fatalf("call %d came to %+v, %v", number, end, err)
		}
	}
	if _, err := client.Hold(t.Context(), anOpen("one more"), answer); reasonOf(err) != "UNAVAILABLE" {
		t.Errorf("one more came to %v", err)
	}
}
