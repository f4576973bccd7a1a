package tollgate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tollgate.internal/client/billingpb"
)

func TestClosingWithAContextThatIsDoneKeepsWhatWasDelivered(t *testing.T) {
	script := &streamScript{granted: 100}
	server := startServer(t)
	server.stream = script.serve
	dir := t.TempDir()
	client := newClient(t, Config{Address: server.address, StoreDir: dir})
	meter, err := client.Meter(t.Context(), &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: "s"}, OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	if err := meter.Pass(aWord); err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_ = client.Close(done)
	// A process that exits here has lost nothing.
	if files, _ := filepath.Glob(dir + "/*.json"); len(files) != 1 && len(script.closes) != 1 {
		t.Errorf("kept %v, closed %v", files, script.closes)
	}
}

func TestAContextCancelledWhileAStreamOpensLeavesNoHold(t *testing.T) {
	script := &streamScript{granted: 100}
	server := startServer(t)
	opened := make(chan struct{})
	server.stream = func(stream settleStream) error {
		close(opened)
		time.Sleep(100 * time.Millisecond) // the grant comes after the caller has left
		return script.serve(stream)
	}
	client := newClient(t, Config{Address: server.address})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-opened
		cancel()
	}()
	if _, err := client.Meter(ctx, &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: "s"}, OpenAIChat); err == nil {
		t.Fatal("opened")
	}
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(script.closes) != 1 || script.closes[0].GetUsage().GetOutputTokens() != 0 {
		t.Errorf("closed %v", script.closes)
	}
}

func TestWhatIsSettledWithoutItsEndIsSetAside(t *testing.T) {
	server := startServer(t)
	server.stream = func(stream settleStream) error {
		if _, err := stream.Recv(); err != nil {
			return err
		}
		grant := &billingpb.StreamGrant{GrantedOutputTokens: 9, ExpiresAt: timestamppb.New(time.Now().Add(time.Minute))}
		_ = stream.Send(&billingpb.StreamSettleResponse{Event: &billingpb.StreamSettleResponse_Grant{Grant: grant}})
		for {
			request, err := stream.Recv()
			if err != nil {
				return err
			}
			if request.GetClose() != nil {
				break
			}
		}
		// An operator has settled it meanwhile.
		settled := &billingpb.StreamSettled{Charge: &billingpb.Charge{HoldId: "h"}}
		return stream.Send(&billingpb.StreamSettleResponse{Event: &billingpb.StreamSettleResponse_Settled{Settled: settled}})
	}
	dir := t.TempDir()
	client := newClient(t, Config{Address: server.address, StoreDir: dir})
	meter, err := client.Meter(t.Context(), &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: "s"}, OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	if err := meter.Pass(aWord); err != nil {
		t.Fatal(err)
	}
	if _, err := meter.End(nil); err == nil {
		t.Error("its end is charged")
	}
	if files, _ := filepath.Glob(dir + "/refused/*.json"); len(files) != 1 {
		t.Errorf("set aside %v", files)
	}
}

func TestARefusedChargeIsSetAsideUnlessItIsListed(t *testing.T) {
	for reason, isListed := range map[string]bool{"USER_NOT_FOUND": false, "INSUFFICIENT_CREDITS": true, "BUDGET_REACHED": true} {
		server := startServer(t, refusal(codes.FailedPrecondition, reason, 0))
		dir := t.TempDir()
		client := newClient(t, Config{Address: server.address, StoreDir: dir, RetriesMax: -1})
		if _, err := client.Charge(t.Context(), chargeOf("call")); reasonOf(err) != reason {
			t.Errorf("came to %v", err)
		}
		files, _ := filepath.Glob(dir + "/refused/*.json")
		if (len(files) == 0) != isListed {
			t.Errorf("%s left %v", reason, files)
		}
	}
}

func TestAChargeThatIsTooLargeIsNotSentForEver(t *testing.T) {
	server := startServer(t, refusal(codes.ResourceExhausted, "MESSAGE_TOO_LARGE", 0))
	client := newClient(t, Config{Address: server.address, StoreDir: t.TempDir(), RetriesMax: -1})
	charge := &entry{charge: chargeOf("call")}
	if err := client.store.keep(charge); err != nil {
		t.Fatal(err)
	}
	client.store.release(charge.name())
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Refused: 1}) {
		t.Errorf("delivered %v", delivery)
	}
}

func TestDamagedFilesAreSetAsideAndHoldUpNothing(t *testing.T) {
	damaged := []string{
		"", `{"version":1,"charge":{"idempotencyKey":"a","us`, "\xff\xfe\x00", "null", "[1]", strings.Repeat("[", 100_000),
		`{"charge":"text"}`, `{"open":null,"close":null,"endedAt":1}`, `{"charge":{"userId":"ada","usageSource":{}}}`,
	}
	server := startServer(t)
	dir := t.TempDir()
	for number, text := range damaged {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.json", number)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, Config{Address: server.address, StoreDir: dir, RetriesMax: -1})
	charge := &entry{charge: chargeOf("call")}
	if err := client.store.keep(charge); err != nil {
		t.Fatal(err)
	}
	client.store.release(charge.name())
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Delivered: 1, Refused: len(damaged)}) {
		t.Errorf("delivered %v", delivery)
	}
	if client.store.count() != 0 || client.store.bytes != 0 {
		t.Errorf("still counts %d entries, %d bytes", client.store.count(), client.store.bytes)
	}
}

