package tollgate

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"tollgate.internal/client/billingpb"
)

const (
	// A silent generation (one that thinks, or has not answered yet) reports three times within the
	// validity of its grant, so that the second half of it, where a report renews the grant, is not
	// missed.
	heartbeatMax = 15 * time.Second
	// Where the clocks of client and server disagree by more than the validity.
	heartbeatMin = 250 * time.Millisecond
	// A connection that ends sooner counts as a failure, also if a server answered: thousands of streams
	// must not open again and again at a server that drains or drops them.
	steadyAfter = time.Second
	// A server ends the call of a settled stream itself.
	endOfCallWait = 10 * time.Second
)

// session is one stream, over as many connections as it takes. Whenever a connection ends before the
// settlement, it opens the stream again with the same key, and sends the last report or the close
// again. Reports are totals, so one that arrives twice counts once. It keeps only the last report, so
// that a server that hangs costs no memory.
type session struct {
	client *Client
	open   *billingpb.StreamOpen
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	changed  chan struct{}
	current  sessionState
	sequence int64
	usage    *billingpb.Usage
	hasNews  bool
	last     *billingpb.StreamClose
	// About the current connection.
	isAnswered, isCloseSaid bool
	wake                    chan struct{}
}

// sessionState is what is known about the stream.
type sessionState struct {
	// grant is the last one; nil until the first.
	grant   *billingpb.StreamGrant
	settled *billingpb.StreamSettled
	// trouble is what the last connection ended with, where that may pass.
	trouble error
	// failure is why there will be no more: a refusal, or another connection that has the stream.
	failure error
	// isConnected: a server answers.
	isConnected bool
}

// isOver: the stream is settled, and no late close is accepted.
func (s sessionState) isOver() bool { return s.settled != nil && s.settled.AmendableUntil == nil }

// isDecided: the server has granted or refused it, or had settled it before.
func (s sessionState) isDecided() bool { return s.grant != nil || s.settled != nil || s.failure != nil }

func openSession(client *Client, open *billingpb.StreamOpen) *session {
	s := &session{client: client, open: proto.CloneOf(open), changed: make(chan struct{}), wake: make(chan struct{}, 1)}
	s.ctx, s.cancel = context.WithCancel(client.base)
	go s.run()
	return s
}

// report sends the total usage so far.
func (s *session) report(usage *billingpb.Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage, s.hasNews = usage, true
	s.wakeUp()
}

// sayClose sends the close on each connection, until the stream is settled or abandoned.
func (s *session) sayClose(last *billingpb.StreamClose) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = proto.CloneOf(last)
	s.wakeUp()
}

// abandon ends the connection without settling: the stream may be opened again, or expires.
func (s *session) abandon() {
	if s.state().isOver() {
		// The server ends the call. A reset for each would, by the thousand, have it drop the
		// connection that all streams share.
		time.AfterFunc(endOfCallWait, s.cancel)
		return
	}
	s.cancel()
}

func (s *session) state() sessionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// waitUntil waits for the condition until the deadline, or until the context is done. It returns
// whether the condition came true.
func (s *session) waitUntil(ctx context.Context, deadline time.Time, condition func(sessionState) bool) bool {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	for {
		s.mu.Lock()
		state, changed := s.current, s.changed
		s.mu.Unlock()
		if condition(state) {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		case <-s.ctx.Done():
			return condition(s.state())
		}
	}
}

func (s *session) run() {
	delays := delayer{first: 100 * time.Millisecond, max: time.Second}
	for s.ctx.Err() == nil {
		began := time.Now()
		err := s.connect()
		if s.endConnection(err) && time.Since(began) > steadyAfter {
			delays.reset()
		}
		if state := s.state(); state.isOver() || state.failure != nil {
			return
		}
		sleep(s.ctx, delays.next())
	}
}

// endConnection records why a connection ended, and returns whether the server had answered on it.
func (s *session) endConnection(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	wasAnswered := s.isAnswered
	switch {
	case s.current.isOver() || errors.Is(err, errDrained):
	case errors.Is(err, io.EOF):
		// A server that ends the call itself accepts no late close any more.
		if s.isCloseSaid && s.current.settled != nil {
			final := proto.CloneOf(s.current.settled)
			final.AmendableUntil = nil
			s.current.settled = final
		}
	case mayBeRetried(err):
		s.current.trouble = err
	default:
		s.current.failure = err
	}
	s.current.isConnected, s.isAnswered, s.isCloseSaid = false, false, false
	s.notify()
	return wasAnswered
}

