// What a gateway does with tollgate, on a user of its own: `go run . [address]`. TOLLGATE_TOKEN is
// a token with the admin scope, where the server asks for one.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	tollgate "tollgate.internal/client"
	"tollgate.internal/client/billingpb"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	address := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	client, err := tollgate.New(tollgate.Config{
		Address: address,
		Token:   os.Getenv("TOLLGATE_TOKEN"),
		// A real gateway names a directory on a disk that lasts.
		StoreDir: filepath.Join(os.TempDir(), "tollgate-example", rand.Text()),
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			log.Print(err)
		}
	}()
	user, err := newUser(ctx, client)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, *tollgate.Client, string) error{quote, charge, refusal, hold, stream} {
		if err := step(ctx, client, user); err != nil {
			return err
		}
	}
	return nil
}

// newUser has a dollar.
func newUser(ctx context.Context, client *tollgate.Client) (string, error) {
	user := "go-" + rand.Text()
	if _, err := client.Users.CreateUser(ctx, &billingpb.CreateUserRequest{UserId: user}); err != nil {
		return "", err
	}
	_, err := client.Users.GrantCredits(ctx, &billingpb.GrantCreditsRequest{
		UserId: user, IdempotencyKey: "order-1", Pot: billingpb.Pot_POT_CREDITS, AmountNanousd: 1_000_000_000,
	})
	return user, err
}

func quote(ctx context.Context, client *tollgate.Client, user string) error {
	quoted, err := client.Billing.PriceQuote(ctx, &billingpb.PriceQuoteRequest{
		UserId: user, Model: model(), Provider: "openai", MaxOutputTokens: 300, Usage: &billingpb.Usage{InputTokens: 1200},
	})
	if err != nil {
		return err
	}
	fmt.Printf("PriceQuote      at most %s, affordable: %t\n", dollars(quoted.MaxCostNanousd), quoted.Affordable)
	return nil
}

// charge deducts a finished call. The same request again is answered with the first receipt.
func charge(ctx context.Context, client *tollgate.Client, user string) error {
	request := chargeOf(user, `{"prompt_tokens": 1200, "completion_tokens": 300}`)
	for _, name := range []string{"Charge        ", "the same again"} {
		receipt, err := client.Charge(ctx, request)
		if err != nil {
			return err
		}
		fmt.Printf("%s  %s, replayed: %t\n", name, dollars(receipt.Charge.AmountNanousd), receipt.Replayed)
	}
	return nil
}

func refusal(ctx context.Context, client *tollgate.Client, user string) error {
	_, err := client.Charge(ctx, chargeOf("nobody-"+user, `{"prompt_tokens": 1, "completion_tokens": 1}`))
	var refused *tollgate.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("expected a refusal, got %w", err)
	}
	fmt.Printf("a stranger      %s\n", refused.Reason)
	return nil
}

// hold is for a call that answers at once: nobody calls the provider for a user who can't pay.
func hold(ctx context.Context, client *tollgate.Client, user string) error {
	open := &billingpb.StreamOpen{
		UserId: user, IdempotencyKey: rand.Text(), Model: model(), Provider: "openai", InputTokens: 100, MaxOutputTokens: 300,
	}
	end, err := client.Hold(ctx, open, func(context.Context) (tollgate.Answer, error) {
		usage := &billingpb.ProviderUsage{
			Format: "openai.chat", Json: `{"prompt_tokens": 100, "completion_tokens": 300}`,
		}
		return tollgate.Answer{ProviderUsage: usage}, nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("Hold            %s\n", dollars(end.Charge.AmountNanousd))
	return nil
}

// stream passes a provider's chunks on as far as they are paid for.
func stream(ctx context.Context, client *tollgate.Client, user string) error {
	open := &billingpb.StreamOpen{
		UserId: user, IdempotencyKey: rand.Text(), Model: model(), Provider: "openai", InputTokens: 100, MaxOutputTokens: 5000,
	}
	meter, err := client.Meter(ctx, open, tollgate.OpenAIChat)
	if err != nil {
		return err
	}
	defer meter.Close()
	words := 0
	for chunk := range providerChunks(meter.Context()) {
		if meter.Pass(chunk) != nil {
			break
		}
		words++ // Here a gateway writes the chunk to its end user.
	}
	end, err := meter.End(nil)
	if err != nil {
		return err
	}
	fmt.Printf("Meter           %d words, %s\n", words, dollars(end.Charge.AmountNanousd))
	return nil
}

// providerChunks is a provider that says 2,000 words. A real one gets the context with its request.
func providerChunks(ctx context.Context) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for range 2000 {
			if ctx.Err() != nil || !yield([]byte(`{"choices": [{"delta": {"content": "abc "}}]}`)) {
				return
			}
		}
	}
}

func chargeOf(user, usage string) *billingpb.ChargeUsageRequest {
	return &billingpb.ChargeUsageRequest{
		UserId: user, IdempotencyKey: rand.Text(), Model: model(), Provider: "openai",
		// When the call was made: a request that is sent again must be the same one.
		OccurredAt: timestamppb.Now(),
		Measured: &billingpb.ChargeUsageRequest_ProviderUsage{
			ProviderUsage: &billingpb.ProviderUsage{Format: "openai.chat", Json: usage},
		},
	}
}

// dollars never goes through a float: a person must see every cent.
func dollars(nanousd int64) string {
	return fmt.Sprintf("$%d.%09d", nanousd/1_000_000_000, nanousd%1_000_000_000)
}

func model() string { return cmp.Or(os.Getenv("MODEL"), "gpt-4o") }
