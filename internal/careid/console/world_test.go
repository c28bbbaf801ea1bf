package console_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/access"
	"signpost/internal/careid/apply"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/console"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/life"
	"signpost/internal/careid/request/asker"
	"signpost/internal/careid/telling"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/line"
	"signpost/internal/platform/once"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
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
	*careidtest.World

	issuer   *relyingtest.Issuer
	client   *portal.CIS2
	provider *provider.Provider
	site     *web.Site
	log      bytes.Buffer
	ada      string // her number
	apply    *apply.Desk
	batches  *batch.Desk
	entry    *line.Line // where new logins wait; nil where none does
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, nine)}
	w.Start(careidtest.IdleButTold, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, backchannel.DeliverJob) error { return nil })
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		access.Work(ws, w.DB, identity.Number)
		once.Work(ws, w.DB)
		life.Work(ws, w.DB)
		(&asker.Desk{DB: w.DB, Post: w.Post, Address: address}).Work(ws)
		w.apply = &apply.Desk{DB: w.DB, Box: w.Box, Address: address, Policy: apply.Policy{
			Link: 14 * 24 * time.Hour, Unfinished: 30 * 24 * time.Hour, Decided: 90 * 24 * time.Hour,
		}}
		w.apply.Work(ws)
		w.batches = &batch.Desk{DB: w.DB, Box: w.Box}
		w.batches.Work(ws)
		telling.Work(ws, w.DB, w.Post, login.NoticeMail(words.Shipped()))
	})
	w.apply.Post = w.Post
	w.signInAt(relyingtest.New(t, w.Clock))
	w.makeSite()
	w.ada = w.Make(registered())[0].UUID
	w.issuer.Person = relyingtest.Ada()
	w.issuer.Person.Subject = w.ada
	return w
}

func (w *world) makeSite() {
	w.Helper()
	w.provider = worldtest.Must(provider.New(provider.Options{
		Issuer: "https://cis2.example.nhs.uk/realm", DB: w.DB, Box: w.Box, Fetch: relyingtest.Fetch(), Clock: w.Clock,
	}))(w)
	cards := certificatetest.New(w, "Cards", w.Clock).Issuing
	w.site = console.New(console.Options{
		Apply: w.apply, Batches: w.batches,
		Cards: &issuing.Desk{DB: w.DB, Box: w.Box, Authority: &issuing.Authority{
			Certificate: cards.Certificate, Signer: cards.Key, List: address + "/smartcards/revoked.crl",
		}},
		Sessions: w.provider.Sessions(), Kinds: []authn.Kind{authn.SecurityKey, authn.AuthenticatorApp}, DB: w.DB, Box: w.Box, Post: w.Post, Relying: w.client,
		Fetch:   relyingtest.Fetch(),
		Extract: &extract.Extract{DB: w.DB, Post: w.Post, Box: w.Box, Clock: w.Clock, Address: address},
		CIS2:    "https://cis2.example.nhs.uk", DoS: "https://dos.example.nhs.uk", Address: address, Entry: w.entry,
		Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Metrics: web.NewMetrics(prometheus.NewRegistry()),
	})
}

func (w *world) signInAt(i *relyingtest.Issuer) {
	w.Helper()
	key := jwttest.Key(w, "console", jwt.ES256)
	i.Register(relyingtest.Client{ID: clientID, RedirectURI: address + "/signin/callback", Keys: jwt.NewSet(key)})
	w.issuer = i
	client := worldtest.Must(relying.New(relying.Config{
		Issuer: i.Name, ClientID: clientID, Auth: relying.Auth{Key: key}, RedirectURI: address + "/signin/callback",
		PostLogoutURI: address + "/signed-out", ACR: []string{authn.AAL2OrAAL3Any.Name()}, MaxAge: 5 * time.Minute,
		Fetch: relyingtest.Fetch(), Clock: w.Clock,
	}))(w)
	w.client = &portal.CIS2{Client: client, Minimum: cis2.Levels{Authentication: 2}}
}

// registered are the organisations, and Ada.
func registered() population.Description {
	ada := population.Person{
		Title: "Dr", GivenName: "Ada", FamilyName: "O'Example <b>", Email: oldEmail, Organisation: "Z90001",
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Name: "Blue key"}},
		Positions: []population.Position{
			population.Directory("Z90001"), {Organisation: "ZTR", Name: "Old post", Role: "S8000:G8000:R8001", Ends: nine},
		},
	}
	for i := range ada.Positions {
		ada.Positions[i].Starts = nine.AddDate(0, -1, 0)
	}
	return population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Fenmarch University Hospitals", Postcode: "FM1 1AA", Contact: "ra@ztr.example"},
			{Code: "Z90001", Name: "Oak Tree Pharmacy", Postcode: "FM2 1CD", RAParent: "ZTR"},
			{Code: "Z90002", Name: "St Anne's Surgery", Postcode: "FM3 1CD"},
		},
		People: []population.Person{ada},
	}
}

func (w *world) identity() identity.Identity { return w.Identity(w.ada) }

// events counts the events of a kind.
func (w *world) events(kind audit.Kind) int { return len(w.Events(kind)) }

