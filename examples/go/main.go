// Makes the calls that a gateway makes for a finished completion, on a user of its own: `go run . [address]`.
// TOLLGATE_TOKEN: a token with the admin scope, where the server asks for one.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "example.com/gateway/tollgatepb/tollgate/billing/v1"
)

const (
	attemptsMax    = 4
	attemptTimeout = 10 * time.Second
)

func main() {
	if err := run(address()); err != nil {
		log.Fatal(err)
	}
}

func run(address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	billing, users := pb.NewBillingServiceClient(conn), pb.NewUserServiceClient(conn)

	user, model := "go-"+rand.Text(), modelName()
	if _, err := call(users.CreateUser, &pb.CreateUserRequest{UserId: user}); err != nil {
		return err
	}
	grant := &pb.GrantCreditsRequest{UserId: user, IdempotencyKey: "order-1", Pot: pb.Pot_POT_CREDITS, AmountNanousd: 1_000_000_000}
	if _, err := call(users.GrantCredits, grant); err != nil {
		return err
	}

	quote, err := call(billing.PriceQuote, &pb.PriceQuoteRequest{
		UserId: user, Model: model, Provider: "openai", MaxOutputTokens: 300, Usage: &pb.Usage{InputTokens: 1200},
	})
	if err != nil {
		return err
	}
	fmt.Printf("PriceQuote      at most %s, affordable: %t\n", dollars(quote.MaxCostNanousd), quote.Affordable)

	finished := &pb.ChargeUsageRequest{
		UserId: user, IdempotencyKey: rand.Text(), Model: model, Provider: "openai", QuoteId: quote.QuoteId,
		Measured: &pb.ChargeUsageRequest_ProviderUsage{ProviderUsage: &pb.ProviderUsage{
			Format: "openai.chat", Json: `{"prompt_tokens": 1200, "completion_tokens": 300}`,
		}},
	}
	charged, err := call(billing.ChargeUsage, finished)
	if err != nil {
		return err
	}
	again, err := call(billing.ChargeUsage, finished)
	if err != nil {
		return err
	}
	fmt.Printf("ChargeUsage     %s\nthe same again  replayed: %t\n", dollars(charged.Charge.AmountNanousd), again.Replayed)
	if !again.Replayed || again.Charge.ChargeId != charged.Charge.ChargeId {
		return errors.New("expected the same receipt")
	}

	_, err = call(billing.ChargeUsage, &pb.ChargeUsageRequest{
		UserId: "nobody-" + user, IdempotencyKey: rand.Text(), Model: model, Measured: &pb.ChargeUsageRequest_Usage{Usage: &pb.Usage{InputTokens: 1}},
	})
	fmt.Printf("a stranger      %s\n", reasonOf(err))
	if reasonOf(err) != "USER_NOT_FOUND" {
		return errors.New("expected USER_NOT_FOUND")
	}
	return nil
}

// call makes a unary call that names an idempotency key, or only reads, and makes it again where that may help.
func call[Request, Response any](
	method func(context.Context, *Request, ...grpc.CallOption) (*Response, error), request *Request,
) (*Response, error) {
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(withToken(context.Background()), attemptTimeout)
		response, err := method(ctx, request)
		cancel()
		if err == nil || attempt == attemptsMax || !mayBeRetried(err) {
			return response, err
		}
		time.Sleep(max(retryAfter(err), time.Duration(attempt)*100*time.Millisecond))
	}
}

// mayBeRetried: what passes by itself. A limit, a refusal or a mistake does not.
func mayBeRetried(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return true
	case codes.Internal, codes.Canceled, codes.Unknown, codes.ResourceExhausted:
		// tollgate gives every error its details. One without is of a connection that broke, or of something in between.
		if infoOf(err) == nil {
			return true
		}
	}
	reason := reasonOf(err)
	return reason == "CONCURRENT_MODIFICATION" || reason == "OVERLOADED"
}

func reasonOf(err error) string {
	if info := infoOf(err); info != nil {
		return info.Reason
	}
	return status.Code(err).String()
}

func infoOf(err error) *errdetails.ErrorInfo {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

func retryAfter(err error) time.Duration {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.RetryDelay.AsDuration()
		}
	}
	return 0
}

func withToken(ctx context.Context) context.Context {
	if token := os.Getenv("TOLLGATE_TOKEN"); token != "" {
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	return ctx
}

// dollars never goes through a float: a cent must not be lost on the way to a person.
func dollars(nanousd int64) string {
	return fmt.Sprintf("$%d.%09d", nanousd/1_000_000_000, nanousd%1_000_000_000)
}

func address() string {
	if len(os.Args) > 1 {
		return os.Args[1]
	}
	return "127.0.0.1:50051"
}

func modelName() string {
	if model := os.Getenv("MODEL"); model != "" {
		return model
	}
	return "gpt-4o"
}
