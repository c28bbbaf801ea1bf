package held_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

var nine = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

type browser struct {
	cookies map[string]string
}

func (b *browser) request(method, target, kind, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (b *browser) keep(rec *httptest.ResponseRecorder) {
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
}

func open(t *testing.T) (held.Posts, *clock.Manual) {
	t.Helper()
	c := clock.At(nine)
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	return held.Posts{DB: dbtest.Open(t, none(), c), Box: box, Site: "dos", Forms: []form.Form{hours}}, c
}

// hours is the test's form.
var hours = form.Form{Path: "/services/{id}/hours", Fields: []form.Field{
	form.Input(nhsuk.InputParams{Name: "note", Label: nhsuk.LabelParams{Text: "A note for others"}}),
	form.Input(nhsuk.InputParams{Name: "monday", Label: nhsuk.LabelParams{Text: "Monday"}}),
	form.Radios(nhsuk.RadiosParams{
		Name: "status", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What can it take?"}},
		Items: []nhsuk.RadioItem{{Value: "AMBER", Text: "Amber, with a wait"}},
	}),
}}

// none is a side without tables of its own.
func none() fs.FS {
	return fstest.MapFS{"202611260100_none.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}
}

const plain = "application/x-www-form-urlencoded"

// hold signs ann in and sends a form after her session has ended.
func hold(t *testing.T, p held.Posts, kind, body string) (*browser, bool) {
	t.Helper()
	b := &browser{cookies: map[string]string{}}
	rec := httptest.NewRecorder()
	p.SignedIn(rec, b.request("GET", "/", "", ""), "ann")
	b.keep(rec)
	rec = httptest.NewRecorder()
	kept, err := p.Hold(rec, b.request("POST", "/services/7/hours", kind, body))
	if err != nil {
		t.Fatal(err)
	}
	b.keep(rec)
	return b, kept
}

func TestAFormWaitsForItsSender(t *testing.T) {
	p, _ := open(t)
	b, kept := hold(t, p, plain, url.Values{"monday": {"9-5"}, "note": {"é <b>"}, "new_password": {"x"}, "code": {"123"}}.Encode())
	if !kept || held.Onward(b.request("GET", "/", "", ""), "/") != held.Path {
		t.Fatal("the form was not held")
	}
	form, err := p.Find(b.request("GET", "/held", "", ""), "ann")
	if err != nil || form.Path != "/services/7/hours" || form.Fields.Get("note") != "é <b>" ||
		form.Fields.Get("monday") != "9-5" {
		t.Fatalf("%+v, %v", form, err)
	}
	if form.Fields.Has("new_password") || form.Fields.Has("code") {
		t.Errorf("secrets were kept: %v", form.Fields)
	}
	if err := p.Drop(httptest.NewRecorder(), b.request("POST", "/held/drop", plain, "")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Find(b.request("GET", "/held", "", ""), "ann"); !errors.Is(err, fault.NotFound) {
		t.Errorf("thrown away and found: %v", err)
	}
}

func TestAFormThatArrivedWaitsNoLonger(t *testing.T) {
	p, _ := open(t)
	b, _ := hold(t, p, plain, "note=x")
	for _, tt := range []struct {
		name, method, body string
		waits              bool
	}{
		{"a page", "GET", "", true}, {"another form", "POST", "note=y", true}, {"the form itself", "POST", "note=x&held=yes", false},
	} {
		rec := httptest.NewRecorder()
		if err := p.Sent(rec, b.request(tt.method, "/services/7/hours", plain, tt.body)); err != nil {
			t.Fatal(err)
		}
		b.keep(rec)
		_, err := p.Find(b.request("GET", "/held", "", ""), "ann")
		if waits := err == nil; waits != tt.waits ||
			waits != (held.Onward(b.request("GET", "/", "", ""), "/") == held.Path) {
			t.Errorf("after %s it waits: %v, %v", tt.name, waits, err)
		}
	}
}

func TestAFormIsShownToNobodyElse(t *testing.T) {
	p, c := open(t)
	b, _ := hold(t, p, plain, "note=secret")
	find := func(as string, change func(*browser)) bool {
		other := &browser{cookies: map[string]string{}}
		for name, value := range b.cookies {
			other.cookies[name] = value
		}
		change(other)
		_, err := p.Find(other.request("GET", "/held", "", ""), as)
		if err != nil && !errors.Is(err, fault.NotFound) {
			t.Errorf("find: %v", err)
		}
		return err == nil
	}
	same := func(*browser) {}
	if !find("ann", same) {
		t.Fatal("its sender does not find it")
	}
	tried := 0
	accepted := 0
	for name, try := range map[string]func() bool{
		"another person on the same browser": func() bool { return find("bob", same) },
		"nobody":                             func() bool { return find("", same) },
		"another browser":                    func() bool { return find("ann", func(o *browser) { delete(o.cookies, "__Host-held") }) },
		"another secret":                     func() bool { return find("ann", func(o *browser) { o.cookies["__Host-held"] += "x" }) },
	} {
		tried++
		if try() {
			accepted++
			t.Errorf("%s found it", name)
		}
	}
	c.Advance(time.Hour)
	if tried++; find("ann", same) {
		accepted++
		t.Error("found after an hour")
	}
	t.Logf("held forms: tried %d, accepted %d", tried, accepted)
}

func TestWhatIsNotHeld(t *testing.T) {
	p, _ := open(t)
	if _, kept := hold(t, p, plain, "note=x"); !kept {
		t.Fatal("an honest form was not held")
	}
	for name, tt := range map[string]struct{ kind, body string }{
		"nothing but a password": {plain, "password=x"},
		"nothing that was typed": {plain, "invitation=7&status=&all=yes"},
		"empty":                  {plain, ""},
		"a file":                 {"multipart/form-data; boundary=x", "--x--"},
		"JSON":                   {"application/json", `{"a":1}`},
		"far too much":           {plain, "note=" + strings.Repeat("x", 70000)},
	} {
		if b, kept := hold(t, p, tt.kind, tt.body); kept ||
			held.Onward(b.request("GET", "/", "", ""), "/") == held.Path {
			t.Errorf("%s was held", name)
		}
	}
}

// The page shows what was typed in the words of its form, and sends the rest without showing it.
func TestAHeldFormIsShownInItsWords(t *testing.T) {
	p, _ := open(t)
	sent := url.Values{
		"monday": {""}, "note": {"one", "two"}, "status": {"AMBER"}, "seen_version": {"7f3a"}, "invitation": {"id-9"},
	}
	b, _ := hold(t, p, plain, sent.Encode())
	s := web.New(web.Options{Name: "dos", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	p.Mount(s, held.Site{
		SignedIn: web.Anyone, Subject: func(*http.Request) string { return "ann" },
		Page: func(_ http.ResponseWriter, _ *http.Request, title string) page.Params {
			return page.Params{Title: title}
		},
	})
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, b.request("GET", "/held", "", ""))
	shown := regexp.MustCompile(`(?s)<dl.*</dl>`).FindString(rec.Body.String())
	for _, want := range []string{"A note for others", "one, two", "What can it take?", "Amber, with a wait"} {
		if !strings.Contains(shown, want) {
			t.Errorf("it does not show %q: %s", want, shown)
		}
	}
	for _, technical := range []string{"AMBER", "status", "seen", "7f3a", "nvitation", "id-9", "onday"} {
		if strings.Contains(shown, technical) {
			t.Errorf("it shows %q: %s", technical, shown)
		}
	}
	for name, values := range sent {
		for _, value := range values {
			if field := `name="` + name + `" value="` + value + `"`; !strings.Contains(rec.Body.String(), field) {
				t.Errorf("it does not send %s", field)
			}
		}
	}
}

// Strangers have nothing held: the cookie that names somebody cannot be made, only got by signing in.
func TestWhoseFormsAreNotHeld(t *testing.T) {
	p, _ := open(t)
	b, _ := hold(t, p, plain, "note=x")
	theirs := b.cookies["__Host-whose"]
	own, err := base64.RawURLEncoding.DecodeString(theirs)
	if err != nil {
		t.Fatal(err)
	}
	own[len(own)-1]++
	elsewhere := p
	elsewhere.Site = "cim"
	strangers, _ := open(t)
	for name, tt := range map[string]struct {
		at     held.Posts
		cookie string
		kept   bool
	}{
		"somebody who signed in":          {p, theirs, true},
		"nobody":                          {p, "", false},
		"a name that somebody made up":    {p, base64.RawURLEncoding.EncodeToString([]byte("ann")), false},
		"32 bytes of nothing":             {p, base64.RawURLEncoding.EncodeToString(random.Bytes(32)), false},
		"a name that was changed":         {p, base64.RawURLEncoding.EncodeToString(own), false},
		"a name from another site":        {elsewhere, theirs, false},
		"a name sealed under another key": {strangers, theirs, false},
	} {
		sender := &browser{cookies: map[string]string{"__Host-whose": tt.cookie}}
		kept, err := tt.at.Hold(httptest.NewRecorder(), sender.request("POST", "/services/7/hours", plain, "note=x"))
		if kept != tt.kept || err != nil {
			t.Errorf("%s: held %v, %v", name, kept, err)
		}
	}
}

// The cookie is set once for each person, not with every page.
func TestPagesNameTheirPersonOnce(t *testing.T) {
	p, _ := open(t)
	b := &browser{cookies: map[string]string{}}
	for _, tt := range []struct {
		who string
		set bool
	}{{"ann", true}, {"ann", false}, {"bob", true}, {"bob", false}} {
		rec := httptest.NewRecorder()
		p.SignedIn(rec, b.request("GET", "/", "", ""), tt.who)
		b.keep(rec)
		if set := len(rec.Result().Cookies()) == 1; set != tt.set {
			t.Errorf("%s: set %v, want %v", tt.who, set, tt.set)
		}
	}
}
