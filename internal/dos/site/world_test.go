package site_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/request"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/line"
	"signpost/internal/platform/once"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	webpage "signpost/internal/platform/web/page"
	"signpost/internal/platform/web/webtest"
)

const (
	home     = "http://dos.example"
	clientID = "100000000001.apps.national"
	goodPass = dostest.Password
)

// world is the directory's site with an issuer to sign in at. Ada has an account of her own that was
// made ten days ago, and holds the issuer's care identity 500000000017 with the same proved address.
type world struct {
	*dostest.World

	clock     *clocktest.Manual
	d         *db.DB
	site      *web.Site
	passwords *signin.PasswordSignIn
	linker    *linking.Linker
	issuer    *relyingtest.Issuer
	jobs      *job.Queue
	waves     map[path.Phase]string
	ada       account.Account
	desk      webpage.Desk // how to reach the service desk
	asker     rollout.Asker
	emergency *breakglass.Office
	compared  map[string]extract.Compared // what is said of each address that is compared
	entry     *line.Line                  // where new logins wait; nil where none does
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 14, 9, 0, 0, 0, time.UTC))}
	w.clock = w.Clock
	w.d = w.DB
	w.Start(func(ws *job.Workers) {
		once.Work(ws, w.DB)
		mailing.Work(ws, w.mailings())
	})
	w.jobs = w.Jobs
	w.passwords = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.linker = &linking.Linker{DB: w.DB, Post: w.Post, Passwords: w.passwords}
	w.emergency = &breakglass.Office{DB: w.DB, Post: w.Post, Home: home, Policy: breakglass.Usual}
	w.desk = webpage.Desk{Portal: frame.RaiseAbout, Prefix: ticket.Prefix}
	w.makeSite()
	w.AddWaves()
	w.waves = w.Waves
	ada := account.New{
		Username:    "ada",
		FirstName:   "Ada",
		LastName:    "Example",
		Email:       "ada@example.nhs.uk",
		EmailProved: true,

		Organisation: "Z99Z9", // where she has the position
	}
	w.ada = w.account(ada, path.Choose)
	w.clock.Advance(10 * 24 * time.Hour)
	return w
}

// makeSite makes the issuer, and the site that signs people in there.
func (w *world) makeSite() {
	w.Helper()
	w.issuer = relyingtest.New(w, w.Clock)
	w.compared = map[string]extract.Compared{}
	client, err := relying.New(relying.Config{
		Issuer: w.issuer.Name, DiscoveryURL: w.issuer.DiscoveryURL(), ClientID: clientID,
		Auth: relying.Auth{Key: jwttest.Key(w, "site", jwt.ES256)}, RedirectURI: home + "/signin/callback",
		Scopes: []string{cis2.OpenID, cis2.Profile, cis2.Email, cis2.Roles}, ACR: []string{authn.AAL2OrAAL3Any.Name()},
		MaxAge: 5 * time.Minute, Fetch: relyingtest.Fetch(), Clock: w.Clock,
	})
	w.Must(err)
	w.issuer.Register(relyingtest.Client{ID: clientID, RedirectURI: home + "/signin/callback", Keys: client.JWKS()})
	w.site = site.New(site.Options{
		Passwords: w.passwords,
		Relying:   &portal.CIS2{Client: client, Minimum: cis2.Levels{Authentication: 2}},
		Linker:    w.linker,
		Requests:  &request.Requests{DB: w.DB, Post: w.Post, Linker: w.linker, Home: home},
		Cases:     &shared.Cases{DB: w.DB, Post: w.Post, Home: home},
		Emergency: w.emergency,
		Moving:    w.moving(),
		Mirrors:   mirror.Office{DB: w.DB, Post: w.Post, Home: home},
		Mailings:  w.mailings(),
		Followup:  w.followup(),
		Box:       w.Box,
		CIM:       "https://cim.example",
		Login:     "https://cis2.example",
		Desk:      w.desk,
		Tickets:   w.tickets(),
		Asker:     w.asker,
		Drift:     drift.Watch{DB: w.DB, Asker: comparing(w.compared)},
		Entry:     w.entry,
		Log:       slog.New(slog.DiscardHandler),
		Metrics:   web.NewMetrics(prometheus.NewRegistry()),
	})
}

func (w *world) tickets() ticket.Desk {
	return ticket.Desk{DB: w.DB, Post: w.Post, Box: w.Box, Home: home, Hours: ticket.OfficeHours}
}

func (w *world) mailings() mailing.Office {
	return mailing.Office{DB: w.DB, Post: w.Post, Home: home, Author: campaign.Author(), Progress: board.Progress}
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) { w.Helper(); w.Update(fn) }

func (w *world) account(n account.New, phase path.Phase) account.Account {
	w.Helper()
	if n.PasswordHash == "" {
		n.PasswordHash = w.Hash
	}
	return w.Account(n, w.Waves[phase])
}

func (w *world) count(sql string, args ...any) int64 { w.Helper(); return w.Count(sql, args...) }

func (w *world) linked(id string) bool {
	return w.count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, id) == 1
}

