package tollgate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"tollgate.internal/client/billingpb"
)

// Config says how to reach tollgate. Only Address is required.
type Config struct {
	// Address is host:port, or anything else that gRPC resolves, such as
	// dns:///tollgate-pods:50051.
	Address string
	// Token is sent as a bearer token with every call.
	Token string
	// TLS is nil for plain text. A certificate in it is shown to a server that demands one.
	TLS *tls.Config
	// DialOptions are added to those of the client.
	DialOptions []grpc.DialOption

	// Timeout bounds each call, with all its attempts. Default: 30 s.
	Timeout time.Duration
	// AttemptTimeout bounds one attempt. Default: 10 s.
	AttemptTimeout time.Duration
	// RetriesMax is the number of attempts after the first. Default: 3; negative = none.
	RetriesMax int
	// NoBatching sends each charge in a call of its own. By default charges that come while others
	// run travel together.
	NoBatching bool

	// StoreDir is a directory, on a disk that lasts, for what can't be delivered yet. It belongs to
	// this client alone. Empty = nothing is kept: a charge that nobody answers is returned as an
	// error, and no call is made on trust.
	StoreDir string
	// StoreBytesMax bounds the store; each entry counts as whole blocks of 4 KiB. Default: 256 MiB.
	StoreBytesMax int64
	// DeliverInterval is how often the store is delivered. Default: 15 s; negative = only by
	// Deliver.
	DeliverInterval time.Duration

	// ServerWait is how long a stream waits for a server where it can't continue without one.
	// Default: 5 s.
	ServerWait time.Duration
	// OutputTokensBeyondGrant is how many completion tokens a stream may deliver beyond its grant
	// while no server answers. Default: 4,096 with a store, else none; negative = none.
	OutputTokensBeyondGrant int64

	// Logger gets what has no caller to return to: entries that tollgate refuses for good, and a disk
	// that fails. Default: slog.Default().
	Logger *slog.Logger
}

// Client is a connection to tollgate. It is safe for concurrent use. The generated clients in it
// have every method of the contract, with the client's deadlines, retries and errors; charges go
// through Charge, which also keeps and batches.
type Client struct {
	Billing        billingpb.BillingServiceClient
	Users          billingpb.UserServiceClient
	Prices         billingpb.PriceServiceClient
	Budgets        billingpb.BudgetServiceClient
	Reconciliation billingpb.ReconciliationServiceClient

	config  Config
	conn    *grpc.ClientConn
	batches *batcher
	store   *store
	trust   trust
	stats   stats

	// For work that outlives the call that began it. It ends when the client is closed.
	base     context.Context
	stopBase context.CancelFunc

	mu       sync.Mutex
	isClosed bool
	meters   map[*Meter]struct{}
	running  sync.WaitGroup
	stopping chan struct{}
}

// New connects at the first call, and again whenever the connection is lost. It fails where the
// store can't be written.
func New(config Config) (*Client, error) {
	config = withDefaults(config)
	if err := errors.Join(checkAddress(config.Address), checkToken(config.Token)); err != nil {
		return nil, err
	}
	var kept *store
	if config.StoreDir != "" {
		var err error
		if kept, err = openStore(config.StoreDir, config.StoreBytesMax); err != nil {
			return nil, err
		}
	}
	c := &Client{config: config, store: kept, meters: map[*Meter]struct{}{}, stopping: make(chan struct{})}
	conn, err := grpc.NewClient(config.Address, c.dialOptions()...)
	if err != nil {
		return nil, err
	}
	c.conn = conn
	c.base, c.stopBase = context.WithCancel(context.Background())
	c.Billing = billingpb.NewBillingServiceClient(conn)
	c.Users = billingpb.NewUserServiceClient(conn)
	c.Prices = billingpb.NewPriceServiceClient(conn)
	c.Budgets = billingpb.NewBudgetServiceClient(conn)
	c.Reconciliation = billingpb.NewReconciliationServiceClient(conn)
	c.batches = &batcher{base: c.base, calls: onceOnly{c.Billing}}
	if c.store != nil && config.DeliverInterval > 0 {
		c.running.Add(1)
		go c.deliverRegularly()
	}
	return c, nil
}

