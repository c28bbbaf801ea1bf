package site_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"signpost/internal/platform/web/webtest"
)

// rivals sends one form several times at once from one browser, sealed for whom it was rendered, and gives the pages to
// which each of them led.
func (b *browser) rivals(target, author string, pairs ...string) (pages []string) {
	b.w.Helper()
	var together sync.WaitGroup
	var mu sync.Mutex
	for range 6 {
		each := b.w.browser() // the same one, as far as cookies tell
		maps.Copy(each.Cookies, b.Cookies)
		r := webtest.Request(http.MethodPost, home+target, webtest.Form(pairs...))
		each.Sealer.SealFor(r, author)
		together.Go(func() {
			page := each.ends(each.Do(r))
			mu.Lock()
			defer mu.Unlock()
			pages = append(pages, page)
		})
	}
	together.Wait()
	return pages
}

// ends gives the text of the page to which an answer leads in the end.
func (b *browser) ends(answer *httptest.ResponseRecorder) string {
	for range 5 {
		to := answer.Header().Get("Location")
		if to == "" {
			break
		}
		answer = b.Do(webtest.Request(http.MethodGet, home+to, nil))
	}
	return webtest.Text(answer.Body.String())
}

// linkedPair is what the page after a link says of whom it linked.
const linkedPair = "Directory of Services account Ada Example (ada) Care Identity Ada Example, number ending 017"

// Of several requests that do one thing, sent at once, one does it. All of them are told that it is done, and none that
// they were wrong.
func TestWhatIsDoneOnceIsToldToAll(t *testing.T) {
	for name, tt := range map[string]struct {
		begin func(w *world) (b *browser, target, author string, pairs []string)
		want  string // on the page to which each is led
		event string
	}{
		"a link": {func(w *world) (*browser, string, string, []string) {
			return w.begun(), "/link/confirm", w.ada.ID, []string{"code", ""}
		}, linkedPair, "account.linked"},
		"a link with a code": {func(w *world) (*browser, string, string, []string) {
			w.issuer.Person.Email = "ada@elsewhere.example"
			b := w.begun()
			return b, "/link/confirm", w.ada.ID, []string{"code", w.code("ada@example.nhs.uk")}
		}, linkedPair, "account.linked"},
		"an undo by code": {func(w *world) (*browser, string, string, []string) {
			w.link()
			b := w.browser()
			b.post("/undo-link", "username", "ada")
			return b, "/undo-link/code", "", []string{"code", w.code("ada@example.nhs.uk")}
		}, "no longer opens the account of Ada Example (ada), and everybody", "account.unlinked"},
		"an undo by who is logged in": {func(w *world) (*browser, string, string, []string) {
			w.link()
			b := w.browser()
			b.careIdentity()
			return b, "/account/unlink", w.ada.ID, nil
		}, "The link is undone and you are logged out", "account.unlinked"},
		"a change of the address": {func(w *world) (*browser, string, string, []string) {
			b := w.browser()
			b.withPassword("ada", goodPass)
			b.post("/account/email", "email", "ada.new@example.nhs.uk")
			return b, "/account/email/code", w.ada.ID, []string{"code", w.code("ada.new@example.nhs.uk")}
		}, "Your email address has been saved and confirmed", "account.email-changed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b, target, author, pairs := tt.begin(w)
			for _, page := range b.rivals(target, author, pairs...) {
				if !strings.Contains(page, tt.want) {
					t.Errorf("one of them reads:\n%s", page)
				}
			}
			if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1`, tt.event); n != 1 {
				t.Errorf("%d events, want 1", n)
			}
			if n := w.count(`SELECT COUNT(*) FROM event WHERE refused`); n != 0 {
				t.Errorf("%d refusals", n)
			}
		})
	}
}
