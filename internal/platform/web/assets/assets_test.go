package assets

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(h http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestServing(t *testing.T) {
	version := strings.Split(Path("x"), "/")[2]
	for _, tt := range []struct {
		name, address    string
		status           int
		kind, cacheStart string
	}{
		{"style sheet at its versioned address", Path("signpost.css"), 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"script", Path("signpost.js"), 200, "text/javascript; charset=utf-8", "public"},
		{"image", Path("favicon.svg"), 200, "image/svg+xml", "public"},
		{"address of another version", "/assets/0123456789abcdef/signpost.css", 200, "text/css; charset=utf-8", "no-cache"},
		{"plain address", "/assets/signpost.css", 200, "text/css; charset=utf-8", "no-cache"},
		{"unknown file", Path("nothing.css"), 404, "", ""},
		{"the folder itself", "/assets/" + version + "/", 404, "", ""},
		{"placeholder", Path(".keep"), 404, "", ""},
		{"path upwards", "/assets/" + version + "/../assets.go", 404, "", ""},
		{"elsewhere", "/signpost.css", 404, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(Handler(), tt.address)
			if w.Code != tt.status {
				t.Fatalf("status = %d, want %d", w.Code, tt.status)
			}
			if tt.status != 200 {
				return
			}
			if got := w.Header().Get("Content-Type"); got != tt.kind {
				t.Errorf("Content-Type = %q, want %q", got, tt.kind)
			}
			if got := w.Header().Get("Cache-Control"); !strings.HasPrefix(got, tt.cacheStart) {
				t.Errorf("Cache-Control = %q, want %q", got, tt.cacheStart)
			}
		})
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	first := get(Handler(), Path("signpost.css"))
	if first.Code != 200 || first.Body.Len() == 0 {
		t.Fatalf("first answer: %d, %d bytes", first.Code, first.Body.Len())
	}
	if again := get(Handler(), Path("signpost.css"), "If-None-Match", first.Header().Get("ETag")); again.Code != 304 {
		t.Errorf("status = %d, want 304", again.Code)
	}
}

func TestVersionFollowsContent(t *testing.T) {
	with := func(css string) string {
		return load(fstest.MapFS{}, "files", fstest.MapFS{"own/a.css": {Data: []byte(css)}}, "own").version
	}
	if first, again := with("a{}"), with("a{}"); first != again {
		t.Error("the same files have two versions")
	}
	if with("a{}") == with("b{}") {
		t.Error("other content has the same version")
	}
}

// TestWithoutNHSUKFrontend is the clean clone: only our own files are there.
func TestWithoutNHSUKFrontend(t *testing.T) {
	l := load(fstest.MapFS{"files/.keep": {}}, "files", fstest.MapFS{"own/signpost.css": {Data: []byte("a{}")}}, "own")
	if w := get(l, "/assets/signpost.css"); w.Code != 200 {
		t.Errorf("our own style sheet: %d, want 200", w.Code)
	}
	if w := get(l, "/assets/nhsuk-frontend.min.css"); w.Code != 404 {
		t.Errorf("nhsuk-frontend's style sheet: %d, want 404", w.Code)
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, Path("signpost.css"), nil))
	if w.Code != 404 {
		t.Errorf("POST: %d, want 404", w.Code)
	}
}

// TestNothingFromElsewhere holds our files to the content
// security policy: everything comes from the site itself.
func TestNothingFromElsewhere(t *testing.T) {
	for name, f := range all.files {
		for _, scheme := range []string{"https://", "http://"} {
			for _, part := range strings.Split(string(f.whole.content), scheme)[1:] {
				if !strings.HasPrefix(part, "www.w3.org/") {
					t.Errorf("%s names another site: %s%.40s", name, scheme, part)
				}
			}
		}
	}
	if len(all.files) < 3 {
		t.Errorf("looked at %d files only", len(all.files))
	}
}
