package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// places are those of a listener in these tests, and slowClients are more than it has places for.
const (
	places      = 200
	slowClients = places + 60

	pause = 200 * time.Millisecond // after which a client comes again whose connection was closed
)

// proxy is the address of a proxy in front, whose word is taken.
const proxy = "127.0.0.2"

// slow is a way of keeping a connection without letting its request end.
type slow struct {
	sends   string // after which nothing more comes
	trickle bool   // but for one byte now and then
	from    func(client int) string
	named   func(client int) string // as whom the proxy names it; nil without one
	cuts    bool                    // a form of somebody else that arrives as slowly may be cut
}

const (
	oneByte = "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n%s\r\na"
	chunked = "POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%s\r\n1\r\na\r\n"
	unread  = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n%s\r\na"
	tooMuch = "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n%s\r\na"
	header  = "GET / HTTP/1.1\r\nHost: x\r\n%sX: "
	silent  = "GET /large HTTP/1.1\r\nHost: x\r\n%s\r\n" // and the answer is not read
)

func oneClient(int) string       { return "127.0.0.10" }
func fewClients(n int) string    { return fmt.Sprintf("127.0.1.%d", n%5) }
func allClients(n int) string    { return fmt.Sprintf("127.1.%d.%d", n/250, n%250) }
func throughProxy(int) string    { return proxy }
func fewNamed(n int) string      { return fmt.Sprintf("192.0.2.%d", n%5) }
func oneSiteNamed(n int) string  { return fmt.Sprintf("2001:db8:1:%x::1", n) }
func allNamed(client int) string { return fmt.Sprintf("198.51.%d.%d", client/250, client%250) }

// Whoever keeps more connections than there are, each with a request that does not end or an answer that is not read,
// keeps nobody else out: everybody else is answered at once, and a form of theirs that arrives slowly is not cut,
// unless everybody has just one that waits and it is the oldest.
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	for name, attack := range map[string]slow{
		"a byte of each form":                      {sends: oneByte, from: oneClient},
		"a byte of each form, from a few":          {sends: oneByte, from: fewClients},
		"a byte of each form, from everywhere":     {sends: oneByte, from: allClients, cuts: true},
		"a byte of each form now and then":         {sends: oneByte, from: fewClients, trickle: true},
		"chunks without an end":                    {sends: chunked, from: oneClient},
		"a body that nobody reads":                 {sends: unread, from: oneClient},
		"more than is taken":                       {sends: tooMuch, from: oneClient},
		"a header now and then":                    {sends: header, from: oneClient, trickle: true},
		"no answer is read":                        {sends: silent, from: oneClient},
		"no answer is read, by a few":              {sends: silent, from: fewClients},
		"through a proxy":                          {sends: oneByte, from: throughProxy, named: oneClient},
		"through a proxy, by a few":                {sends: oneByte, from: throughProxy, named: fewNamed},
		"through a proxy, from one site with IPv6": {sends: oneByte, from: throughProxy, named: oneSiteNamed},
		"through a proxy, answers not read":        {sends: silent, from: throughProxy, named: fewNamed},
		"names that no proxy gave":                 {sends: oneByte, from: oneClient, named: allNamed},
	} {
		t.Run(name, func(t *testing.T) {
			var begun atomic.Int64
			at := listening(t, Listener{
				Address: "127.0.0.1:0", Handler: formOrLarge(&begun), Connections: places,
				Proxies: []netip.Prefix{netip.MustParsePrefix(proxy + "/32")},
			}).open[0].socket.Addr().String()
			finish := slowForm(t, at)
			defer attack.begin(t, at, &begun)()
			answersOthers(t, at)
			if err := finish(); err != nil && !attack.cuts {
				t.Errorf("a form that arrives slowly: %v", err)
			}
		})
	}
}

// answersOthers asks for a page and sends a form, from an address of its own and through the proxy, many times.
func answersOthers(t *testing.T, at string) {
	t.Helper()
	for range 20 {
		for _, request := range []string{
			"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.77\r\n\r\n",
			"POST /form HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.77\r\nContent-Length: 3\r\n\r\na=b",
		} {
			for _, from := range []string{proxy, "127.0.0.8"} {
				if err := askedFrom(from, at, request); err != nil {
					t.Fatalf("%q from %s: %v", request[:10], from, err)
				}
			}
		}
	}
}

// formOrLarge takes a form, and gives a large answer at /large. It counts requests.
func formOrLarge(begun *atomic.Int64) http.Handler {
	large := make([]byte, 16<<20)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun.Add(1)
		switch {
		case r.URL.Path == "/large":
			_, _ = w.Write(large)
		case r.Method == http.MethodPost && r.ParseForm() != nil:
			http.Error(w, "not whole", http.StatusRequestTimeout)
		default:
			_, _ = io.WriteString(w, "here")
		}
	})
}

func dialFrom(ctx context.Context, from, at string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	return d.DialContext(ctx, "tcp", at)
}

// askedFrom sends a request from an address, and gives an error unless it is answered soon.
func askedFrom(from, at, request string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	c, err := dialFrom(ctx, from, at)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	return answeredBy(c, 3*time.Second)
}

func answeredBy(c net.Conn, within time.Duration) error {
	_ = c.SetReadDeadline(time.Now().Add(within))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered with %d", answer.StatusCode)
	}
	return nil
}

// slowForm sends half a form, and gives what sends the rest and waits for the answer.
func slowForm(t *testing.T, at string) (finish func() error) {
	t.Helper()
	c, err := dialFrom(t.Context(), "127.0.0.9", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na="); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // it is read before those that come after
	return func() error {
		if _, err := io.WriteString(c, "b"); err != nil {
			return err
		}
		return answeredBy(c, 3*time.Second)
	}
}

// begin opens all connections, waits until they took all places, and opens each anew that is closed until it is
// stopped.
func (s slow) begin(t *testing.T, at string, begun *atomic.Int64) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var sent atomic.Int64
	for n := range slowClients {
		all.Go(func() {
			for ctx.Err() == nil {
				s.hold(ctx, n, at, &sent)
				time.Sleep(pause)
			}
		})
	}
	if s.sends == header { // of which no request begins
		begun = &sent
	}
	for since := time.Now(); begun.Load() < places; time.Sleep(time.Millisecond) {
		if time.Since(since) > 20*time.Second {
			t.Fatalf("only %d requests began: the test would prove nothing", begun.Load())
		}
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// hold keeps one connection until it is closed.
func (s slow) hold(ctx context.Context, n int, at string, sent *atomic.Int64) {
	c, err := dialFrom(ctx, s.from(n), at)
	if err != nil {
		return
	}
	over := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer over()
	defer func() { _ = c.Close() }()
	_ = c.(*net.TCPConn).SetReadBuffer(1 << 10)
	named := ""
	if s.named != nil {
		named = "X-Forwarded-For: " + s.named(n) + "\r\n"
	}
	if _, err := fmt.Fprintf(c, s.sends, named); err != nil {
		return
	}
	sent.Add(1)
	if s.sends == silent { // it would only learn by reading that it was closed
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
		return
	}
	s.await(c)
}

// await waits until a connection is closed.
func (s slow) await(c net.Conn) {
	for {
		_ = c.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		_, err := c.Read(make([]byte, 64))
		if err != nil && !strings.Contains(err.Error(), "timeout") {
			return
		}
		if s.trickle {
			_, _ = c.Write([]byte("a"))
		}
	}
}
