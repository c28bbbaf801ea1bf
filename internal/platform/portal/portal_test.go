package portal_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

type state struct{ Role string }

type member struct{ Name string }

// club is a small site that people enter through CIS2.
type club struct {
	*meeting
	t       *testing.T
	portal  *portal.Portal[state, member]
	site    *web.Site
	barred  bool
	clock   *clocktest.Manual
	arrived portal.Pending
	actors  []string // ids of those who saw the page
}

func open(t *testing.T) *club {
	t.Helper()
	c := &club{t: t, meeting: meet(t), clock: clocktest.At(noon)}
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	c.portal = portal.New(portal.Options[state, member]{
		Name: "club", Title: "The club", InSentence: "the club",
		DB: dbtest.Open(t, fstest.MapFS{"202611249001_none.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}},
			c.clock), Box: box,
		CIS2: c.cis2, Sessions: portal.Sessions[state]("club"), Flows: []string{"club-guess"},
		Events: portal.Events{SignedOut: "club.out", ProviderLogout: "club.provider-logout",
			LogoutReplayed: "club.logout-replayed"},
		Ref: func(subject string) audit.Ref { return audit.Ref{Kind: "member", ID: subject} },
		Person: func(_ context.Context, _ db.R, s session.Session[state]) (member, error) {
			if c.barred {
				return member{}, fault.Unauthenticated
			}
			return member{Name: "member " + s.Subject}, nil
		},
		NameAndRole: func(m member, s state) (name, role string) { return m.Name, s.Role },
		Subject:     func(_ context.Context, _ db.R, _, subject string) (string, error) { return "m-" + subject, nil },
		Active:      func(context.Context, db.R, string) (bool, error) { return !c.barred, nil },
	})
	c.site = web.New(web.Options{
		Name:      "club",
		Log:       slog.New(slog.DiscardHandler),
		Metrics:   web.NewMetrics(prometheus.NewRegistry()),
		Box:       box,
		ErrorPage: c.portal.ErrorPage,

		AnotherAuthor: c.portal.AnotherAuthor,
	})
	c.portal.Mount(c.site)
	c.routes()
	return c
}

func (c *club) routes() {
	c.site.Handle("GET /{$}", c.portal.SignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		c.actors = append(c.actors, web.Actor(r).ID+" "+web.Actor(r).Role)
		_, err := io.WriteString(w, portal.User[state, member](r).Name)
		return err
	})
	c.site.Handle("GET /rooms/{room}", c.portal.SignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "room "+r.PathValue("room"))
		return err
	})
	c.site.Handle("GET /front", c.portal.MaybeSignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		said, err := c.portal.Interruption(w, r)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, said)
		return err
	})
	c.site.HandlePost("/sign-in", "/", c.portal.MaybeSignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		ask := portal.Ask{Subject: r.FormValue("subject"), Session: r.FormValue("session")}
		ask.Prompt = r.FormValue("prompt")
		ask.ACR = r.Form["acr"]
		return c.portal.Start(w, r, ask)
	})
	c.portal.HandleCallback(c.site, func(w http.ResponseWriter, r *http.Request) error {
		pending, person, err := c.portal.Arrive(w, r)
		c.arrived = pending
		if err != nil {
			return err
		}
		admission, err := c.portal.Enter(w, r, person, func(context.Context, *db.W) (portal.Admission[state], error) {
			return portal.Admission[state]{
				Admitted: person.Email != "", Subject: "m-" + person.Subject, State: state{Role: person.SelectedRoleID},
				Event: audit.Event{Kind: "club.came"},
			}, nil
		})
		if err != nil {
			return err
		}
		if !admission.Admitted {
			return web.SeeOther(w, r, "/", "")
		}
		return c.portal.GoOn(w, r, admission.Subject, "/", "")
	})
}

// browser is a browser that keeps cookies.
type browser struct {
	c       *club
	cookies map[string]string
	order   []string // of the cookies' names, as they came
}

func (c *club) browser() *browser { return &browser{c: c, cookies: map[string]string{}} }

