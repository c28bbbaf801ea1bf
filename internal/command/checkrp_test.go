package command

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/checkrp"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/relying/issuer"
)

// movable is a clock on which waiting takes no time.
type movable struct{ *clocktest.Manual }

// Wait moves the clock on.
func (m movable) Wait(ctx context.Context, d time.Duration) error {
	m.Advance(d)
	return ctx.Err()
}

// ours is a site of ours at an address of this machine, and the hostile provider it signs people in at.
type ours struct {
	t      *testing.T
	clock  movable
	issuer *issuer.Issuer
	server *httptest.Server
	system *app.System
}

// The clients that our sites are of CIS2.
const (
	dosClientID = "100000000001.apps.national"
	cimClientID = "100000000002.apps.national"
)

// newOurs makes the system of a site and the provider; the site is made on them and served by serve. now is
// the site's clock.
func newOurs(t *testing.T, now clock.Clock) *ours {
	t.Helper()
	o := &ours{t: t, clock: movable{clocktest.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}}
	if now == nil {
		now = o.clock
	}
	o.server = httptest.NewUnstartedServer(nil)
	provider := httptest.NewUnstartedServer(nil)
	address := "http://cis2.localhost:" + portOf(provider)
	o.issuer = issuer.New(address, jwttest.Key(t, "issuer", jwt.RS256), o.clock)
	provider.Config.Handler = o.issuer.Handler()
	provider.Start()
	t.Cleanup(provider.Close)
	cfg := config.Usual(t.TempDir())
	cfg.Addresses = config.Addresses{DoS: o.address(), CIS2: address, CIM: o.address()}
	var err error
	o.system, err = app.New(app.Options{
		Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: now, Transport: &mail.Mailbox{}, Loopback: true, Throwaway: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func portOf(s *httptest.Server) string {
	return strconv.Itoa(s.Listener.Addr().(*net.TCPAddr).Port)
}

func (o *ours) address() string {
	return "http://site.localhost:" + portOf(o.server)
}

// serve serves the site. Each request seems to come from another address, as from a whole country.
func (o *ours) serve(site http.Handler) {
	var n atomic.Uint32
	o.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := n.Add(1)
		r.RemoteAddr = fmt.Sprintf("198.51.%d.%d:4000", from>>8&255, from&255)
		site.ServeHTTP(w, r)
	})
	o.server.Start()
	o.t.Cleanup(o.server.Close)
}

// closing closes a side when the test ends.
func (o *ours) closing(side interface{ Close(context.Context) error }) {
	o.t.Cleanup(func() {
		if err := side.Close(context.Background()); err != nil {
			o.t.Error(err)
		}
	})
}

func (o *ours) update(d *db.DB, fn func(ctx context.Context, w *db.W) error) {
	o.t.Helper()
	if err := d.Update(o.t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return fn(o.t.Context(), w)
	}); err != nil {
		o.t.Fatal(err)
	}
}

// meets runs the whole list and wants every line of it met. What a site on this machine cannot show, TLS,
// is a warning.
func (o *ours) meets(c checkrp.Options, clientID, site string) {
	t := o.t
	t.Helper()
	c.Issuer = o.issuer
	c.Timer = o.clock
	c.Fetch = fetch.New(fetch.Options{AllowLoopback: true})
	keys := jwt.NewRemote(o.address()+"/.well-known/jwks.json", c.Fetch, o.clock)
	c.Client = issuer.Client{ID: clientID, RedirectURI: o.address() + "/signin/callback", Keys: keys}
	c.BackchannelLogout = o.address() + "/backchannel-logout"
	c.MinIdentity = 3
	c.Patience = 13 * time.Hour
	o.issuer.Register(c.Client)
	report, err := checkrp.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	warned := map[string]bool{"NHS CIA Sec Req 003": true, "signpost-https": true}
	for _, l := range report.Lines {
		t.Logf("%-8s  %s  %s: %s", l.Outcome, l.ID, l.What, l.Saw)
		if l.Outcome != checkrp.Pass && (l.Outcome != checkrp.Warn || !warned[l.ID]) {
			t.Errorf("%s is not met: %s, %s", l.ID, l.Outcome, l.Saw)
		}
	}
	t.Logf("%s: tried %d, accepted %d", site, report.Tried, report.Accepted)
	if report.Tried < 60 || report.Accepted != 0 || len(report.Lines) < 55 {
		t.Errorf("tried %d, accepted %d in %d requirements", report.Tried, report.Accepted, len(report.Lines))
	}
}