// browser is a person's browser.
type browser struct {
	*webtest.Browser

	w *world
}

// browsers counts the browsers of all tests: each comes from an address of its own, as people do.
var browsers atomic.Uint32

func (w *world) browser() *browser {
	n := browsers.Add(1)
	b := webtest.New(w.site)
	b.Address = fmt.Sprintf("10.%d.%d.%d:1234", n>>16&255, n>>8&255, n&255)
	b.Sealer = w.sealer()
	return &browser{b, w}
}

// sealer seals forms for whoever is logged in on the browser that sends them.
func (w *world) sealer() *webtest.Sealer {
	sessions := portal.Sessions[frame.State]("cim")
	return webtest.NewSealer(w.site, "cim", w.Box, func(r *http.Request) string {
		s, err := db.Read(w.Context(), w.DB, func(read db.R) (session.Session[frame.State], error) {
			return sessions.Find(w.Context(), read, web.Cookie(r, "cim"))
		})
		if err != nil {
			return ""
		}
		return s.Subject
	})
}

// page holds what a browser got.
type page struct {
	status   int
	location string
	text     string // without tags, single spaces
	markup   string
	header   http.Header
}

func (b *browser) get(path string) page { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, pairs ...string) page {
	return b.do(http.MethodPost, path, webtest.Form(pairs...))
}

func (b *browser) do(method, path string, form url.Values, change ...func(r *http.Request)) page {
	r := webtest.Request(method, address+path, form)
	for _, c := range change {
		c(r)
	}
	rec := b.Do(r)
	body := rec.Body.String()
	got := page{
		status: rec.Code, location: webtest.LedTo(rec.Header(), body), text: webtest.Text(body), markup: body, header: rec.Header(),
	}
	if strings.HasPrefix(got.location, web.FailedPath) {
		return b.get(got.location)
	}
	return got
}

// arrive goes to the issuer and comes back to the callback, whose answer it gives.
func (b *browser) arrive() page {
	b.w.Helper()
	return b.get("/signin/callback?" + b.goThere().Encode())
}

// goThere starts a sign-in and gives what the issuer sent the browser back with.
func (b *browser) goThere() url.Values {
	b.w.Helper()
	p := b.post("/sign-in")
	if p.status != http.StatusOK || !strings.HasPrefix(p.location, b.w.issuer.Name) {
		b.w.Fatalf("sign-in leads to %d %q", p.status, p.location)
	}
	return b.w.issuer.SignIn(b.w, p.location)
}

// signedIn is a browser on which Ada is signed in.
func (w *world) signedIn() *browser {
	w.Helper()
	b := w.browser()
	if p := b.arrive(); p.status != http.StatusSeeOther || p.location != "/view-your-profile" {
		w.Fatalf("arrived at %d %q: %s", p.status, p.location, p.text)
	}
	return b
}

// in reports whether the browser is signed in.
func (b *browser) in() bool {
	b.w.Helper()
	p := b.get("/view-your-profile")
	if p.status != http.StatusOK && p.location != "/" {
		b.w.Fatalf("profile: %d %q %s", p.status, p.location, p.text)
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

// lacks tells what the page should not have.
func (p page) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text, text) {
			t.Errorf("the page has %q:\n%s", text, p.text)
		}
	}
}

// another makes one more active identity and gives its number.
func (w *world) another(name string) (uuid string) {
	w.Helper()
	return w.Person(personAt(name, "Z90001")).ID
}

// personAt describes somebody of an organisation.
func personAt(name, organisation string) population.Person {
	return population.Person{GivenName: name, FamilyName: "Example", Organisation: organisation}
}

// positionAt makes a sponsors' position at an organisation, and one that they can be let give.
func (w *world) positionAt(code string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		_, err = access.AddPosition(ctx, u, access.Position{
			Organisation: code, Name: "Clerk " + random.ID()[30:], Profiles: access.One("S8001:G8002:R8008"),
		})
		if err != nil {
			return err
		}
		id, err = access.AddPosition(ctx, u, access.Position{
			Organisation: code, Name: "Sponsor " + random.ID()[30:], Profiles: access.One("S8001:G8002:R8008", "B1300"),
		})
		return err
	})
	return id
}

// gives somebody a position, and gives what they hold it by.
func (w *world) gives(uuid string) (assignment string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		id, err := access.AddPosition(ctx, u, access.Position{
			Organisation: "Z90001", Name: "Porter " + random.ID()[30:], Profiles: access.One("S8001:G8002:R8008"),
		})
		if err != nil {
			return err
		}
		return assignTo(ctx, u, uuid, id)
	})
	w.View(func(ctx context.Context, r db.R) error {
		held, err := access.OfIdentity(ctx, r, uuid)
		assignment = held[len(held)-1].ID
		return err
	})
	return assignment
}

func assignTo(ctx context.Context, u *db.W, uuid, position string) error {
	return access.Assign(ctx, u, access.Grant{UUID: uuid, Position: position, Organisation: "Z90001", Starts: u.Now(),
		Number: identity.Number})
}
