package tollgate

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"tollgate.internal/client/billingpb"
)

// scriptedServer answers as a test says: the only way to be refused as often as one likes. What the
// real server does with a client is in the conformance suite.
type scriptedServer struct {
	billingpb.UnimplementedBillingServiceServer
	address string

	mu sync.Mutex
	// Errors are the answers to the next calls; after them, and where one is nil, a call succeeds.
	errors []error
	// Calls has the keys of each call.
	calls  [][]string
	tokens []string
	// Hang keeps charges from being answered.
	hang   chan struct{}
	stream func(billingpb.BillingService_StreamSettleServer) error
}

func startServer(t *testing.T, errors ...error) *scriptedServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scriptedServer{address: listener.Addr().String(), errors: errors}
	server := grpc.NewServer()
	billingpb.RegisterBillingServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return s
}

func (s *scriptedServer) answer(ctx context.Context, keys ...string) error {
	s.mu.Lock()
	s.calls = append(s.calls, keys)
	s.tokens = append(s.tokens, metadata.ValueFromIncomingContext(ctx, "authorization")...)
	var err error
	if len(s.errors) > 0 {
		err, s.errors = s.errors[0], s.errors[1:]
	}
	hang := s.hang
	s.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (s *scriptedServer) callCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *scriptedServer) ChargeUsage(
	ctx context.Context, request *billingpb.ChargeUsageRequest,
) (*billingpb.ChargeUsageResponse, error) {
	if err := s.answer(ctx, request.IdempotencyKey); err != nil {
		return nil, err
	}
	return receiptOf(request), nil
}

func (s *scriptedServer) BatchChargeUsage(
	ctx context.Context, batch *billingpb.BatchChargeUsageRequest,
) (*billingpb.BatchChargeUsageResponse, error) {
	var keys []string
	response := &billingpb.BatchChargeUsageResponse{}
	for _, request := range batch.Requests {
		keys = append(keys, request.IdempotencyKey)
		result := &billingpb.ChargeUsageResult{Outcome: &billingpb.ChargeUsageResult_Response{Response: receiptOf(request)}}
		if request.UserId == "poor" {
			result.Outcome = &billingpb.ChargeUsageResult_Error{Error: &billingpb.ChargeUsageError{
				Code: int32(codes.FailedPrecondition), Reason: "INSUFFICIENT_CREDITS",
			}}
		}
		response.Results = append(response.Results, result)
	}
	return response, s.answer(ctx, keys...)
}

func (s *scriptedServer) PriceQuote(
	ctx context.Context, _ *billingpb.PriceQuoteRequest,
) (*billingpb.PriceQuoteResponse, error) {
	return &billingpb.PriceQuoteResponse{}, s.answer(ctx)
}

func (s *scriptedServer) StreamSettle(stream billingpb.BillingService_StreamSettleServer) error {
	return s.stream(stream)
}

func receiptOf(request *billingpb.ChargeUsageRequest) *billingpb.ChargeUsageResponse {
	return &billingpb.ChargeUsageResponse{
		Charge: &billingpb.Charge{IdempotencyKey: request.IdempotencyKey, AmountNanousd: 7},
	}
}

// refusal is how tollgate refuses.
func refusal(code codes.Code, reason string, retryAfter time.Duration) error {
	refused := status.New(code, reason)
	info := &errdetails.ErrorInfo{Reason: reason, Domain: "tollgate"}
	withInfo, _ := refused.WithDetails(info, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
	return withInfo.Err()
}

func newClient(t *testing.T, config Config) *Client {
	t.Helper()
	config.DeliverInterval = -1
	config.Logger = slog.New(slog.DiscardHandler)
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = client.Close(ctx)
	})
	return client
}

func chargeOf(key string) *billingpb.ChargeUsageRequest {
	return &billingpb.ChargeUsageRequest{UserId: "ada", IdempotencyKey: key, Model: "m"}
}
