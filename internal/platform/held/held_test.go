package held_test

import (
	"context"
	"errors"
	"html"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
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

// site is a site whose forms are held: everybody who sends one is told that they are not logged in, but those whom
// the header Test-Who names.
type site struct {
	held.Posts
	*web.Site
	clock *clocktest.Manual
	box   *seal.Box
	left  bool       // nobody may log in any more
	got   url.Values // the form that arrived last
}

// send sends a request from a browser, as somebody, and keeps the cookies that come back.
func (s *site) send(b *browser, who, method, target, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Test-Who", who)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return rec
}

// sealed adds to a form the seal of its author.
func (s *site) sealed(t *testing.T, form, path, author string) string {
	t.Helper()
	sealed, err := web.Seal(s.box, "dos", path, web.Author{ID: author, Name: author, About: "Oak Tree"})
	if err != nil {
		t.Fatal(err)
	}
	return form + "&seal=" + sealed
}

// page gives what somebody sees at /held, or empty where nothing waits for them.
func (s *site) page(b *browser, who string) string {
	rec := s.send(b, who, "GET", "/held", "", "")
	if rec.Code != http.StatusOK {
		return ""
	}
	return rec.Body.String()
}

// waits reports whether somebody who logs in on a browser would go to a held form.
func (s *site) waits(t *testing.T, b *browser, who string) bool {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	waits, err := s.Waits(r, who)
	if err != nil {
		t.Error(err)
	}
	return waits
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{clock: clocktest.At(nine)}
	var err error
	if s.box, err = seal.New(random.Bytes(32)); err != nil {
		t.Fatal(err)
	}
	s.Posts = held.Posts{DB: dbtest.Open(t, none(), s.clock), Box: s.box, Site: "dos", Forms: []form.Form{hours},
		Active: func(context.Context, db.R, string) (bool, error) { return !s.left, nil }}
	s.Site = web.New(web.Options{
		Name: "dos", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: s.box,
	})
	signedIn := web.Guard{Name: "signed in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		if r.Header.Get("Test-Who") == "" {
			kept, err := s.Hold(w, r, held.LoggedOut)
			return nil, errors.Join(err, web.Redirect{To: "/?kept=" + strconv.FormatBool(kept)})
		}
		web.WithActor(r, actor.Actor{Kind: actor.Person, ID: r.Header.Get("Test-Who")})
		return r, nil
	}}
	s.HandlePost(hours.Path, "/", signedIn, func(w http.ResponseWriter, r *http.Request) error {
		err := s.Sent(w, r)
		s.got = r.PostForm
		return err
	})
	s.Mount(s.Site, held.Site{
		SignedIn: signedIn,
		Page: func(_ http.ResponseWriter, _ *http.Request, title string) page.Params {
			return page.Params{Title: title}
		},
	})
	return s
}