func (b *browser) do(method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, name := range b.order { // the oldest first, as browsers do
		if value := b.cookies[name]; value != "" {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	b.c.sealer().Seal(r)
	rec := httptest.NewRecorder()
	b.c.site.ServeHTTP(rec, r)
	for _, cookie := range rec.Result().Cookies() {
		if !slices.Contains(b.order, cookie.Name) {
			b.order = append(b.order, cookie.Name)
		}
		b.cookies[cookie.Name] = cookie.Value
	}
	return rec
}

// start starts a sign-in and gives the address at CIS2 to which the page leads.
func (b *browser) start(form url.Values) string {
	b.c.t.Helper()
	page := b.do("POST", "/sign-in", form)
	policy := page.Header().Get("Content-Security-Policy")
	if page.Code != http.StatusOK || !strings.HasSuffix(policy, "form-action 'self'") {
		b.c.t.Errorf("a sign-in starts with %d, policy %q", page.Code, policy)
	}
	return webtest.LedTo(page.Header(), page.Body.String())
}

// sealer seals forms for whoever is logged in on the browser that sends them.
func (c *club) sealer() *webtest.Sealer {
	return webtest.NewSealer(c.site, "club", c.portal.Box, func(r *http.Request) string {
		s, err := db.Read(c.t.Context(), c.portal.DB, func(read db.R) (session.Session[state], error) {
			return c.portal.Sessions.Find(c.t.Context(), read, web.Cookie(r, "club"))
		})
		if err != nil {
			return ""
		}
		return s.Subject
	})
}

// signIn goes to CIS2 and gives the address to which the browser is sent back.
func (b *browser) signIn(form url.Values) string {
	b.c.t.Helper()
	return "/signin/callback?" + b.c.issuer.SignIn(b.c.t, b.start(form)).Encode()
}

// failure comes back from CIS2 to no good, and gives the status of the page that says so, at an address of its own.
func (b *browser) failure(back string) int {
	b.c.t.Helper()
	answer := b.do("GET", back, nil)
	to := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, web.FailedPath) {
		b.c.t.Errorf("a failure is shown at %q: %d", to, answer.Code)
	}
	status := b.do("GET", to, nil).Code
	if again := b.do("GET", to, nil).Code; again != status {
		b.c.t.Errorf("loaded again it is %d, not %d", again, status)
	}
	return status
}

func (b *browser) in() bool { return b.do("GET", "/", nil).Code == http.StatusOK }

func TestInAndOut(t *testing.T) {
	c := open(t)
	b := c.browser()
	b.cookies["__Host-club-guess"] = "somebody else's"
	b.order = append(b.order, "__Host-club-guess")
	back := b.signIn(nil)
	if b.in() || c.browser().failure(back) != http.StatusGone {
		t.Fatal("somebody is in who did not come from CIS2 on this browser")
	}
	if b.do("GET", back, nil); !b.in() || b.cookies["__Host-club-guess"] != "" {
		t.Fatalf("cookies %v", b.cookies)
	}
	if to := b.do("GET", back, nil).Header().Get("Location"); to != "/" {
		t.Errorf("whoever comes back to the answer while logged in goes on to %q", to)
	}
	// The session's subject identifies the user for whom a form is made.
	if got := c.actors[len(c.actors)-1]; got != "m-500000000017 500000000033" {
		t.Errorf("actor %q", got)
	}
	c.barred = true
	if b.in() {
		t.Error("the right to come in is not read again")
	}
	c.barred = false
	if b.do("POST", "/sign-out", nil); b.in() {
		t.Error("still in after signing out")
	}
}

// If somebody signs in at CIS2 and is not admitted, nobody is signed in on the browser afterwards.
func TestNotIn(t *testing.T) {
	c := open(t)
	b := c.browser()
	b.do("GET", b.signIn(nil), nil)
	c.issuer.Person.Email = ""
	if b.do("GET", b.signIn(nil), nil); b.in() {
		t.Error("whoever was signed in before still is")
	}
}

// After a sign-out, whoever logs in next on the browser proves themselves, though CIS2 still knows the one before.
func TestNextSignInAfterASignOut(t *testing.T) {
	c := open(t)
	b := c.browser()
	b.do("GET", b.signIn(nil), nil)
	prompt := func() string {
		to, err := url.Parse(b.start(nil))
		if err != nil {
			t.Fatal(err)
		}
		return to.Query().Get("prompt")
	}
	if got := prompt(); got != "" {
		t.Errorf("before a sign-out: prompt %q", got)
	}
	b.do("POST", "/sign-out", nil)
	c.issuer.Person.AuthTime = noon.Add(-3 * time.Minute)
	if got := prompt(); got != "login" {
		t.Errorf("after a sign-out: prompt %q", got)
	}
	byPassword := httptest.NewRecorder()
	c.portal.SetCookie(byPassword, httptest.NewRequest("POST", "/", nil), "m-2", "a session that CIS2 knows nothing of")
	if set := strings.Join(byPassword.Header().Values("Set-Cookie"), " "); strings.Contains(set, "logged-out") {
		t.Errorf("somebody who logs in by password forgets the sign-out: %s", set)
	}
	if got := b.failure(b.signIn(nil)); got != http.StatusUnauthorized || b.in() {
		t.Errorf("the session of before let somebody in: %d", got)
	}
	c.issuer.Person.AuthTime = noon
	b.do("GET", b.signIn(nil), nil)
	if got := prompt(); got != "" || !b.in() {
		t.Errorf("after the next sign-in: prompt %q", got)
	}
}

// Two tabs begin a sign-in, and both come in, in either order. Neither a HEAD nor a foreign link ends one in progress.
func TestTwoTabs(t *testing.T) {
	c := open(t)
	for _, firstComesFirst := range []bool{true, false} {
		b := c.browser()
		tabs := []string{b.signIn(nil), b.signIn(nil)}
		if !firstComesFirst {
			slices.Reverse(tabs)
		}
		b.do("HEAD", tabs[0], nil)
		if got := b.failure("/signin/callback?code=a&state=b"); got != http.StatusGone {
			t.Errorf("a foreign link gets %d", got)
		}
		for n, back := range tabs {
			if to := b.do("GET", back, nil).Header().Get("Location"); to != "/" || !b.in() {
				t.Errorf("tab %d goes to %q", n, to)
			}
			if c.arrived.Relying.State == "" {
				t.Errorf("tab %d was not taken", n)
			}
			c.arrived = portal.Pending{}
		}
	}
}

// A browser keeps 20 sign-ins in progress, and drops the oldest.
func TestManyTabs(t *testing.T) {
	c := open(t)
	b := c.browser()
	var backs []string
	for range web.MaxCookies + 1 {
		backs = append(backs, b.signIn(nil))
	}
	if got := b.failure(backs[0]); got != http.StatusGone {
		t.Errorf("the oldest of %d gets %d", len(backs), got)
	}
	if b.do("GET", backs[1], nil); !b.in() {
		t.Error("the second oldest was dropped too")
	}
}

// Of all who are on their way through CIS2, the oldest makes room.
func TestTheOldestOnTheirWayMakesRoom(t *testing.T) {
	c := open(t)
	c.portal.Crowd().InAll = 2
	first, second, third := c.browser(), c.browser(), c.browser()
	oldest := first.signIn(nil)
	back := second.signIn(nil)
	newest := third.signIn(nil)
	if got := first.failure(oldest); got != http.StatusGone {
		t.Errorf("the oldest of three gets %d", got)
	}
	second.do("GET", back, nil)
	third.do("GET", newest, nil)
	if !second.in() || !third.in() {
		t.Error("another than the oldest was dropped")
	}
}

func TestStepUp(t *testing.T) {
	c := open(t)
	b := c.browser()
	query := url.Values{"subject": {"m-1"}, "session": {"s-1"}, "prompt": {"login"}, "acr": {authn.AAL3Any.Name()}}
	to, err := url.Parse(b.start(query))
	if err != nil || to.Query().Get("prompt") != "login" || to.Query().Get("acr_values") != "AAL3_ANY" {
		t.Errorf("sent to %s, %v", to, err)
	}
	back := "/signin/callback?" + c.issuer.SignIn(t, to.String()).Encode()
	if b.do("GET", back, nil); c.arrived.Subject != "m-1" || c.arrived.Session != "s-1" || !b.in() {
		t.Errorf("came back as %+v", c.arrived)
	}
}

func TestProviderLogout(t *testing.T) {
	for name, sid := range map[string]string{"by its sid": "session-of-ada", "by its subject": ""} {
		c := open(t)
		b := c.browser()
		b.do("GET", b.signIn(nil), nil)
		end := func(subject, sid string) int {
			token := c.issuer.LogoutToken(t, clientID, subject, sid, nil)
			return c.browser().do("POST", portal.LogoutPath, url.Values{"logout_token": {token}}).Code
		}
		if end("500000000018", "another") != http.StatusOK || !b.in() {
			t.Fatal("another's sign-in ended this session")
		}
		token := url.Values{"logout_token": {c.issuer.LogoutToken(t, clientID, "500000000017", sid, nil)}}
		if code := c.browser().do("POST", portal.LogoutPath, token).Code; code != http.StatusOK || b.in() {
			t.Errorf("%s: %d, still in %v", name, code, b.in())
		}
		if code := c.browser().do("POST", portal.LogoutPath, token).Code; code != http.StatusBadRequest {
			t.Errorf("%s: taken twice: %d", name, code)
		}
	}
}

// If the provider does not answer, the page says only that.
func TestProviderDown(t *testing.T) {
	c := open(t)
	c.issuer.Alter.Metadata = func(m map[string]any) { delete(m, "token_endpoint") }
	_, _, err := c.cis2.Start(t.Context(), relying.Ask{})
	if !errors.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	checkRefusal(t, "down", err, relying.Unreachable)
	if code := c.browser().do("POST", "/sign-in", nil).Code; code != http.StatusServiceUnavailable {
		t.Errorf("status %d", code)
	}
}
