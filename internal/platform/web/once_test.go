package web_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// The page about what has just happened quotes the request in which it happened.
func TestThePageOfWhatHappenedQuotesItsReference(t *testing.T) {
	s, log := site(t)
	s.Handle("GET /do", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOnce(w, r, "/done")
	})
	s.Handle("GET /done", web.Once(web.Anyone), func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, text(web.Reference(r.Context())))
	})
	b := webtest.New(s)
	b.Do(webtest.Request("GET", "/do", nil))
	did := log.String()
	shown := b.Do(webtest.Request("GET", "/done", nil)).Body.String()
	if !reference.Valid(shown) || !strings.Contains(did, `"request":"`+shown+`"`) {
		t.Errorf("the page quotes %q, which %s has not", shown, did)
	}
	for _, made := range []string{"/done", "/done~", "/done~<script>", "/done~" + strings.Repeat("2", 9)} {
		b.Cookies["__Host-once"] = made
		shown := b.Do(webtest.Request("GET", "/done", nil)).Body.String()
		if !reference.Valid(shown) || !strings.Contains(log.String(), `"request":"`+shown+`"`) {
			t.Errorf("with the cookie %q the page quotes %q", made, shown)
		}
	}
}
