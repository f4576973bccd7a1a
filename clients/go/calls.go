package tollgate

import (
	"context"
	"regexp"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"tollgate.internal/client/billingpb"
)

// Calls that only read, or name a key for each of their parts.
var repeatable = regexp.MustCompile(`/(Get|List|Summarize|PriceQuote|Reconcile|BatchChargeUsage|ReportParts)[A-Za-z]*$`)

type onceKey struct{}

// unary gives every call a deadline and the token, and makes it again where it has the effect of
// one.
func (c *Client) unary(
	ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	attempt := func(ctx context.Context) error {
		return invoke(c.withToken(ctx), method, request, response, conn, options...)
	}
	if ctx.Value(onceKey{}) != nil {
		return errorOf(attempt(ctx))
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	if !isRepeatable(method, request) {
		return errorOf(attempt(ctx))
	}
	return withRetries(ctx, c.retries(), attempt)
}

func (c *Client) stream(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer,
	options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	return open(c.withToken(ctx), desc, conn, method, options...)
}

func (c *Client) withToken(ctx context.Context) context.Context {
	if c.config.Token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.config.Token)
}

func (c *Client) retries() retryPolicy {
	return retryPolicy{retriesMax: c.config.RetriesMax, attemptTimeout: c.config.AttemptTimeout}
}

func isRepeatable(method string, request any) bool {
	keyed, ok := request.(interface{ GetIdempotencyKey() string })
	return repeatable.MatchString(method) || ok && keyed.GetIdempotencyKey() != ""
}

// onceOnly makes a call once: its caller retries.
type onceOnly struct {
	billing billingpb.BillingServiceClient
}

func (o onceOnly) one(ctx context.Context, request *billingpb.ChargeUsageRequest) (*billingpb.ChargeUsageResponse, error) {
	return o.billing.ChargeUsage(context.WithValue(ctx, onceKey{}, true), request)
}

func (o onceOnly) many(
	ctx context.Context, requests []*billingpb.ChargeUsageRequest,
) (*billingpb.BatchChargeUsageResponse, error) {
	batch := &billingpb.BatchChargeUsageRequest{Requests: requests}
	return o.billing.BatchChargeUsage(context.WithValue(ctx, onceKey{}, true), batch)
}