// Close settles the streams that are open, waits for the charges that are on their way, and closes
// the connection. It waits until the context is done at most. With a store, the ends of all streams
// are on disk before it returns, and what is in the store is delivered after the next start.
func (c *Client) Close(ctx context.Context) error {
	meters, first := c.stopAccepting()
	if !first {
		return nil
	}
	for _, meter := range meters {
		meter.abort()
	}
	// Even where the context is done already, such as that of a signal: what was delivered must not be lost.
	for _, meter := range meters {
		<-meter.kept
	}
	done := make(chan struct{})
	go func() {
		c.running.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.stopBase()
	return errors.Join(err, c.conn.Close())
}

func (c *Client) stopAccepting() (open []*Meter, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return nil, false
	}
	c.isClosed = true
	close(c.stopping)
	for meter := range c.meters {
		open = append(open, meter)
	}
	return open, true
}

// begin counts work that Close waits for, until c.running.Done.
func (c *Client) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return ErrClosed
	}
	c.running.Add(1)
	return nil
}

// String leaves out the token, as do the other ways to print or log a Config.
func (c Config) String() string {
	return fmt.Sprintf("tollgate at %s, store %q", c.Address, c.StoreDir)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String leaves out the token.
func (c *Client) String() string { return c.config.String() }

// GoString is String.
func (c *Client) GoString() string { return c.String() }

func withDefaults(config Config) Config {
	setDefault(&config.Timeout, 30*time.Second)
	setDefault(&config.AttemptTimeout, 10*time.Second)
	setDefault(&config.RetriesMax, 3)
	setDefault(&config.StoreBytesMax, 256<<20)
	setDefault(&config.DeliverInterval, 15*time.Second)
	setDefault(&config.ServerWait, 5*time.Second)
	setDefault(&config.OutputTokensBeyondGrant, 4096)
	if config.StoreDir == "" {
		// What continues without a server must not be lost.
		config.OutputTokensBeyondGrant = 0
	}
	config.RetriesMax = max(config.RetriesMax, 0)
	config.OutputTokensBeyondGrant = max(config.OutputTokensBeyondGrant, 0)
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return config
}

func setDefault[T comparable](field *T, value T) {
	var unset T
	if *field == unset {
		*field = value
	}
}

var notAnAddress = regexp.MustCompile(`(?i)^https?:|\s|^$`)

// checkAddress refuses a URL: gRPC would look it up as a name, and a client would take tollgate to be
// down for ever.
func checkAddress(address string) error {
	if notAnAddress.MatchString(address) {
		return errors.New("tollgate: Address must be host:port without http://, or a target of gRPC (dns:///name:port)")
	}
	return nil
}

// checkToken refuses a token that gRPC can't send (a line feed at its end is enough), because gRPC
// would quote it in its error.
func checkToken(token string) error {
	for _, char := range token {
		if char < ' ' || char > '~' {
			return errors.New("tollgate: the token has characters that are not visible ASCII")
		}
	}
	return nil
}

func (c *Client) dialOptions() []grpc.DialOption {
	transport := insecure.NewCredentials()
	if c.config.TLS != nil {
		transport = credentials.NewTLS(c.config.TLS)
	}
	return append([]grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		// A connection that something on its way forgot must be noticed while there is time left
		// for another attempt.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		// The gateway's own users wait for it.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second,
			},
			MinConnectTimeout: 2 * time.Second,
		}),
		// A name with several addresses, such as a headless service, is used as a whole.
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		// A page of 1,000 receipts with all their labels.
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16 << 20)),
		grpc.WithUnaryInterceptor(c.unary),
		grpc.WithStreamInterceptor(c.stream),
	}, c.config.DialOptions...)
}
