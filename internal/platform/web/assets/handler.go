package assets

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler serves the files under /assets/.
func Handler() http.Handler { return all }

// ServeHTTP answers with a file. At the address with our version it may be
// kept for good. At any other, such as that of a page made by a node that is
// being upgraded, or a plain one, it must be asked for again.
func (l library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, under := strings.CutPrefix(r.URL.Path, prefix)
	if !under || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	version, rest, versioned := strings.Cut(name, "/")
	found, is := l.files[rest]
	if !versioned || !is {
		version = ""
		found, is = l.files[name]
	}
	if !is {
		http.NotFound(w, r)
		return
	}
	keep := "no-cache"
	if version == l.version {
		keep = "public, max-age=31536000, immutable"
	}
	sent, encoding := found.formFor(r)
	h := w.Header()
	h.Set("Cache-Control", keep)
	h.Set("Content-Type", found.kind)
	h.Set("ETag", sent.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		h.Set("Content-Length", strconv.Itoa(len(sent.content)))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(sent.content))
}
