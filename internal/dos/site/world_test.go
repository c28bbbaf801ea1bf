package site_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
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
	"signpost/internal/platform/password"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

const (
	home     = "http://dos.example"
	clientID = "100000000001.apps.national"
	goodPass = "correct horse battery"
)

// world is the directory's site with an issuer to sign in at. Ada has an account of her own that was
// made ten days ago, and holds the issuer's care identity 500000000017 with the same proved address.
type world struct {
	t      *testing.T
	clock  *clock.Manual
	d      *db.DB
	site   *web.Site
	desk   *signin.Desk
	linker *linking.Linker
	issuer *relyingtest.Issuer
	mails  *mail.Mailbox
	jobs   *job.Queue
	hash   string
	waves  map[path.Phase]string
	ada    account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(time.Date(2026, 11, 14, 9, 0, 0, 0, time.UTC)), mails: &mail.Mailbox{}, waves: map[path.Phase]string{}}
	w.d = dbtest.Open(t, schema.Files, w.clock)
	w.issuer = relyingtest.New(t, w.clock)
	ws := job.NewWorkers()
	box := must(seal.New(random.Bytes(32)))(t)
	post := mail.New(w.d, box, w.mails, ws)
	hasher := must(password.New(password.Cheap))(t)
	w.hash = must(hasher.Hash(t.Context(), goodPass))(t)
	key := must(jwt.Generate(jwt.ES256))(t)
	client := must(relying.New(relying.Config{
		Issuer: w.issuer.Name, DiscoveryURL: w.issuer.DiscoveryURL(), ClientID: clientID, Auth: relying.Auth{Key: key}, RedirectURI: home + "/signin/callback",
		Scopes: []string{cis2.OpenID, cis2.Profile, cis2.Email, cis2.Roles}, ACR: []string{authn.AAL2OrAAL3Any.Name()}, MaxAge: 5 * time.Minute,
		Fetch: relyingtest.Fetch(), Clock: w.clock,
	}))(t)
	w.issuer.Register(relyingtest.Client{ID: clientID, RedirectURI: home + "/signin/callback", Keys: client.JWKS()})
	w.desk = &signin.Desk{DB: w.d, Passwords: hasher}
	w.linker = &linking.Linker{DB: w.d, Post: post, SignIn: w.desk}
	once.Work(ws, w.d)
	w.jobs = jobtest.Start(t, w.d, ws)
	origin := must(frame.Origin(w.issuer.Name))(t)
	w.site = site.New(site.Options{Desk: w.desk, Relying: &portal.CIS2{Client: client, Minimum: cis2.Levels{Authentication: 2}}, Linker: w.linker, Box: box, SignIn: origin, CIM: "https://cim.example", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	w.update(func(ctx context.Context, u *db.W) error {
		for _, phase := range []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed} {
			id, err := wave.Add(ctx, u, wave.Wave{Name: string(rune('0' + phase)), Phase: phase})
			if err != nil {
				return err
			}
			w.waves[phase] = id
		}
		return nil
	})
	w.ada = w.account(account.New{Username: "ada", FirstName: "Ada", LastName: "Example", Email: "ada@example.nhs.uk", EmailProved: true}, path.Choose)
	w.clock.Advance(10 * 24 * time.Hour)
	return w
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.t.Helper()
	err := w.d.Update(w.t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		if err := fn(w.t.Context(), u); err != nil {
			return err
		}
		return u.Record(w.t.Context(), audit.Event{Kind: "test.prepared"})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) account(n account.New, phase path.Phase) (a account.Account) {
	w.t.Helper()
	if n.PasswordHash == "" {
		n.PasswordHash = w.hash
	}
	w.update(func(ctx context.Context, u *db.W) (err error) {
		if a, err = account.Add(ctx, u, n); err != nil {
			return err
		}
		return wave.Join(ctx, u, a.ID, w.waves[phase])
	})
	return a
}

func (w *world) count(sql string, args ...any) (n int64) {
	w.t.Helper()
	err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](w.t.Context(), r, sql, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) linked(id string) bool {
	return w.count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, id) == 1
}

func (w *world) sessions(id string) int64 {
	return w.count(`SELECT COUNT(*) FROM session WHERE subject = $1`, id)
}

// code is the newest code that was mailed to an address.
func (w *world) code(to string) string {
	w.t.Helper()
	jobtest.Settle(w.t, w.jobs)
	for _, m := range w.mails.To(to) {
		if found := regexp.MustCompile(`code is ([A-Z0-9]{8})`).FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.t.Fatalf("no code was mailed to %s", to)
	return ""
}

// browser is one person's browser.
type browser struct {
	w       *world
	cookies map[string]string
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]string{}} }

// page is what a browser got.
type page struct {
	status   int
	location string
	body     string
}

func (b *browser) do(method, target string, form url.Values) page {
	b.w.t.Helper()
	r := httptest.NewRequest(method, home+target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
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
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return page{status: res.StatusCode, location: res.Header.Get("Location"), body: string(body)}
}

func (b *browser) get(target string) page { b.w.t.Helper(); return b.do(http.MethodGet, target, nil) }
func (b *browser) post(target string, pairs ...string) page {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, target, form)
}

// withPassword signs in by password.
func (b *browser) withPassword(username, plain string) page {
	b.w.t.Helper()
	return b.post("/sign-in", "username", username, "password", plain)
}

// careIdentity goes to the issuer, as whoever the issuer says, and comes back.
func (b *browser) careIdentity() page {
	b.w.t.Helper()
	return b.get("/signin/callback?" + b.toIssuer().Encode())
}

// toIssuer goes to the issuer and gives what it would come back with.
func (b *browser) toIssuer() url.Values {
	b.w.t.Helper()
	start := b.post("/sign-in/care-identity")
	if start.status != http.StatusSeeOther {
		b.w.t.Fatalf("start of sign-in: %d %s", start.status, start.body)
	}
	return b.w.issuer.SignIn(b.w.t, start.location)
}

func (b *browser) signedIn() bool {
	b.w.t.Helper()
	return b.get("/account").status == http.StatusOK
}

// begun is a browser on which Ada has signed in by password and come back from the issuer to link.
func (w *world) begun() *browser {
	w.t.Helper()
	b := w.browser()
	if got := b.withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		w.t.Fatalf("sign in: %d %s", got.status, got.body)
	}
	if got := b.careIdentity(); got.location != "/link/confirm" {
		w.t.Fatalf("back from the issuer: %d to %q %s", got.status, got.location, got.body)
	}
	return b
}

// link goes through the whole honest ceremony.
func (w *world) link() *browser {
	w.t.Helper()
	b := w.begun()
	if got := b.post("/link/confirm"); got.location != "/linked" {
		w.t.Fatalf("link: %d %s", got.status, got.body)
	}
	return b
}
