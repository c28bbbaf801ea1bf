package tries_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"signpost/internal/platform/seal"
	"signpost/internal/platform/tries"
)

func box(t *testing.T, master byte) *seal.Box {
	t.Helper()
	key := make([]byte, 32)
	key[0] = master
	b, err := seal.New(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// visit is a request of a browser with what its cookie was set to, if it was.
func visit(t *testing.T, answer *httptest.ResponseRecorder) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if answer != nil {
		cookies := answer.Result().Cookies()
		r.AddCookie(cookies[len(cookies)-1])
	}
	return r
}

func remember(t *testing.T, k tries.Known, r *http.Request, subject string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	if err := k.Remember(answer, r, subject); err != nil {
		t.Fatal(err)
	}
	return answer
}

// A browser is known to those who proved themselves on it, the latest 30 of them, and to nobody else.
func TestKnownBrowser(t *testing.T) {
	k := tries.Known{Box: box(t, 1), Name: "known"}
	first := remember(t, k, visit(t, nil), "ada")
	ada := k.Of(visit(t, first)).For("ada")
	if ada == "" || k.Of(visit(t, first)).For("bo") != "" {
		t.Errorf("known to ada as %q, to bo as %q", ada, k.Of(visit(t, first)).For("bo"))
	}
	both := k.Of(visit(t, remember(t, k, visit(t, first), "bo")))
	if both.For("ada") != ada || both.For("bo") != ada {
		t.Errorf("one browser has the ids %q, %q", both.For("ada"), both.For("bo"))
	}
	last := first
	for n := range 30 {
		last = remember(t, k, visit(t, last), fmt.Sprint(n))
	}
	crowded := k.Of(visit(t, last))
	if crowded.For("ada") != "" || crowded.For("0") == "" || crowded.For("29") == "" {
		t.Error("of 31, others than the latest 30 are known")
	}
	if size := len(last.Result().Cookies()[0].Value); size > 1000 {
		t.Errorf("the cookie has %d bytes", size)
	}
}

// Nobody makes a browser known but us: neither under another key nor another name, nor with what cannot be read.
func TestAMadeUpBrowserIsNotKnown(t *testing.T) {
	k := tries.Known{Box: box(t, 1), Name: "known"}
	set := remember(t, k, visit(t, nil), "ada")
	if k.Of(visit(t, set)).For("ada") == "" {
		t.Fatal("the honest browser is not known")
	}
	for name, other := range map[string]tries.Known{
		"another key": {Box: box(t, 2), Name: "known"}, "another site": {Box: box(t, 1), Name: "other"},
	} {
		foreign := remember(t, other, visit(t, nil), "ada").Result().Cookies()[0]
		foreign.Name = set.Result().Cookies()[0].Name
		r := visit(t, nil)
		r.AddCookie(foreign)
		if k.Of(r).For("ada") != "" {
			t.Errorf("%s: known", name)
		}
	}
	for _, value := range []string{"", "x", "AAAA", "eyJpZCI6ImEiLCJmb3IiOlsiYWRhIl19"} {
		r := visit(t, nil)
		r.AddCookie(&http.Cookie{Name: set.Result().Cookies()[0].Name, Value: value})
		if k.Of(r).For("ada") != "" {
			t.Errorf("%q: known", value)
		}
	}
}
