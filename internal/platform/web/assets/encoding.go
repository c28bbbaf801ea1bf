package assets

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// encodings are the ways in which a file is sent smaller, the smallest first.
var encodings = []struct {
	name    string
	shorten func([]byte) ([]byte, error)
}{{"br", shortenBrotli}, {"gzip", shortenGzip}}

// minShortened is the size from which a file is sent smaller. The header of a packet outweighs what is saved below.
const minShortened = 1000

// smaller gives a function that makes a file's smaller forms once.
func (f form) smaller() func() map[string]form {
	return sync.OnceValue(func() map[string]form { return shortened(f) })
}

// shortened makes a file's smaller forms, each with an ETag of its own. A form that is not smaller is left out.
func shortened(whole form) map[string]form {
	smaller := map[string]form{}
	if len(whole.content) < minShortened {
		return smaller
	}
	for _, e := range encodings {
		content, err := e.shorten(whole.content)
		if err != nil || len(content) >= len(whole.content) {
			continue
		}
		smaller[e.name] = form{content: content, etag: strings.TrimSuffix(whole.etag, `"`) + "-" + e.name + `"`}
	}
	return smaller
}

// brotliLevel makes the largest style sheet in some hundredths of a second. The best one takes a second, for a tenth of
// the size.
const brotliLevel = 9

func shortenBrotli(content []byte) ([]byte, error) {
	var to bytes.Buffer
	w := brotli.NewWriterLevel(&to, brotliLevel)
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("shorten by brotli: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("shorten by brotli: %w", err)
	}
	return to.Bytes(), nil
}

func shortenGzip(content []byte) ([]byte, error) {
	var to bytes.Buffer
	w, err := gzip.NewWriterLevel(&to, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("shorten by gzip: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("shorten by gzip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("shorten by gzip: %w", err)
	}
	return to.Bytes(), nil
}

// formFor chooses the smallest form of a file that a browser takes. A part of a file is a part of the whole one.
func (f file) formFor(r *http.Request) (chosen form, encoding string) {
	if r.Header.Get("Range") == "" {
		accepted := strings.Join(r.Header.Values("Accept-Encoding"), ",")
		forms := f.smaller()
		for _, e := range encodings {
			if smaller, is := forms[e.name]; is && accepts(accepted, e.name) {
				return smaller, e.name
			}
		}
	}
	return f.whole, ""
}

// accepts reads an Accept-Encoding header (RFC 9110 §12.5.3): whether it names an encoding and does not refuse it.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		_, q, weighted := strings.Cut(strings.ToLower(weight), "q=")
		if !weighted {
			return true
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return err == nil && n > 0
	}
	return false
}
