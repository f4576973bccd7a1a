package tollgate

// keptEntry is an entry of the store that a call is delivering at this moment. Nil means that there is
// none.
type keptEntry struct {
	client *Client
	name   string
}

// keep puts an entry on disk before it is sent: a process that is killed in between loses nothing.
// It fails with errNoStore, ErrStoreFull, or what the disk says.
func (c *Client) keep(e *entry) (*keptEntry, error) {
	if c.store == nil {
		return nil, errNoStore
	}
	if err := c.store.keep(e); err != nil {
		return nil, err
	}
	return &keptEntry{c, e.name()}, nil
}

// release leaves it for a later delivery.
func (k *keptEntry) release() {
	if k == nil {
		return
	}
	k.client.stats.kept.Add(1)
	k.client.store.release(k.name)
}

// forget removes an entry that tollgate has.
func (k *keptEntry) forget() {
	if k == nil {
		return
	}
	if err := k.client.store.forget(k.name); err != nil {
		k.client.config.Logger.Error("tollgate: a delivered entry can't be removed", "file", k.name, "error", err)
	}
}

// conclude deletes what tollgate lists as a deduction failure, and keeps everything else that it
// refused for an operator: the call was made, and nobody is charged for it.
func (k *keptEntry) conclude(refusal error) {
	if isListed(refusal) {
		k.forget()
		return
	}
	k.refuse(refusal)
}

// refuse moves an entry aside that tollgate will never accept.
func (k *keptEntry) refuse(why error) {
	if k == nil {
		return
	}
	k.client.stats.refused.Add(1)
	k.client.config.Logger.Error("tollgate: an entry is refused for good", "file", k.name, "error", why)
	if err := k.client.store.refuse(k.name); err != nil {
		k.client.config.Logger.Error("tollgate: a refused entry can't be moved", "file", k.name, "error", err)
	}
}
