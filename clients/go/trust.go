package tollgate

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A user is known for so long after tollgate admitted a call of theirs.
	knownFor = 10 * time.Minute
	// How many calls of one user may start while nobody can say whether they can pay.
	callsOnTrustMax = 20
	usersKnownMax   = 100_000
)

// trust decides who may start a call while tollgate is down: users whose calls it admitted shortly
// before, within a bound.
type trust struct {
	// Whether a stream has waited for a server in vain, and none has answered since. The next ones
	// then wait for a shorter time.
	isDown atomic.Bool

	mu    sync.Mutex
	users map[string]knownUser
}

type knownUser struct {
	admittedAt   time.Time
	callsOnTrust int
}

// admitted records that tollgate granted a stream of the user, or accepted a charge.
func (t *trust) admitted(userID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users == nil {
		t.users = map[string]knownUser{}
	}
	if _, isKnown := t.users[userID]; !isKnown && len(t.users) >= usersKnownMax {
		t.makeRoom()
	}
	t.users[userID] = knownUser{admittedAt: time.Now()}
}

// refused forgets a user who can't pay or must not call.
func (t *trust) refused(userID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.users, userID)
}

// mayStart says whether a call of the user may start on trust, and counts it.
func (t *trust) mayStart(userID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	user, isKnown := t.users[userID]
	if !isKnown || time.Since(user.admittedAt) > knownFor || user.callsOnTrust >= callsOnTrustMax {
		return false
	}
	user.callsOnTrust++
	t.users[userID] = user
	return true
}

// makeRoom forgets users who are not known any more, or else any user.
func (t *trust) makeRoom() {
	for userID, user := range t.users {
		if time.Since(user.admittedAt) > knownFor {
			delete(t.users, userID)
		}
	}
	for userID := range t.users {
		if len(t.users) < usersKnownMax {
			return
		}
		delete(t.users, userID)
	}
}
