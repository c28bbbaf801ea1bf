package console_test

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/once"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

const (
	address  = "https://cim.example.nhs.uk"
	clientID = "100000000002.apps.national"
	oldEmail = "ada@oldtrust.example"
	newEmail = "ada@example.nhs.uk"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is the site over a small care identity side, with Ada registered and an issuer that signs her in.
type world struct {
	t        *testing.T
	clock    *clock.Manual
	d        *db.DB
	box      *seal.Box
	mails    *mail.Mailbox
	jobs     *job.Queue
	issuer   *relyingtest.Issuer
	client   *portal.CIS2
	provider *provider.Provider
	site     *web.Site
	log      bytes.Buffer
	ada      string // her number
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(nine), mails: &mail.Mailbox{}, box: must(seal.New(random.Bytes(32)))(t)}
	w.d = dbtest.Open(t, schema.Files, w.clock)
	ws := job.NewWorkers()
	post := mail.New(w.d, w.box, w.mails, ws)
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.Ended) error { return nil })
	job.Work(ws, func(context.Context, backchannel.Notice) error { return nil })
	once.Work(ws, w.d)
	w.jobs = jobtest.Start(t, w.d, ws)
	w.signInAt(relyingtest.New(t, w.clock))
	w.provider = must(provider.New(provider.Options{Issuer: "https://cis2.example.nhs.uk/realm", DB: w.d, Box: w.box, Fetch: relyingtest.Fetch(), Clock: w.clock}))(t)
	w.site = console.New(console.Options{
		Sessions: w.provider.Sessions(),
		DB:       w.d, Box: w.box, Post: post, Relying: w.client, Extract: &extract.Extract{DB: w.d, Clock: w.clock, Address: address},
		CIS2: "https://cis2.example.nhs.uk", SignIn: "https://cis2.example.nhs.uk",
		Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Metrics: web.NewMetrics(prometheus.NewRegistry()),
	})
	w.update(w.seed)
	w.issuer.Person = relyingtest.Ada()
	w.issuer.Person.Subject = w.ada
	return w
}

func (w *world) signInAt(i *relyingtest.Issuer) {
	w.t.Helper()
	key := must(jwt.Generate(jwt.ES256))(w.t)
	i.Register(relyingtest.Client{ID: clientID, RedirectURI: address + "/signin/callback", Keys: jwt.NewSet(key)})
	w.issuer = i
	client := must(relying.New(relying.Config{
		Issuer: i.Name, ClientID: clientID, Auth: relying.Auth{Key: key}, RedirectURI: address + "/signin/callback",
		PostLogoutURI: address + "/signed-out", ACR: []string{authn.AAL2OrAAL3Any.Name()}, MaxAge: 5 * time.Minute,
		Fetch: relyingtest.Fetch(), Clock: w.clock,
	}))(w.t)
	w.client = &portal.CIS2{Client: client, Minimum: cis2.Levels{Authentication: 2}}
}

func (w *world) seed(ctx context.Context, u *db.W) error {
	for _, o := range []organisation.Organisation{
		{Code: "ZTR", Name: "Fenmarch University Hospitals", Postcode: "FM1 1AA", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", Postcode: "FM2 1CD", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", Postcode: "FM3 1CD"},
	} {
		if err := organisation.Add(ctx, u, o); err != nil {
			return err
		}
	}
	i, err := identity.Add(ctx, u, identity.New{Title: "Dr", GivenName: "Ada", FamilyName: "O'Example <b>", Email: oldEmail, AssuranceLevel: 3, Organisation: "Z90001"})
	if err != nil {
		return err
	}
	w.ada = i.UUID
	for _, p := range []struct {
		position access.Position
		ends     time.Time
	}{
		{access.Position{Organisation: "Z90001", Name: "Directory of Services System", RoleCode: "S8001:G8002:R8008", Activities: []string{"B0166"}}, time.Time{}},
		{access.Position{Organisation: "ZTR", Name: "Old post", RoleCode: "S8000:G8000:R8001"}, nine},
	} {
		id, err := access.AddPosition(ctx, u, p.position)
		if err != nil {
			return err
		}
		grant := access.Grant{UUID: w.ada, Position: id, Organisation: p.position.Organisation, Starts: nine.AddDate(0, -1, 0), Ends: p.ends, Number: identity.Number}
		if err := access.Assign(ctx, u, grant); err != nil {
			return err
		}
	}
	_, err = authenticator.Bind(ctx, u, authenticator.New{UUID: w.ada, Kind: authn.SecurityKey, Level: authn.AAL3, Name: "Blue key"})
	return err
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.t.Helper()
	err := w.d.Update(w.t.Context(), actor.ForCommand("test"), func(u *db.W) error { return fn(w.t.Context(), u) })
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) identity() (i identity.Identity) {
	w.t.Helper()
	err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		i, err = identity.ByUUID(w.t.Context(), r, w.ada)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

// events counts the events of a kind.
func (w *world) events(kind audit.Kind) int {
	w.t.Helper()
	var list []audit.Entry
	err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		list, err = audit.OfKind(w.t.Context(), r, kind, 1000)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}

// browser keeps cookies, as a person's browser does.
type browser struct {
	w       *world
	cookies map[string]string
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]string{}} }

// page is what a browser got.
type page struct {
	status   int
	location string
	text     string // without tags, single spaces
	markup   string
	header   http.Header
}

func (b *browser) get(path string) page { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, pairs ...string) page {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values, change ...func(r *http.Request)) page {
	r := httptest.NewRequest(method, address+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	b.w.site.ServeHTTP(rec, r)
	res := rec.Result()
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return page{status: rec.Code, location: res.Header.Get("Location"), text: plainText(rec.Body.String()), markup: rec.Body.String(), header: res.Header}
}

var (
	head   = regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

func plainText(markup string) string {
	text := tags.ReplaceAllString(head.ReplaceAllString(markup, " "), " ")
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(text), " "))
}

// arrive goes to the issuer and comes back to the callback, whose answer it gives.
func (b *browser) arrive() page {
	b.w.t.Helper()
	return b.get("/signin/callback?" + b.goThere().Encode())
}

// goThere starts a sign-in and gives what the issuer sent the browser back with.
func (b *browser) goThere() url.Values {
	b.w.t.Helper()
	p := b.post("/sign-in")
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, b.w.issuer.Name) {
		b.w.t.Fatalf("sign-in leads to %d %q", p.status, p.location)
	}
	return b.w.issuer.SignIn(b.w.t, p.location)
}

// signedIn is a browser on which Ada is signed in.
func (w *world) signedIn() *browser {
	w.t.Helper()
	b := w.browser()
	if p := b.arrive(); p.status != http.StatusSeeOther || p.location != "/view-your-profile" {
		w.t.Fatalf("arrived at %d %q: %s", p.status, p.location, p.text)
	}
	return b
}

// in reports whether the browser is signed in.
func (b *browser) in() bool {
	b.w.t.Helper()
	p := b.get("/view-your-profile")
	if p.status != http.StatusOK && p.location != "/?signed-out=1" {
		b.w.t.Fatalf("profile: %d %q %s", p.status, p.location, p.text)
	}
	return p.status == http.StatusOK
}

func (p page) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(p.text, want) {
			t.Errorf("the page lacks %q:\n%s", want, p.text)
		}
	}
}

// another makes one more active identity and gives its number.
func (w *world) another(name string) (uuid string) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u, identity.New{GivenName: name, FamilyName: "Example", AssuranceLevel: 3, Organisation: "Z90001"})
		uuid = i.UUID
		return err
	})
	return uuid
}
