// The driver of the conformance suite for Go: does what the lines on stdin say, and answers on
// stdout. docs/clients.md has the commands.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tollgate "tollgate.internal/client"
	"tollgate.internal/client/billingpb"
)

type command struct {
	ID int    `json:"id"`
	Do string `json:"do"`

	Address                 string          `json:"address"`
	Store                   string          `json:"store"`
	StoreBytesMax           int64           `json:"storeBytesMax"`
	TimeoutMs               int64           `json:"timeoutMs"`
	AttemptTimeoutMs        int64           `json:"attemptTimeoutMs"`
	RetriesMax              int             `json:"retriesMax"`
	WaitMs                  int64           `json:"waitMs"`
	OutputTokensBeyondGrant *int64          `json:"outputTokensBeyondGrant"`
	Request                 json.RawMessage `json:"request"`
	Open                    json.RawMessage `json:"open"`
	TakesMs                 int64           `json:"takesMs"`
	Usage                   json.RawMessage `json:"usage"`
	Fails                   bool            `json:"fails"`
	Stream                  string          `json:"stream"`
	Format                  string          `json:"format"`
	Chunk                   json.RawMessage `json:"chunk"`
	Count                   int             `json:"count"`
}

type answer map[string]any

type driver struct {
	client *tollgate.Client

	mu      sync.Mutex
	streams map[string]*stream
}

var errProvider = errors.New("the provider failed")

func main() {
	d := &driver{streams: map[string]*stream{}}
	var output sync.Mutex
	var others sync.WaitGroup
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answerIt := func() {
			answered := d.answer(c)
			answered["id"] = c.ID
			output.Lock()
			defer output.Unlock()
			_ = json.NewEncoder(os.Stdout).Encode(answered)
		}
		if c.Do == "close" {
			answerIt()
			others.Wait()
			return
		}
		others.Go(answerIt)
	}
}

func (d *driver) answer(c command) answer {
	switch c.Do {
	case "connect":
		return d.connect(c)
	case "charge":
		return d.charge(c)
	case "hold":
		return d.hold(c)
	case "stream":
		return d.meter(c)
	case "chunks":
		return d.stream(c.Stream).give(c.Chunk, c.Count)
	case "end":
		d.stream(c.Stream).providerEnds(c.Fails)
		return answer{}
	case "leave":
		d.stream(c.Stream).leave()
		return answer{}
	case "deliver":
		delivery, err := d.client.Deliver(context.Background())
		return withError(answer{
			"deliveredCount": delivery.Delivered, "waitingCount": delivery.Waiting, "refusedCount": delivery.Refused,
		}, err)
	case "close":
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return withError(answer{}, d.client.Close(ctx))
	}
	return answer{"error": "unknown command " + c.Do}
}

func (d *driver) connect(c command) answer {
	config := tollgate.Config{
		Address:         c.Address,
		StoreDir:        c.Store,
		StoreBytesMax:   c.StoreBytesMax,
		Timeout:         time.Duration(c.TimeoutMs) * time.Millisecond,
		AttemptTimeout:  time.Duration(c.AttemptTimeoutMs) * time.Millisecond,
		RetriesMax:      c.RetriesMax,
		ServerWait:      time.Duration(c.WaitMs) * time.Millisecond,
		DeliverInterval: -1,
		Logger:          slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if c.OutputTokensBeyondGrant != nil {
		config.OutputTokensBeyondGrant = *c.OutputTokensBeyondGrant
		if *c.OutputTokensBeyondGrant == 0 {
			config.OutputTokensBeyondGrant = -1
		}
	}
	client, err := tollgate.New(config)
	if errors.Is(err, tollgate.ErrStoreUnwritable) {
		return answer{"error": "STORE_UNWRITABLE", "message": err.Error()}
	}
	d.client = client
	return withError(answer{}, err)
}

func (d *driver) charge(c command) answer {
	request := &billingpb.ChargeUsageRequest{}
	if err := protojson.Unmarshal(c.Request, request); err != nil {
		return withError(answer{}, err)
	}
	receipt, err := d.client.Charge(context.Background(), request)
	switch {
	case err != nil:
		return outcomeOf(err)
	case receipt.Kept:
		return answer{"outcome": "kept"}
	}
	return answer{
		"outcome": "charged", "amountNanousd": fmt.Sprint(receipt.Charge.AmountNanousd), "replayed": receipt.Replayed,
	}
}

func (d *driver) hold(c command) answer {
	open, err := openOf(c)
	if err != nil {
		return withError(answer{}, err)
	}
	isCalled := false
	end, err := d.client.Hold(context.Background(), open, func(ctx context.Context) (tollgate.Answer, error) {
		isCalled = true
		time.Sleep(time.Duration(c.TakesMs) * time.Millisecond)
		usage := &billingpb.Usage{}
		if c.Fails {
			return tollgate.Answer{}, errProvider
		}
		return tollgate.Answer{Usage: usage}, protojson.Unmarshal(c.Usage, usage)
	})
	answered := endOf(end, err)
	answered["providerCalled"] = isCalled
	return answered
}

func (d *driver) meter(c command) answer {
	s := d.stream(c.Stream)
	defer s.over()
	open, err := openOf(c)
	if err != nil {
		return withError(answer{}, err)
	}
	format := tollgate.OpenAIChat
	if c.Format == "anthropic.messages" {
		format = tollgate.AnthropicMessages
	}
	meter, err := d.client.Meter(s.ctx, open, format)
	if err != nil {
		answered := outcomeOf(err)
		answered["providerCalled"] = false
		return answered
	}
	end, err := s.generate(meter)
	answered := endOf(end, err)
	answered["providerCalled"], answered["delivered"] = true, s.deliveredCount()
	return answered
}

func (d *driver) stream(name string) *stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, isKnown := d.streams[name]
	if !isKnown {
		known = newStream()
		d.streams[name] = known
	}
	return known
}

func openOf(c command) (*billingpb.StreamOpen, error) {
	open := &billingpb.StreamOpen{}
	return open, protojson.Unmarshal(c.Open, open)
}

func endOf(end *tollgate.End, err error) answer {
	if end == nil {
		return outcomeOf(err)
	}
	answered := answer{}
	if end.StoppedBy != "" {
		answered["stoppedBy"] = end.StoppedBy
	}
	switch {
	case end.Kept:
		answered["outcome"] = "kept"
	case proto.Equal(end.Charge.GetUsage(), &billingpb.Usage{}), end.Charge.GetAmountNanousd() == 0:
		answered["outcome"] = "nothing"
	default:
		answered["outcome"], answered["amountNanousd"] = "charged", fmt.Sprint(end.Charge.AmountNanousd)
	}
	return answered
}

func outcomeOf(err error) answer {
	var failure *tollgate.Error
	if !errors.As(err, &failure) {
		return answer{"error": err.Error()}
	}
	outcome := "refused"
	if tollgate.IsUndecided(err) && failure.Message[:min(len(failure.Message), 11)] != "no tollgate" {
		outcome = "undecided"
	}
	return answer{"outcome": outcome, "reason": failure.Reason}
}

func withError(answered answer, err error) answer {
	if err != nil {
		answered["error"] = err.Error()
	}
	return answered
}
