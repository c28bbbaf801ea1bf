package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

// large is a style sheet that is worth sending smaller.
var large = strings.Repeat(".button{colour:#005eb8;margin:0 auto}\n", 500)

func sheets() library {
	return load(fstest.MapFS{}, "installed", fstest.MapFS{
		"ours/large.css": {Data: []byte(large)}, "ours/small.css": {Data: []byte("a{}")},
	}, "ours")
}

// opened gives what a browser makes of an answer.
func opened(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var from io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "br":
		from = brotli.NewReader(w.Body)
	case "gzip":
		unzipped, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = unzipped
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Files are sent as small as the browser takes them, and what it opens is the file. Caches are told what that depends
// on.
func TestFilesAreSentAsSmallAsTheBrowserTakesThem(t *testing.T) {
	l := sheets()
	for _, tt := range []struct {
		name, file, accept, want string
		maxBytes                 int
	}{
		{"every browser of today", "large.css", "gzip, deflate, br, zstd", "br", 300},
		{"a browser on plain http", "large.css", "gzip, deflate", "gzip", 500},
		{"weighted", "large.css", "gzip;q=1.0, br;q=0.5", "br", 300},
		{"one refused", "large.css", "br;q=0, gzip", "gzip", 500},
		{"all refused", "large.css", "br;q=0.0, gzip; q=0", "", len(large)},
		{"in capitals", "large.css", "GZIP", "gzip", 500},
		{"a name that begins alike", "large.css", "brotli, gzipped", "", len(large)},
		{"nothing said", "large.css", "", "", len(large)},
		{"a small file", "small.css", "gzip, br", "", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(l, "/assets/"+tt.file, "Accept-Encoding", tt.accept)
			if got := w.Header().Get("Content-Encoding"); w.Code != 200 || got != tt.want {
				t.Fatalf("%d, Content-Encoding %q, want %q", w.Code, got, tt.want)
			}
			if got := w.Header().Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary = %q", got)
			}
			if n := w.Body.Len(); n > tt.maxBytes {
				t.Errorf("%d bytes, more than %d", n, tt.maxBytes)
			}
			if text := opened(t, w); text != large && text != "a{}" {
				t.Errorf("opened: %.60s", text)
			}
		})
	}
}

// Each form of a file has an ETag of its own, so that no cache takes one for another, and each is known again.
func TestEachFormHasItsETag(t *testing.T) {
	l := sheets()
	seen := map[string]string{}
	for _, accept := range []string{"", "gzip", "br"} {
		first := get(l, "/assets/large.css", "Accept-Encoding", accept)
		etag := first.Header().Get("ETag")
		if other, twice := seen[etag]; twice || !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) {
			t.Errorf("%q and %q have the ETag %s", accept, other, etag)
		}
		seen[etag] = accept
		again := get(l, "/assets/large.css", "Accept-Encoding", accept, "If-None-Match", etag)
		if again.Code != 304 {
			t.Errorf("%q: %d for a form that is known, want 304", accept, again.Code)
		}
	}
	for etag, accept := range seen {
		if accept == "br" {
			continue
		}
		if w := get(l, "/assets/large.css", "Accept-Encoding", "br", "If-None-Match", etag); w.Code != 200 {
			t.Errorf("the form for br was taken for that for %q: %d", accept, w.Code)
		}
	}
}

// A part of a file is a part of the whole one.
func TestAPartIsOfTheWholeFile(t *testing.T) {
	w := get(sheets(), "/assets/large.css", "Accept-Encoding", "br", "Range", "bytes=1-6")
	if w.Code != 206 || w.Body.String() != "button" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

// The style sheet of every page is worth it.
func TestTheStyleSheetIsSmall(t *testing.T) {
	whole := get(Handler(), Path("signpost.css"))
	small := get(Handler(), Path("signpost.css"), "Accept-Encoding", "br")
	if 3*small.Body.Len() > whole.Body.Len() {
		t.Errorf("%d of %d bytes are sent", small.Body.Len(), whole.Body.Len())
	}
	if !bytes.Equal([]byte(opened(t, small)), all.files["signpost.css"].whole.content) {
		t.Error("another style sheet is opened")
	}
}