// directory serves the directory, on which Ada has an account that is linked at an issuer.
func (o *ours) directory(at string) {
	o.t.Helper()
	o.system.Config.Directory = config.Directory{Issuer: at, ClientID: dosClientID}
	side, err := o.system.OpenDirectory(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	o.closing(side)
	o.update(side.DB, func(ctx context.Context, w *db.W) error {
		a, err := account.Add(ctx, w, account.New{
			Username: "ada", FirstName: "Ada", LastName: "Example", Email: issuer.Ada().Email, EmailProved: true,
			Organisation: issuer.Ada().Roles.([]cis2.NationalRole)[0].OrgCode,
		})
		if err != nil {
			return err
		}
		return account.AddLink(ctx, w, account.Link{AccountID: a.ID, Issuer: at, Subject: issuer.Ada().Subject, How: "test"})
	})
	o.serve(side.Site)
}

func TestTheDirectoryMeetsTheListForRelyingParties(t *testing.T) {
	t.Parallel()
	o := newOurs(t, nil)
	o.directory(o.issuer.Name)
	o.meets(checkrp.Options{Start: o.address() + "/", SignedInURL: o.address() + "/account", SignedInText: issuer.Ada().Email, Person: issuer.Ada()}, dosClientID, "dos")
}

func TestCareIdentityManagementMeetsTheListForRelyingParties(t *testing.T) {
	t.Parallel()
	o := newOurs(t, nil)
	side, err := o.system.OpenCareIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.closing(side)
	ada := issuer.Ada()
	o.update(side.DB, func(ctx context.Context, w *db.W) error {
		i, err := identity.Add(ctx, w, identity.New{GivenName: "Ada", FamilyName: "Example", Email: ada.Email, AssuranceLevel: 3})
		ada.Subject = i.UUID
		return err
	})
	o.serve(side.Console)
	o.meets(checkrp.Options{Start: o.address() + "/", SignedInURL: o.address() + "/view-your-profile", SignedInText: ada.Subject, Person: ada}, cimClientID, "cim")
}

func TestCheckRPFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOurs(t, clock.System{})
	port := commandtest.FreePort(t)
	o.directory("http://localhost:" + port + cis2.Realm)
	args := []string{"check-rp", "--start", o.address(), "--signed-in-url", o.address() + "/account", "--signed-in-text", issuer.Ada().Email,
		"--callback", o.address() + "/signin/callback", "--backchannel-logout", o.address() + "/backchannel-logout", "--client-id", dosClientID,
		"--jwks-uri", o.address() + "/.well-known/jwks.json", "--listen", "127.0.0.1:" + port, "--patience", "0s", "--json"}
	out, errs, code := run(t, args...)
	var report checkrp.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != cli.ExitDone {
		t.Fatalf("exit %d: %v, %s%s", code, err, out, errs)
	}
	if report.Tried < 60 || report.Accepted != 0 || report.Failed() || report.Outcomes[checkrp.NotSeen] != 4 {
		t.Errorf("%s", out)
	}
	if !strings.Contains(errs, "http://localhost:"+port+cis2.Realm) {
		t.Errorf("the settings do not name the issuer: %s", errs)
	}
	args = append(args[:len(args)-1], "--person",
		commandtest.Write(t, "person.json", `{"sub": "500000000999", "idassurancelevel": 3, "name": "Nobody here"}`))
	if out, _, code := run(t, args...); code != cli.ExitFailed ||
		!strings.Contains(out, "fail      oidcc-client-test") || !strings.Contains(out, "tried 0, accepted 0") {
		t.Errorf("for somebody it does not know: exit %d, %s", code, out)
	}
}

func TestCheckRPUsage(t *testing.T) {
	honest := []string{"check-rp", "--start", "http://localhost:1/", "--signed-in-text", "x", "--client-secret", "s"}
	for name, tt := range map[string]struct {
		args     []string
		code     int
		contains string
	}{
		"no proof":              {honest[:5], cli.ExitUsage, "client-secret"},
		"open to everybody":     {append(honest, "--listen", "0.0.0.0:9001"), cli.ExitUsage, "this machine"},
		"address with a path":   {append(honest, "--address", "http://localhost/x"), cli.ExitUsage, "--address"},
		"person who is not one": {append(honest, "--person", commandtest.Write(t, "person.json", "[]")), cli.ExitUsage, "JSON object"},
		"nobody there": {
			append(honest, "--listen", "127.0.0.1:0", "--address", "http://localhost:9001"), cli.ExitFailed, "does not meet",
		},
	} {
		if out, errs, code := run(t, tt.args...); code != tt.code || !strings.Contains(out+errs, tt.contains) {
			t.Errorf("%s: exit %d, %s%s; want %d with %q", name, code, out, errs, tt.code, tt.contains)
		}
	}
}
