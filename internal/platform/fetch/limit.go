package fetch

import (
	"fmt"
	"io"
	"net/http"

	"signpost/internal/platform/line"
)

// limited is a transport whose answers end in ErrTooLarge instead of going on for ever. The size
// counts after decompression.
type limited struct {
	next  http.RoundTripper
	max   int64
	agent string
}

// RoundTrip makes one request. Whoever waits for its answer does not count as work under way here: a slow machine
// elsewhere must not look as if there were too much to do.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return nil, fmt.Errorf("%w: scheme %q", ErrAddress, req.URL.Scheme)
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", l.agent)
	}
	line.Uncount(req.Context())
	res, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > l.max {
		_ = res.Body.Close()
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, res.ContentLength, l.max)
	}
	res.Body = &limitedBody{ReadCloser: res.Body, max: l.max, left: l.max}
	return res, nil
}

type limitedBody struct {
	io.ReadCloser
	max, left int64
}

// Read reads, and fails at the first byte past the limit.
func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		return int(b.left), fmt.Errorf("%w: more than %d bytes", ErrTooLarge, b.max)
	}
	b.left -= int64(n)
	return n, err
}