// hours is the test's form.
var hours = form.Form{Path: "/services/{id}/hours", Page: "Change opening hours", Act: "Save", Fields: []form.Field{
	form.Hidden("seen_version"),
	form.Input(nhsuk.InputParams{Name: "note", Label: nhsuk.LabelParams{Text: "A note for others"}}),
	form.Input(nhsuk.InputParams{Name: "monday", Label: nhsuk.LabelParams{Text: "Monday"}}),
	form.Input(nhsuk.InputParams{Name: "secretary", Label: nhsuk.LabelParams{Text: "Secretary"}}),
	form.Input(nhsuk.InputParams{Name: "leave", Label: nhsuk.LabelParams{Text: "Leave"}, Code: true}),
	form.Input(nhsuk.InputParams{
		Name: "digits", Label: nhsuk.LabelParams{Text: "Digits"}, Autocomplete: "one-time-code",
	}),
	form.Button(nhsuk.ButtonParams{Text: "Send another", Name: "again", Value: "Yes"}),
	form.Password(nhsuk.PasswordInputParams{Name: "pin", Label: nhsuk.LabelParams{Text: "PIN"}}),
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

const sevens = "/services/7/hours"

// hold sends a form of ann's after her session has ended.
func hold(t *testing.T, s *site, kind, body string) (*browser, bool) {
	t.Helper()
	b := &browser{cookies: map[string]string{}}
	rec := s.send(b, "", "POST", sevens, kind, s.sealed(t, body, sevens, "ann"))
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("sent without a session: %d", rec.Code)
	}
	return b, strings.Contains(rec.Header().Get("Location"), "kept=true")
}

var (
	list   = regexp.MustCompile(`(?s)<dl.*</dl>`)
	inputs = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// The page says what would be sent, from which page and for whom, in the words of the form; nothing is sent that it
// does not show. What is a secret is known by how its field is declared, whatever its name.
func TestAFormWaitsForItsAuthor(t *testing.T) {
	s := open(t)
	sent := url.Values{
		"monday": {""}, "note": {"one", "é <b>"}, "status": {"AMBER"}, "seen_version": {"7f3a"}, "pin": {"4711"},
		"leave": {"123"}, "digits": {"123"}, "secretary": {"Mo"}, "invitation": {"id-9"},
	}
	b, kept := hold(t, s, plain, sent.Encode())
	if !kept || !s.waits(t, b, "ann") || s.waits(t, b, "bob") {
		t.Fatal("the form was not held")
	}
	markup := s.page(b, "ann")
	shown := list.FindString(markup)
	for _, want := range []string{
		"Page", "Change opening hours", "What you were doing", "Save", "For", "Oak Tree", "A note for others",
		"one, é &lt;b&gt;", "What can it take?", "Amber, with a wait", "Monday", "Left empty",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("it does not show %q: %s", want, shown)
		}
	}
	for _, technical := range []string{"AMBER", "status", "seen", "7f3a", "nvitation", "id-9", "123", "4711", "PIN"} {
		if strings.Contains(shown, technical) {
			t.Errorf("it shows %q: %s", technical, shown)
		}
	}
	_, again, _ := strings.Cut(markup, `action="`+sevens+`"`)
	again, _, _ = strings.Cut(again, "</form>")
	got := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(again, -1) {
		got.Add(m[1], html.UnescapeString(m[2]))
	}
	got.Del("seal")
	want := url.Values{
		"monday": {""}, "note": {"one", "é <b>"}, "status": {"AMBER"}, "secretary": {"Mo"}, "held": {"0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it sends (-want +got):\n%s", diff)
	}
}

// What its author did not see, such as the version of what they changed, is added where the form arrives. Then it waits
// no longer.
func TestAFormThatArrivedWaitsNoLonger(t *testing.T) {
	s := open(t)
	b, _ := hold(t, s, plain, "note=x&seen_version=7f3a")
	for _, tt := range []struct {
		name, who, path, body string
		waits                 bool
	}{
		{"another form", "ann", sevens, "note=y", true},
		{"the same of another service", "ann", "/services/8/hours", "note=x&held=0", true},
		{"another person's", "bob", sevens, "note=x&held=0", true},
		{"the same form with another text", "ann", sevens, "note=x&seen_version=7f3b", true},
		{"the form itself, without a session", "", sevens, "note=x&held=0", true},
		{"the form itself", "ann", sevens, "note=x&held=0", false},
	} {
		author := tt.who
		if author == "" {
			author = "ann"
		}
		rec := s.send(b, tt.who, "POST", tt.path, plain, s.sealed(t, tt.body, tt.path, author))
		if waits := s.page(b, "ann") != ""; waits != tt.waits || waits != s.waits(t, b, "ann") || rec.Code >= 400 {
			t.Errorf("after %s (%d) it waits: %v", tt.name, rec.Code, waits)
		}
	}
	if s.got.Get("seen_version") != "7f3a" || s.got.Get("note") != "x" {
		t.Errorf("it arrived as %v", s.got)
	}
}

func TestAFormIsDiscarded(t *testing.T) {
	s := open(t)
	b, _ := hold(t, s, plain, "note=x")
	s.send(b, "bob", "POST", "/held/drop", plain, s.sealed(t, "held=0", "/held/drop", "bob"))
	if s.page(b, "ann") == "" {
		t.Fatal("bob discarded what waits for ann")
	}
	for _, none := range []string{"", "held=1", "held=5", "held=-1", "held=yes"} {
		s.send(b, "ann", "POST", "/held/drop", plain, s.sealed(t, none, "/held/drop", "ann"))
	}
	if s.page(b, "ann") == "" {
		t.Fatal("it was discarded by a name that is not its own")
	}
	s.send(b, "ann", "POST", "/held/drop", plain, s.sealed(t, "held=0", "/held/drop", "ann"))
	if s.page(b, "ann") != "" || s.waits(t, b, "ann") {
		t.Error("discarded and found")
	}
}

func TestAFormIsShownToNobodyElse(t *testing.T) {
	s := open(t)
	b, _ := hold(t, s, plain, "note=secret")
	find := func(as string, change func(*browser)) bool {
		other := &browser{cookies: maps.Clone(b.cookies)}
		change(other)
		return strings.Contains(s.page(other, as), "secret")
	}
	same := func(*browser) {}
	if !find("ann", same) {
		t.Fatal("its author does not find it")
	}
	every := func(change func(name, value string) (string, string)) func(*browser) {
		return func(o *browser) {
			cookies := o.cookies
			o.cookies = map[string]string{}
			for name, value := range cookies {
				name, value = change(name, value)
				o.cookies[name] = value
			}
		}
	}
	// bobs is the name of the cookie of a form that is held for bob.
	bobs := &browser{cookies: map[string]string{}}
	s.send(bobs, "", "POST", sevens, plain, s.sealed(t, "note=x", sevens, "bob"))
	tried := 0
	accepted := 0
	for name, try := range map[string]func() bool{
		"another person on the same browser": func() bool { return find("bob", same) },
		"another person, by their own cookie": func() bool {
			return find("bob", every(func(_, value string) (string, string) {
				return slices.Collect(maps.Keys(bobs.cookies))[0], value
			}))
		},
		"nobody":          func() bool { return find("", same) },
		"another browser": func() bool { return find("ann", func(o *browser) { o.cookies = nil }) },
		"another secret": func() bool {
			return find("ann", every(func(name, value string) (string, string) { return name, value + "x" }))
		},
	} {
		tried++
		if try() {
			accepted++
			t.Errorf("%s found it", name)
		}
	}
	s.clock.Advance(time.Hour)
	if tried++; find("ann", same) {
		accepted++
		t.Error("found after an hour")
	}
	t.Logf("held forms: tried %d, accepted %d", tried, accepted)
}