var errDrained = errors.New("the server drains")

// connect makes one call and reads it to its end. If the server drains, it cancels the call, because
// a half-close would settle the stream.
func (s *session) connect() error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stream, err := s.client.Billing.StreamSettle(ctx)
	if err != nil {
		return errorOf(err)
	}
	opening := &billingpb.StreamSettleRequest{Event: &billingpb.StreamSettleRequest_Open{Open: s.open}}
	if err := stream.Send(opening); err != nil && !errors.Is(err, io.EOF) {
		return errorOf(err)
	}
	// A server that hangs is left for another one.
	tooLate := time.AfterFunc(s.client.config.AttemptTimeout, cancel)
	defer tooLate.Stop()
	// It must have ended before the next connection, or it would take a report and send it nowhere.
	isSilent := make(chan struct{})
	go func() {
		defer close(isSilent)
		s.speak(ctx, stream)
	}()
	defer func() {
		cancel()
		<-isSilent
	}()
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return s.errorOfStream(ctx, err)
		}
		tooLate.Stop()
		if s.take(response); response.GetDrain() != nil {
			return errDrained
		}
	}
}

// errorOfStream returns a deadline's error for a call that the session cancelled because no server
// answered it.
func (s *session) errorOfStream(ctx context.Context, err error) error {
	if ctx.Err() != nil && s.ctx.Err() == nil {
		return newError(codes.DeadlineExceeded, "no answer in time")
	}
	return errorOf(err)
}

func (s *session) take(response *billingpb.StreamSettleResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	isFirst := !s.isAnswered
	s.isAnswered, s.current.isConnected = true, true
	if grant := response.GetGrant(); grant != nil {
		s.current.grant = grant
		s.sequence = max(s.sequence, grant.AcknowledgedSequence)
		if s.usage != nil && isFirst {
			s.hasNews = true
		}
		s.client.trust.admitted(s.open.UserId)
	}
	s.client.trust.isDown.Store(false)
	if settled := response.GetSettled(); settled != nil {
		s.current.settled = settled
	}
	s.wakeUp()
	s.notify()
}

// speak sends reports, heartbeats and at last the close on one connection.
func (s *session) speak(ctx context.Context, stream billingpb.BillingService_StreamSettleClient) {
	heartbeat := time.NewTimer(heartbeatMax)
	defer heartbeat.Stop()
	for {
		isBeat := false
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-heartbeat.C:
			isBeat = true
		}
		request := s.next(isBeat)
		heartbeat.Reset(s.heartbeat())
		if request == nil {
			continue
		}
		// The reader gets the error.
		if stream.Send(request) != nil {
			return
		}
		if request.GetClose() != nil {
			_ = stream.CloseSend()
			return
		}
	}
}

// next is nil if there is nothing to send. It is nil before the first answer, because only that says
// which sequence a resumed stream has reached.
func (s *session) next(isBeat bool) *billingpb.StreamSettleRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.isAnswered || s.isCloseSaid:
		return nil
	case s.last != nil:
		s.isCloseSaid = true
		s.sequence++
		closing := proto.CloneOf(s.last)
		closing.Sequence = s.sequence
		return &billingpb.StreamSettleRequest{Event: &billingpb.StreamSettleRequest_Close{Close: closing}}
	case s.current.settled != nil || !s.hasNews && !isBeat:
		return nil
	}
	s.hasNews = false
	s.sequence++
	// Before the provider's first word, nothing is used.
	usage := s.usage
	if usage == nil {
		usage = &billingpb.Usage{}
	}
	progress := &billingpb.StreamProgress{Sequence: s.sequence, Usage: usage}
	return &billingpb.StreamSettleRequest{Event: &billingpb.StreamSettleRequest_Progress{Progress: progress}}
}

func (s *session) heartbeat() time.Duration {
	grant := s.state().grant
	if grant == nil {
		return heartbeatMax
	}
	return max(heartbeatMin, min(heartbeatMax, time.Until(grant.ExpiresAt.AsTime())/3))
}

// wakeUp and notify are called under the lock.
func (s *session) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}