func (w *world) sessions(id string) int64 {
	return w.count(`SELECT COUNT(*) FROM session WHERE subject = $1`, id)
}

// code gives the newest code that was mailed to an address.
func (w *world) code(to string) string {
	w.Helper()
	code := w.Code(to)
	if code == "" {
		w.Fatalf("no code was mailed to %s", to)
	}
	return code
}

// browser is one person's browser.
type browser struct {
	*webtest.Browser

	w       *world
	cookies map[string]string
}

func (w *world) browser() *browser {
	b := webtest.New(w.site)
	b.Sealer = w.sealer()
	return &browser{b, w, b.Cookies}
}

// sealer seals forms for whoever is logged in on the browser that sends them.
func (w *world) sealer() *webtest.Sealer {
	return webtest.NewSealer(w.site, "dos", w.Box, func(r *http.Request) string {
		s, err := db.Read(w.Context(), w.d, func(read db.R) (session.Session[signin.State], error) {
			return signin.Sessions.Find(w.Context(), read, web.Cookie(r, "dos"))
		})
		if err != nil {
			return ""
		}
		return s.Subject
	})
}

// page is the response that a browser got.
type page struct {
	status   int
	location string
	body     string
}

// mustHave tells what the page lacks.
func (p page) mustHave(t *testing.T, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(p.body, want) {
			t.Errorf("the page lacks %q: %d %s", want, p.status, p.body)
		}
	}
}

func (b *browser) do(method, target string, form url.Values) page {
	b.w.Helper()
	rec := b.Do(webtest.Request(method, home+target, form))
	got := page{status: rec.Code, location: webtest.LedTo(rec.Header(), rec.Body.String()), body: rec.Body.String()}
	if strings.HasPrefix(got.location, web.FailedPath) {
		return b.get(got.location)
	}
	return got
}

func (b *browser) get(target string) page { b.w.Helper(); return b.do(http.MethodGet, target, nil) }
func (b *browser) post(target string, pairs ...string) page {
	b.w.Helper()
	return b.do(http.MethodPost, target, webtest.Form(pairs...))
}

var seenField = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

// seeing gives what a form of a page posts, with the name of what the page shows.
func (b *browser) seeing(at string, pairs ...string) []string {
	b.w.Helper()
	if found := seenField.FindStringSubmatch(b.get(at).body); found != nil {
		pairs = append(pairs, "seen", found[1])
	}
	return pairs
}

// withPassword signs in by password.
func (b *browser) withPassword(username, plain string) page {
	b.w.Helper()
	return b.post("/sign-in", "username", username, "password", plain)
}

// careIdentity signs in at the issuer, as the person whom its script names, and comes back.
func (b *browser) careIdentity() page {
	b.w.Helper()
	return b.get("/signin/callback?" + b.toIssuer().Encode())
}

// toIssuer goes to the issuer and gives the address to which it would come back.
func (b *browser) toIssuer() url.Values {
	b.w.Helper()
	start := b.post("/sign-in/care-identity")
	if start.status != http.StatusOK || !strings.HasPrefix(start.location, b.w.issuer.Name) {
		b.w.Fatalf("start of sign-in: %d %s", start.status, start.body)
	}
	return b.w.issuer.SignIn(b.w, start.location)
}

// claim types the username and password of an account, proves who they are and comes back.
func (b *browser) claim(username, plain string) page {
	b.w.Helper()
	to := b.post("/link/claim", "username", username, "password", plain)
	if !strings.HasPrefix(to.location, b.w.issuer.Name) {
		return to
	}
	return b.get("/signin/callback?" + b.w.issuer.SignIn(b.w, to.location).Encode())
}

// makeCode makes, as an administrator, the code with which somebody links without their password.
func (b *browser) makeCode(id string) string {
	b.w.Helper()
	if got := b.post("/users/" + id + "/relink"); got.location != "/users/"+id {
		b.w.Fatalf("relink code: %d %s", got.status, got.body)
	}
	found := regexp.MustCompile(`<strong>(\w{4} \w{4})</strong>`).FindStringSubmatch(b.get("/users/" + id).body)
	if found == nil {
		b.w.Fatal("the code is not shown")
	}
	return found[1]
}

func (b *browser) signedIn() bool {
	b.w.Helper()
	return b.get("/account").status == http.StatusOK
}

// begun gives a browser on which Ada has signed in by password and has come back from the issuer to link.
func (w *world) begun() *browser {
	w.Helper()
	b := w.browser()
	if got := b.withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		w.Fatalf("sign in: %d %s", got.status, got.body)
	}
	if got := b.careIdentity(); got.location != "/link/confirm" {
		w.Fatalf("back from the issuer: %d to %q %s", got.status, got.location, got.body)
	}
	return b
}

// link links the account as its holder does.
func (w *world) link() *browser {
	w.Helper()
	b := w.begun()
	if got := b.post("/link/confirm"); got.location != "/linked" {
		w.Fatalf("link: %d %s", got.status, got.body)
	}
	return b
}
