package incoming_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/smtp"
	"strings"
	"sync"
	"testing"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/incoming"
)

// office keeps what it receives, or refuses it.
type office struct {
	mu   sync.Mutex
	came []incoming.Arrival
	err  error
}

func (o *office) receive(_ context.Context, a incoming.Arrival) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.came = append(o.came, a)
	}
	return o.err
}

func serve(t *testing.T, networks ...netip.Prefix) (*office, string) {
	t.Helper()
	o := &office{}
	s := incoming.New(incoming.Options{Domain: "dos.example", Networks: networks, Log: slog.New(slog.DiscardHandler),
		Receivers: map[string]incoming.Receiver{"desk": o.receive}})
	if err := s.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return o, s.Address().String()
}

var here = netip.MustParsePrefix("127.0.0.0/8")

const body = "From: Bo <bo@example.nhs.uk>\r\nSubject: Locked out\r\n\r\nHelp.\r\n"

func TestMailIsTakenForOurAddressesAlone(t *testing.T) {
	o, at := serve(t, here)
	if err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"Desk+1001.abc@DOS.example"}, []byte(body)); err != nil {
		t.Fatal(err)
	}
	if len(o.came) != 1 || o.came[0].Tag != "1001.abc" || o.came[0].Return != "bo@example.nhs.uk" ||
		o.came[0].Mail.Text != "Help." || o.came[0].Peer != "127.0.0.1" {
		t.Errorf("%+v", o.came)
	}
	for _, to := range []string{
		"desk@elsewhere.example", "somebody@dos.example", "desk", "desk@dos.example@elsewhere.example",
		"desk%elsewhere.example@dos.example", "+@dos.example",
	} {
		if err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{to}, []byte(body)); err == nil {
			t.Errorf("mail to %q was taken", to)
		}
	}
	if err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"desk@dos.example"}, []byte("no mail")); err == nil {
		t.Error("what is no mail was taken")
	}
	if err := smtp.SendMail(at, nil, "", []string{"desk@dos.example"}, []byte(body)); err != nil {
		t.Errorf("a report has no sender, and was refused: %v", err)
	}
}

func TestMailIsTakenFromServersThatAreNamedAlone(t *testing.T) {
	o, at := serve(t, netip.MustParsePrefix("10.0.0.0/8"))
	if err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"desk@dos.example"}, []byte(body)); err == nil ||
		len(o.came) != 0 {
		t.Error("a stranger delivered mail")
	}
}

// What is refused for good goes back to whoever sent it; what cannot be kept now comes again.
func TestWhatIsSaidToTheServerThatDelivers(t *testing.T) {
	o, at := serve(t, here)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fault.SayCure(fault.TooMany, "Too many.", "Wait."), "550"}, {fault.Say(fault.Busy, "Busy."), "451"},
		{errors.New("no database"), "451"},
	} {
		o.err = tt.err
		err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"desk@dos.example"}, []byte(body))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %s", tt.err, err, tt.want)
		}
	}
}

func TestWhatOneDeliveryMayCost(t *testing.T) {
	o, at := serve(t, here)
	huge := body + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 23<<20/72)
	err := smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"desk@dos.example"}, []byte(huge))
	if err == nil || !strings.HasPrefix(err.Error(), "552") {
		t.Errorf("23 MB: %v", err)
	}
	many := make([]string, 11)
	for i := range many {
		many[i] = "desk@dos.example"
	}
	if err := smtp.SendMail(at, nil, "bo@example.nhs.uk", many, []byte(body)); err == nil {
		t.Error("11 recipients were taken")
	}
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("HELO " + strings.Repeat("x", 1<<20) + "\r\n")); err == nil {
		said, _ := io.ReadAll(c)
		if !strings.Contains(string(said), "500") {
			t.Errorf("a line of 1 MB: %q", said)
		}
	}
	if len(o.came) != 0 {
		t.Errorf("%d came", len(o.came))
	}
}