func TestTwoProcessesOnOneStoreCountWhatIsThere(t *testing.T) {
	server := startServer(t)
	dir := t.TempDir()
	one := newClient(t, Config{Address: server.address, StoreDir: dir})
	other := newClient(t, Config{Address: server.address, StoreDir: dir})
	for number := range 3 {
		charge := &entry{charge: chargeOf(fmt.Sprint(number))}
		if err := one.store.keep(charge); err != nil {
			t.Fatal(err)
		}
		one.store.release(charge.name())
	}
	if delivery, _ := other.Deliver(t.Context()); delivery != (Delivery{Delivered: 3}) {
		t.Errorf("the other delivered %v", delivery)
	}
	if delivery, _ := one.Deliver(t.Context()); delivery != (Delivery{}) {
		t.Errorf("delivered %v", delivery)
	}
	if one.store.count() != 0 || one.store.bytes != 0 {
		t.Errorf("still counts %d entries, %d bytes", one.store.count(), one.store.bytes)
	}
}

func TestPrintingAClientShowsNoToken(t *testing.T) {
	config := Config{Address: "127.0.0.1:1", Token: "secret-token"}
	client := newClient(t, config)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "config", config, "pointer", &config)
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "client", client, "config", config)
	printed := fmt.Sprintf("%v %+v %#v %v %+v %#v %+v %s", client, client, client, config, config, config, &config, log.String())
	if strings.Contains(printed, "secret-token") {
		t.Error(printed)
	}
}

func TestTheCallOfAStreamThatNeverOpenedNamesWhatServedIt(t *testing.T) {
	call := finishedCallOf(&entry{
		open:  &billingpb.StreamOpen{Model: "a", Provider: "o", ServiceTier: "default"},
		close: &billingpb.StreamClose{ServedModel: "b", ServedProvider: "p", ServedServiceTier: "flex", ReportedCostNanousd: 7},
	})
	if call.Model != "b" || call.Provider != "p" || call.ServiceTier != "flex" || call.ReportedCostNanousd != 7 {
		t.Errorf("is %v", call)
	}
}

func TestAWholeEventIsReadAsItsChunk(t *testing.T) {
	for _, prefix := range []string{"", "data: ", "data:", "  data: "} {
		if facts := OpenAIChat.facts(append([]byte(prefix), aWord...)); facts.Text != "abc " {
			t.Errorf("%q delivers %q", prefix, facts.Text)
		}
	}
}

func TestAUsageThatIsNoJSONDoesNotHideWhatWasDelivered(t *testing.T) {
	facts := ChunkFacts{Text: "one two ", Usage: json.RawMessage("{broken"), OutputTokens: 2, HasOutputTokens: true}
	closing := tallier{}.closing(tallier{}.add(tally{}, facts), OpenAIChat)
	if closing.GetUsage().GetOutputTokens() != 2 {
		t.Errorf("closes with %v", closing)
	}
}

func TestAnAddressThatCanNeverBeReachedIsReportedAtTheStart(t *testing.T) {
	for _, address := range []string{"", "foo bar", "http://127.0.0.1:50051", "HTTPS://tollgate"} {
		if client, err := New(Config{Address: address}); err == nil {
			_ = client.Close(t.Context())
			t.Errorf("%q is an address", address)
		}
	}
}

func TestEntriesOfALaterReleaseHoldUpNothing(t *testing.T) {
	server := startServer(t)
	dir := t.TempDir()
	for number := range 2 * unansweredMax {
		name := filepath.Join(dir, fmt.Sprintf("0%03d.json", number))
		if err := os.WriteFile(name, []byte(`{"version": 2}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	client := newClient(t, Config{Address: server.address, StoreDir: dir})
	for number := range 10 {
		charge := &entry{charge: chargeOf(fmt.Sprint(number))}
		if err := client.store.keep(charge); err != nil {
			t.Fatal(err)
		}
		client.store.release(charge.name())
	}
	if delivery, _ := client.Deliver(t.Context()); delivery != (Delivery{Delivered: 10, Waiting: 2 * unansweredMax}) {
		t.Errorf("delivered %v", delivery)
	}
}

func TestAStreamDoesNotStormAServerThatDrainsAgainAndAgain(t *testing.T) {
	const drains = 8
	script := &streamScript{granted: 100, drains: drains}
	server := startServer(t)
	server.stream = script.serve
	client := newClient(t, Config{Address: server.address})
	meter, err := client.Meter(t.Context(), &billingpb.StreamOpen{UserId: "ada", IdempotencyKey: "s"}, OpenAIChat)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	script.mu.Lock()
	connections := script.connections
	script.mu.Unlock()
	if connections > drains {
		t.Errorf("opened %d times", connections)
	}
	meter.abort()
}
