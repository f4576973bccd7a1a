package tollgate

import "sync/atomic"

// Stats counts what an operator wants to know, since the start of the client.
type Stats struct {
	// Kept entries of the store, Delivered ones, and those that tollgate Refused for good.
	Kept, Delivered, Refused int64
	// Waiting is how many entries the store holds now.
	Waiting int64
	// UsageBelowDelivered: streams whose provider stated fewer tokens than the words that were
	// delivered.
	UsageBelowDelivered int64
}

type stats struct {
	kept, delivered, refused, usageBelowDelivered atomic.Int64
}

// Stats are the counts up to now.
func (c *Client) Stats() Stats {
	counts := Stats{
		Kept:                c.stats.kept.Load(),
		Delivered:           c.stats.delivered.Load(),
		Refused:             c.stats.refused.Load(),
		UsageBelowDelivered: c.stats.usageBelowDelivered.Load(),
	}
	if c.store != nil {
		counts.Waiting = int64(c.store.count())
	}
	return counts
}
