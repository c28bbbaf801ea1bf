// Package fetch makes all outgoing HTTP: what is asked of other machines goes through here and nowhere
// else.
//
// An address that came from somebody else (a client's key set, a provider's metadata) must not be a
// way into our own network, so the address is judged when the connection is made; answers are limited
// in size and time, and redirects are not followed unless that was asked for. It knows nothing of what
// is fetched.
package fetch

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Why a request was refused or broken off; ask with errors.Is. A request that took too long is
// context.DeadlineExceeded.
var (
	ErrAddress  = errors.New("address not allowed")
	ErrRedirect = errors.New("redirect not followed")
	ErrTooLarge = errors.New("answer too large")
)

// Options say what a client may do. The zero value reaches public addresses only.
type Options struct {
	AllowLoopback bool          // for demo, double and tests
	PrivateHosts  []string      // "host" or "host:port": these may be in a private network or on this machine
	Timeout       time.Duration // for a whole request with its answer; 10 s if zero
	MaxBytes      int64         // of an answer's body; 1 MiB if zero
	Redirects     int           // how many redirects are followed
	OneRequest    bool          // a connection serves one request, for servers that send more than they announced
	UserAgent     string        // "signpost" if empty
}

// Client asks other machines over HTTP.
type Client struct {
	http *http.Client
	dial *dialer
}

// New makes a client.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	if o.UserAgent == "" {
		o.UserAgent = "signpost"
	}
	d := newDialer(o)
	return &Client{dial: d, http: &http.Client{
		Transport:     &limited{next: transport(d, o), max: o.MaxBytes, agent: o.UserAgent},
		Timeout:       o.Timeout,
		CheckRedirect: follow(o.Redirects),
	}}
}

func transport(d *dialer, o Options) *http.Transport {
	return &http.Transport{
		// No proxy: behind one, the address judged would be the proxy's.
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        32,
		IdleConnTimeout:        60 * time.Second,
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      o.OneRequest,
	}
}

func follow(limit int) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if len(via) > limit {
			return fmt.Errorf("%w: to %s://%s, after %d", ErrRedirect, next.URL.Scheme, next.URL.Host, limit)
		}
		if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return fmt.Errorf("%w: from https to %s", ErrRedirect, next.URL.Scheme)
		}
		return nil
	}
}

// HTTP is the client for libraries that want one; the same rules hold in it.
func (c *Client) HTTP() *http.Client { return c.http }

// Dial connects to a host and port, for what is not HTTP; the same rules on addresses hold.
func (c *Client) Dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := c.dial.dial(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return conn, nil
}

// Do makes a request. Whoever calls closes the answer's body.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return res, nil
}

// JSON gets a JSON document and decodes it into v. header may be nil.
func (c *Client) JSON(ctx context.Context, url string, header http.Header, v any) error {
	body, err := c.Bytes(ctx, url, header)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("fetch %s: not the JSON that was expected: %w", url, err)
	}
	return nil
}

// Bytes gets a document whole. Any answer but 200 is an error, a *StatusError. header may be nil.
func (c *Client) Bytes(ctx context.Context, url string, header http.Header) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	req.Header.Set("Accept", "application/json")
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, &StatusError{URL: url, Status: res.StatusCode, Body: body}
	}
	return body, nil
}

// StatusError is an answer that is not 200.
type StatusError struct {
	URL    string
	Status int
	Body   []byte
}

// Error names the address, the status and the start of what came.
func (e *StatusError) Error() string {
	return fmt.Sprintf("fetch %s: status %d: %.200q", e.URL, e.Status, e.Body)
}
