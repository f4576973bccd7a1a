package main

import (
	"context"
	"encoding/json"
	"sync"

	tollgate "tollgate.internal/client"
)

// stream is a provider that gives what it is told to, and the end user who reads it.
type stream struct {
	ctx   context.Context
	leave context.CancelFunc

	mu        sync.Mutex
	changed   *sync.Cond
	chunks    []json.RawMessage
	given     int
	delivered int
	ending    error
	isEnding  bool
	isOver    bool
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	s.ctx, s.leave = context.WithCancel(context.Background())
	return s
}

// generate is what a gateway does: it passes the provider's chunks to the end user as far as they
// are paid for.
func (s *stream) generate(meter *tollgate.Meter) (*tollgate.End, error) {
	stopWaiting := context.AfterFunc(meter.Context(), s.wake)
	defer stopWaiting()
	for {
		chunk, isThere := s.next(meter.Context())
		if !isThere {
			break
		}
		if meter.Pass(chunk) != nil {
			break
		}
		s.deliver()
	}
	if meter.Context().Err() != nil {
		return meter.Close()
	}
	return meter.End(s.ending)
}

func (s *stream) next(ctx context.Context) (json.RawMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.chunks) == 0 && !s.isEnding && ctx.Err() == nil {
		s.changed.Wait()
	}
	if len(s.chunks) == 0 || ctx.Err() != nil {
		return nil, false
	}
	chunk := s.chunks[0]
	s.chunks = s.chunks[1:]
	return chunk, true
}

func (s *stream) give(chunk json.RawMessage, count int) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range count {
		s.chunks = append(s.chunks, chunk)
	}
	s.given += count
	upTo := s.given
	s.changed.Broadcast()
	for s.delivered < upTo && !s.isOver {
		s.changed.Wait()
	}
	return answer{"delivered": s.delivered}
}

func (s *stream) deliver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered++
	s.changed.Broadcast()
}

func (s *stream) deliveredCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivered
}

func (s *stream) providerEnds(fails bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isEnding = true
	if fails {
		s.ending = errProvider
	}
	s.changed.Broadcast()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

func (s *stream) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOver = true
	s.changed.Broadcast()
}
