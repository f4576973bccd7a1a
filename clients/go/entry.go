package tollgate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tollgate.internal/client/billingpb"
)

// entry is one file of the store, in the format that all clients share (clients/STORE.md): a
// finished call, or the end of a stream.
type entry struct {
	charge *billingpb.ChargeUsageRequest

	open    *billingpb.StreamOpen
	close   *billingpb.StreamClose
	endedAt time.Time
}

type entryFile struct {
	Version int             `json:"version,omitempty"`
	Charge  json.RawMessage `json:"charge,omitempty"`
	Open    json.RawMessage `json:"open,omitempty"`
	Close   json.RawMessage `json:"close,omitempty"`
	EndedAt int64           `json:"endedAt,omitempty"`
}

const entryVersion = 1

var (
	errNotAnEntry   = errors.New("it is neither a charge nor the end of a stream")
	errLaterVersion = errors.New("a later release wrote it")
)

// name is the file's name. Streams and charges have their keys in one space.
func (e *entry) name() string {
	userID, key := e.charge.GetUserId(), e.charge.GetIdempotencyKey()
	if e.open != nil {
		userID, key = e.open.UserId, e.open.IdempotencyKey
	}
	sum := sha256.Sum256([]byte(userID + "\n" + key))
	return hex.EncodeToString(sum[:]) + ".json"
}

func (e *entry) encode() ([]byte, error) {
	file := entryFile{Version: entryVersion}
	var err error
	encode := func(message proto.Message) json.RawMessage {
		bytes, failure := protojson.Marshal(message)
		err = errors.Join(err, failure)
		return bytes
	}
	if e.charge != nil {
		file.Charge = encode(e.charge)
	} else {
		file.Open, file.Close, file.EndedAt = encode(e.open), encode(e.close), e.endedAt.Unix()
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(file)
}

// decodeEntry fails with errNotAnEntry or errLaterVersion.
func decodeEntry(text []byte) (*entry, error) {
	var file entryFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotAnEntry, err)
	}
	if file.Version > entryVersion {
		return nil, errLaterVersion
	}
	decoder := protojson.UnmarshalOptions{DiscardUnknown: true}
	if file.Charge != nil {
		charge := &billingpb.ChargeUsageRequest{}
		if err := decoder.Unmarshal(withTextualTime(file.Charge), charge); err != nil {
			return nil, fmt.Errorf("%w: %w", errNotAnEntry, err)
		}
		return &entry{charge: charge}, nil
	}
	if file.Open == nil || file.Close == nil {
		return nil, errNotAnEntry
	}
	e := &entry{open: &billingpb.StreamOpen{}, close: &billingpb.StreamClose{}, endedAt: time.Unix(file.EndedAt, 0)}
	err := errors.Join(decoder.Unmarshal(file.Open, e.open), decoder.Unmarshal(file.Close, e.close))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotAnEntry, err)
	}
	return e, nil
}

// withTextualTime rewrites a time that early releases wrote as two fields, which the JSON mapping of
// protocol buffers doesn't read.
func withTextualTime(charge json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	var moment struct{ Seconds, Nanos json.Number }
	if json.Unmarshal(charge, &fields) != nil || json.Unmarshal(fields["occurredAt"], &moment) != nil {
		return charge
	}
	seconds, err := moment.Seconds.Int64()
	if err != nil {
		return charge
	}
	nanos, _ := moment.Nanos.Int64()
	text, err := protojson.Marshal(timestamppb.New(time.Unix(seconds, nanos)))
	if err != nil {
		return charge
	}
	fields["occurredAt"] = text
	if changed, err := json.Marshal(fields); err == nil {
		return changed
	}
	return charge
}
