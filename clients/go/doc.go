// Package tollgate bills model calls with a tollgate server: it charges finished calls, holds
// credits around calls that answer at once, and meters streams. Each is charged exactly once,
// whatever breaks on the way.
//
// Amounts are in nano-US-dollars: 1 USD = 1,000,000,000.
package tollgate
