package web_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// desk is a site with one form, which counts how often it was saved. Bob may not save it.
type desk struct {
	site  *web.Site
	saved int
	other web.Author // of whose form the site was told last
}

func newDesk(withAnswer bool) *desk {
	d := &desk{}
	o := web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box(),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return text(f.Message) },
	}
	if withAnswer {
		o.AnotherAuthor = func(w http.ResponseWriter, r *http.Request, author web.Author) error {
			d.other = author
			return web.Show(w, r, http.StatusConflict, text("you are "+web.Actor(r).Name))
		}
	}
	d.site = web.New(o)
	known := web.Guard{Name: "known", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		name := r.Header.Get("Test-Who")
		if name != "" {
			web.WithActor(r, actor.Actor{Kind: actor.Person, ID: name, Name: "Name of " + name})
		}
		if name == "bob" {
			return r, fault.Forbidden
		}
		return r, nil
	}}
	d.site.HandlePost("/services/{id}/hours", "/", known, func(http.ResponseWriter, *http.Request) error {
		d.saved++
		return nil
	})
	return d
}

func (d *desk) post(who, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Test-Who", who)
	rec := httptest.NewRecorder()
	d.site.ServeHTTP(rec, r)
	return rec
}

const urlencoded = "application/x-www-form-urlencoded"

// sealed is the body of a form with the seal of a site for a path.
func sealed(t *testing.T, b *seal.Box, site, path, id string) string {
	t.Helper()
	text, err := web.Seal(b, site, path, web.Author{ID: id, Name: "Name of " + id, About: "Oak Tree"})
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"note": {"x"}, web.SealField: {text}}.Encode()
}

func TestAFormIsItsAuthors(t *testing.T) {
	d := newDesk(true)
	const path = "/services/a%2Fb/hours"
	honest := sealed(t, box(), "test", path, "ann")
	if d.post("ann", path, urlencoded, honest); d.saved != 1 {
		t.Fatal("the honest form was not saved")
	}
	stranger, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for name, tt := range map[string]struct{ who, kind, body string }{
		"without the field":            {"ann", urlencoded, "note=x"},
		"with an empty field":          {"ann", urlencoded, "note=x&seal="},
		"for nobody":                   {"ann", urlencoded, sealed(t, box(), "test", path, "")},
		"of another person":            {"ann", urlencoded, sealed(t, box(), "test", path, "cat")},
		"by nobody":                    {"", urlencoded, honest},
		"by another person":            {"cat", urlencoded, honest},
		"by one who may not":           {"bob", urlencoded, honest},
		"for another path":             {"ann", urlencoded, sealed(t, box(), "test", "/services/a/b/hours", "ann")},
		"for another site":             {"ann", urlencoded, sealed(t, box(), "other", path, "ann")},
		"under another key":            {"ann", urlencoded, sealed(t, stranger, "test", path, "ann")},
		"changed":                      {"ann", urlencoded, honest[:len(honest)-2] + "AA"},
		"made up":                      {"ann", urlencoded, "seal=" + `{"id":"ann"}`},
		"as a file":                    {"ann", "multipart/form-data; boundary=x", honest},
		"as JSON":                      {"ann", "application/json", honest},
		"in the address":               {"ann", urlencoded, "note=x"},
		"after one that does not open": {"ann", urlencoded, "seal=x&" + honest},
	} {
		tried++
		at := path
		if name == "in the address" {
			at += "?" + honest
		}
		if got := d.post(tt.who, at, tt.kind, tt.body); d.saved != 1 || got.Code != http.StatusConflict {
			t.Errorf("a form %s: %d, saved %d times", name, got.Code, d.saved)
			d.saved = 1
		}
	}
	t.Logf("tried %d, accepted %d", tried, d.saved-1)
}

// The site can say who filled the form in, and what it concerned, also to one who may not send such forms.
func TestASiteSaysWhoseFormItWas(t *testing.T) {
	const path = "/services/7/hours"
	for _, who := range []string{"cat", "bob"} {
		d := newDesk(true)
		got := d.post(who, path, urlencoded, sealed(t, box(), "test", path, "ann"))
		want := web.Author{ID: "ann", Name: "Name of ann", About: "Oak Tree"}
		if !cmp.Equal(d.other, want) || got.Body.String() != "you are Name of "+who {
			t.Errorf("%s: told of %+v, shown %s", who, d.other, got.Body)
		}
	}
	d := newDesk(false)
	got := d.post("cat", path, urlencoded, sealed(t, box(), "test", path, "ann"))
	if got.Code != http.StatusConflict || d.saved != 0 || !strings.Contains(got.Body.String(), "Nothing was changed") {
		t.Errorf("without an answer of its own: %d %s", got.Code, got.Body)
	}
	if got := d.post("bob", path, urlencoded, sealed(t, box(), "test", path, "bob")).Code; got != http.StatusForbidden {
		t.Errorf("their own form: %d", got)
	}
}

func TestFormsCannotBeAddedToASiteThatCannotSealThem(t *testing.T) {
	s := web.New(web.Options{Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	defer func() {
		if recover() == nil {
			t.Error("added")
		}
	}()
	s.HandlePost("/save", "/", web.Anyone, func(http.ResponseWriter, *http.Request) error { return nil })
}

// What goes wrong after something was saved is not told as if nothing was changed.
func TestWhatWentWrongAfterSomethingWasSaved(t *testing.T) {
	s, _ := site(t)
	s.Handle("GET /nothing", web.Anyone, func(http.ResponseWriter, *http.Request) error { return errors.New("odd") })
	s.Handle("GET /part", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		saved.Note(r.Context())
		return errors.New("odd")
	})
	s.Handle("GET /part/panic", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		saved.Note(r.Context())
		panic("odd")
	})
	for path, want := range map[string]string{
		"/nothing": "Nothing you entered was changed", "/part": "after a part of it was saved",
		"/part/panic": "after a part of it was saved",
	} {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if rec.Code != http.StatusInternalServerError || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}
