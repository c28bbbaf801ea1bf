package incoming_test

import (
	"bufio"
	"net"
	"net/netip"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

// from opens a connection from one address of this machine.
func from(t *testing.T, address, to string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 5 * time.Second}
	c, err := dialer.DialContext(t.Context(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// However many connections strangers hold open without a word, the organisation's own mail server delivers: they have
// none of its places, and are told so at once.
func TestStrangersKeepNobodyOut(t *testing.T) {
	o, at := serve(t, netip.MustParsePrefix("127.0.0.1/32"))
	var stranger net.Conn
	for range 50 {
		stranger = from(t, "127.0.0.2", at)
	}
	if err := stranger.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(stranger).ReadString('\n'); err != nil || !strings.HasPrefix(said, "554 5.7.1 ") {
		t.Errorf("a stranger reads %q, %v", said, err)
	}
	done := make(chan error, 1)
	go func() {
		done <- smtp.SendMail(at, nil, "bo@example.nhs.uk", []string{"desk@dos.example"}, []byte(body))
	}()
	select {
	case err := <-done:
		if err != nil || len(o.came) != 1 {
			t.Errorf("the mail server delivered %d: %v", len(o.came), err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the mail server was kept out by strangers")
	}
}
