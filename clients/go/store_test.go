package tollgate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"tollgate.internal/client/billingpb"
)

func TestWhatNobodyAnswersIsKeptAndDeliveredLater(t *testing.T) {
	server := startServer(t, status.Error(codes.Unavailable, ""))
	dir := t.TempDir()
	client := newClient(t, Config{Address: server.address, StoreDir: dir, RetriesMax: -1})
	receipt, err := client.Charge(t.Context(), chargeOf("call"))
	if err != nil || !receipt.Kept {
		t.Fatalf("came to %v, %v", receipt, err)
	}
	if delivery, err := client.Deliver(t.Context()); err != nil || delivery != (Delivery{Delivered: 1}) {
		t.Errorf("delivered %v, %v", delivery, err)
	}
	if files, _ := filepath.Glob(dir + "/*"); len(files) != 1 || filepath.Base(files[0]) != refusedFolder {
		t.Errorf("left %v", files)
	}
}

func TestWhatIsRefusedForGoodIsMovedAside(t *testing.T) {
	server := startServer(t, status.Error(codes.Unavailable, ""), refusal(codes.NotFound, "USER_NOT_FOUND", 0))
	dir := t.TempDir()
	client := newClient(t, Config{Address: server.address, StoreDir: dir, RetriesMax: -1})
	if _, err := client.Charge(t.Context(), chargeOf("call")); err != nil {
		t.Fatal(err)
	}
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Refused: 1}) {
		t.Errorf("delivered %v", delivery)
	}
	if files, _ := filepath.Glob(dir + "/refused/*.json"); len(files) != 1 {
		t.Errorf("set aside %v", files)
	}
}

func TestADeliveryThatNobodyAnswersEndsSoon(t *testing.T) {
	server := startServer(t)
	client := newClient(t, Config{Address: server.address, StoreDir: t.TempDir(), RetriesMax: -1})
	const entries = 3 * unansweredMax
	for number := range entries {
		charge := &entry{charge: chargeOf(fmt.Sprint(number))}
		if err := client.store.keep(charge); err != nil {
			t.Fatal(err)
		}
		client.store.release(charge.name())
	}
	for range entries {
		server.errors = append(server.errors, status.Error(codes.Unavailable, ""))
	}
	client.config.NoBatching = true
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Waiting: entries}) {
		t.Errorf("delivered %v", delivery)
	}
	if calls := server.callCount(); calls > unansweredMax+deliveriesAtOnce {
		t.Errorf("made %d calls", calls)
	}
	server.errors = nil
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Delivered: entries}) {
		t.Errorf("delivered %v", delivery)
	}
}

func TestAFullStoreTakesNoMore(t *testing.T) {
	client := newClient(t, Config{Address: "127.0.0.1:1", StoreDir: t.TempDir(), StoreBytesMax: 2 * blockBytes, RetriesMax: -1})
	for _, key := range []string{"one", "two", "two"} {
		if receipt, err := client.Charge(t.Context(), chargeOf(key)); err != nil || !receipt.Kept {
			t.Fatalf("%s came to %v, %v", key, receipt, err)
		}
	}
	_, err := client.Charge(t.Context(), chargeOf("three"))
	if !errors.Is(err, ErrStoreFull) || !IsUndecided(err) || reasonOf(err) != reasonStoreFull {
		t.Errorf("came to %v", err)
	}
	if client.store.count() != 2 {
		t.Errorf("holds %d", client.store.count())
	}
}

func TestAStoreThatCannotBeWrittenIsReportedAtTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]Config{
		"a folder below a file":           {StoreDir: filepath.Join(file, "store")},
		"a disk with less than its bound": {StoreDir: t.TempDir(), StoreBytesMax: 1 << 60},
	} {
		config.Address = "127.0.0.1:1"
		if _, err := New(config); !errors.Is(err, ErrStoreUnwritable) {
			t.Errorf("%s came to %v", name, err)
		}
	}
}

func TestOpeningAStoreCountsEntriesAndRemovesOldLeftovers(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * leftoverAfter)
	for _, name := range []string{"a.json", "old.part", "new.part"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, "old.part"), old, old); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if s.count() != 1 || s.bytes != blockBytes {
		t.Errorf("counts %d entries, %d bytes", s.count(), s.bytes)
	}
	parts, _ := filepath.Glob(dir + "/*.part")
	if len(parts) != 1 || !strings.HasSuffix(parts[0], "new.part") {
		t.Errorf("left %v", parts)
	}
}

func TestEntriesAreReadAsAllClientsWriteThem(t *testing.T) {
	charge := chargeOf("call")
	written, err := (&entry{charge: charge}).encode()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		text string
		err  error
	}{
		"our own":                 {string(written), nil},
		"of an early release":     {`{"charge": {"userId": "ada", "occurredAt": {"seconds": 1796018400, "nanos": 0}}}`, nil},
		"with an unknown field":   {`{"version": 1, "charge": {"userId": "ada", "later": 1}}`, nil},
		"with numbers":            {`{"open": {"inputTokens": 12}, "close": {"end": 2}, "endedAt": 1796018400}`, nil},
		"of a later version":      {`{"version": 2, "charge": {}}`, errLaterVersion},
		"broken":                  {`{"charge": {"userId"`, errNotAnEntry},
		"of something else":       {`{}`, errNotAnEntry},
		"without its close":       {`{"open": {}}`, errNotAnEntry},
		"with a wrong kind of id": {`{"charge": {"userId": 7}}`, errNotAnEntry},
	}
	for name, each := range cases {
		if _, err := decodeEntry([]byte(each.text)); !errors.Is(err, each.err) {
			t.Errorf("%s came to %v", name, err)
		}
	}
	if decoded, _ := decodeEntry(written); !proto.Equal(decoded.charge, charge) {
		t.Errorf("read %v", decoded.charge)
	}
	early, _ := decodeEntry([]byte(cases["of an early release"].text))
	if early.charge.OccurredAt.GetSeconds() != 1796018400 {
		t.Errorf("read %v", early.charge.OccurredAt)
	}
	// SHA-256 of "ada", a line feed and "call".
	if name := (&entry{charge: charge}).name(); name != "6407b224c2e7e78e25ad026869322857e92447b5536004dd54c185c17c049030.json" {
		t.Errorf("is called %s", name)
	}
	end := &entry{open: &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: "call"}}
	if end.name() != (&entry{charge: charge}).name() {
		t.Error("a stream and a charge of one key have different files")
	}
}
