package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, o Options, url string) (string, error) {
	t.Helper()
	body, err := New(o).Bytes(t.Context(), url, nil)
	return string(body), err
}

func TestLoopbackOnlyWhereAllowed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "dos.localhost", "CIS2.Localhost."} {
		if body, err := get(t, Options{AllowLoopback: true}, "http://"+host+port); err != nil || body == "" {
			t.Errorf("%s, loopback allowed: %q, %v", host, body, err)
		}
		if _, err := get(t, Options{}, "http://"+host+port); !errors.Is(err, ErrAddress) {
			t.Errorf("%s, loopback not allowed: %v, want ErrAddress", host, err)
		}
		for _, named := range []string{host, strings.TrimSuffix(host, ".") + port} {
			body, err := get(t, Options{PrivateHosts: []string{named}}, "http://"+host+port)
			if err != nil || body == "" {
				t.Errorf("%s, named as %s: %q, %v", host, named, body, err)
			}
		}
		for _, named := range []string{"another.example", host + ":1", "x" + host} {
			_, err := get(t, Options{PrivateHosts: []string{named}}, "http://"+host+port)
			if !errors.Is(err, ErrAddress) {
				t.Errorf("%s, with %s named: %v, want ErrAddress", host, named, err)
			}
		}
		conn, err := New(Options{AllowLoopback: true}).Dial(t.Context(), host+port)
		if err != nil {
			t.Errorf("%s dialled, loopback allowed: %v", host, err)
			continue
		}
		_ = conn.Close()
		if _, err := New(Options{}).Dial(t.Context(), host+port); !errors.Is(err, ErrAddress) {
			t.Errorf("%s dialled, loopback not allowed: %v, want ErrAddress", host, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	target := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "reached") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target.URL, http.StatusFound) })

	if body, err := get(t, Options{AllowLoopback: true, Redirects: 1}, s.URL); err != nil || body != "reached" {
		t.Fatalf("redirects allowed: %q, %v", body, err)
	}
	if body, err := get(t, Options{AllowLoopback: true}, s.URL); !errors.Is(err, ErrRedirect) {
		t.Errorf("redirects not allowed: %q, %v, want ErrRedirect", body, err)
	}
}

// A public host that sends us to our own machine: the first address is let in by hand, the second is
// judged as any is.
func TestRedirectToLoopbackIsRefused(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "inside") })
	for _, scheme := range []string{s.URL, "file:///etc/passwd"} {
		c := New(Options{Redirects: 3})
		outside := c.http.Transport.(*limited)
		strict := outside.next
		outside.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "public.example" {
				return &http.Response{StatusCode: 302, Header: http.Header{"Location": {scheme}}, Body: http.NoBody, Request: req}, nil
			}
			return strict.RoundTrip(req)
		})
		if _, err := c.Bytes(t.Context(), "http://public.example/jwks", nil); !errors.Is(err, ErrAddress) {
			t.Errorf("redirect to %s: %v, want ErrAddress", scheme, err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestRedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	from := &http.Request{URL: parse(t, "https://a.example")}
	to := &http.Request{URL: parse(t, "https://b.example")}
	if err := follow(1)(to, []*http.Request{from}); err != nil {
		t.Fatalf("https to https: %v", err)
	}
	to.URL.Scheme = "http"
	if err := follow(1)(to, []*http.Request{from}); !errors.Is(err, ErrRedirect) {
		t.Errorf("https to http: %v, want ErrRedirect", err)
	}
}

func TestOversizeIsRefused(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"length said": func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, strings.Repeat("a", 1001)) },
		"length not said": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("a", 500))
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, strings.Repeat("a", 501))
		},
		"small until unpacked": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, strings.Repeat("a", 1001))
			_ = z.Close()
		},
	}
	for name, answer := range answers {
		s := serve(t, answer)
		if body, err := get(t, Options{AllowLoopback: true, MaxBytes: 1001}, s.URL); err != nil || len(body) != 1001 {
			t.Errorf("%s, as large as allowed: %d bytes, %v", name, len(body), err)
		}
		if body, err := get(t, Options{AllowLoopback: true, MaxBytes: 1000}, s.URL); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s, one byte too large: %d bytes, %v, want ErrTooLarge", name, len(body), err)
		}
	}
}

func TestSlowIsRefused(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "beginning")
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	if _, err := get(t, Options{AllowLoopback: true, Timeout: 20 * time.Millisecond}, s.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an answer that never ends: %v, want DeadlineExceeded", err)
	}
}

func TestAnswerOtherThan200(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "not here", http.StatusNotFound) })
	var status *StatusError
	if _, err := get(t, Options{AllowLoopback: true}, s.URL); !errors.As(err, &status) || status.Status != 404 {
		t.Errorf("404: %v, want a StatusError", err)
	}
}

func TestJSONCarriesHeaders(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"agent":"`+r.UserAgent()+`","auth":"`+r.Header.Get("Authorization")+`"}`)
	})
	var got struct{ Agent, Auth string }
	err := New(Options{AllowLoopback: true, UserAgent: "signpost/test"}).
		JSON(t.Context(), s.URL, http.Header{"Authorization": {"Bearer x"}}, &got)
	if err != nil || got.Agent != "signpost/test" || got.Auth != "Bearer x" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A server that sends more than it announced costs nobody a line on the terminal: net/http writes one for each idle
// connection on which something unexpected comes.
func TestSurplusBytesLeaveNoLine(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadAtLeast(conn, make([]byte, 4096), 1)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
			_, _ = io.WriteString(conn, "okand more")
			_ = conn.Close()
		}
	}()
	var lines lines
	log.SetOutput(&lines)
	defer log.SetOutput(os.Stderr)
	for range 20 {
		body, err := get(t, Options{AllowLoopback: true, OneRequest: true}, "http://"+listener.Addr().String())
		if err != nil || body != "ok" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	if got := lines.count(); got != 0 {
		t.Errorf("%d lines", got)
	}
}

// lines counts lines of the standard log.
type lines struct {
	mu sync.Mutex
	n  int
}

// Write counts one line.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return len(p), nil
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}
