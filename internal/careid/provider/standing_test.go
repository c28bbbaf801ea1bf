package provider_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// change is something that a sign-in rests on and that is changed while the sign-in is open.
type change struct {
	make   func(w *world)
	status int    // of the answer to the last step, if it is a page
	page   string // in its words
	code   string // of the error that the service gets
}

// settings changes what the client is registered for.
func settings(change func(c *client.Client)) func(w *world) {
	return func(w *world) {
		w.ByDesk(func(dw *db.W) error {
			c, err := client.ByID(w.Context(), dw, logintest.ClientID)
			if err != nil {
				return err
			}
			change(&c)
			return client.Register(w.Context(), dw, w.Box, c, "")
		})
	}
}

// status changes the status of a row before anything that follows from it happens, such as the end of sessions.
func status(update string) func(w *world) {
	return func(w *world) {
		w.ByDesk(func(dw *db.W) error {
			if _, err := dw.Exec(w.Context(), update, w.UUID); err != nil {
				return err
			}
			return dw.Record(w.Context(), audit.Event{Kind: "test.changed", Subject: identity.Ref(w.UUID)})
		})
	}
}

var changes = map[string]change{
	"nothing": {make: func(*world) {}},
	"the client is suspended": {
		make: func(w *world) { w.move(client.Suspend) }, status: http.StatusForbidden, page: "is not registered here",
	},
	"its address is registered no longer": {
		make:   settings(func(c *client.Client) { c.RedirectURIs = []string{logintest.Callback + "/new"} }),
		status: http.StatusForbidden, page: "an address that is not registered for it",
	},
	"a scope is registered no longer": {
		make: settings(func(c *client.Client) {
			c.Scopes = slices.DeleteFunc(c.Scopes, func(s string) bool { return s == "email" })
		}),
		code: "invalid_scope",
	},
	"its class is registered no longer": {
		make: settings(func(c *client.Client) { c.AllowedACR = []string{authn.AAL3Any.Name()} }),
		code: "invalid_request",
	},
	"the person is suspended": {
		make: status(`UPDATE identity SET status = 'suspended' WHERE uuid = $1`), status: http.StatusForbidden,
		page: "not active",
	},
	"the authenticator is suspended": {
		make: status(`UPDATE authenticator SET status = 'suspended' WHERE uuid = $1`), status: http.StatusForbidden,
		page: "cannot be used",
	},
}

// check checks where the last step of a sign-in leads: to the service with a code if nothing was changed; else to the
// page, or to the service with the error.
func (c change) check(t *testing.T, name string, b *logintest.Browser, answer *http.Response) {
	t.Helper()
	to := worldtest.Must(url.Parse(answer.Header.Get("Location")))(t)
	if strings.HasPrefix(to.Path, provider.FlowPath) {
		answer = b.Get(to.Path)
		to = &url.URL{}
	}
	honest := c.page == "" && c.code == ""
	if got := to.Query().Get("code"); honest != (got != "") {
		t.Errorf("%s: the code is %q at %s", name, got, to)
	}
	if got := to.Query().Get("error"); got != c.code {
		t.Errorf("%s: the service gets %q at %s", name, got, to)
	}
	if c.page == "" {
		return
	}
	if page := logintest.Text(answer); answer.StatusCode != c.status || !strings.Contains(page, c.page) {
		t.Errorf("%s: %d %s", name, answer.StatusCode, page)
	}
}

// What was changed while somebody chose a role counts before the service gets its code.
func TestWhatChangesAtTheRolePage(t *testing.T) {
	for name, c := range changes {
		w, key := withKey(t)
		w.Position("S8000:G8000:R8001")
		b := w.Browser()
		at := b.Begin(logintest.Request("scope", "openid email selectedrole"))
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		if to := b.Send(at+"/key", "answer", b.Touch(at, key)); to != at {
			t.Fatalf("%s: no role is asked for: %s", name, to)
		}
		c.make(w)
		c.check(t, name, b, b.Do("POST", at+"/role", logintest.Values("role", w.Roles()[0])))
	}
}

// A role that was withdrawn while its page was open is not given to the service: the page says so.
func TestARoleWithdrawnWhileItsPageIsOpen(t *testing.T) {
	for _, withdrawn := range []bool{false, true} {
		w, key := withKey(t)
		w.Position("S8000:G8000:R8001")
		b := w.Browser()
		at := b.Begin(logintest.Request("scope", "openid email selectedrole"))
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		b.Send(at+"/key", "answer", b.Touch(at, key))
		roles := w.Roles()
		if withdrawn {
			ends := w.Clock.Now().Add(-time.Minute).UnixMilli()
			w.ByDesk(func(dw *db.W) error {
				const end = `UPDATE assignment SET ends_at = $1 WHERE id =
					(SELECT assignment_id FROM assignment_role WHERE role_id = $2)`
				if err := dw.Change(w.Context(), end, ends, roles[0]); err != nil {
					return err
				}
				return dw.Record(w.Context(), audit.Event{Kind: "test.changed", Subject: identity.Ref(w.UUID)})
			})
		}
		answer := b.Do("POST", at+"/role", logintest.Values("role", roles[0]))
		code := strings.Contains(answer.Header.Get("Location"), "code=")
		if page := logintest.Text(answer); code == withdrawn ||
			withdrawn && !strings.Contains(page, "You do not have this role any more") {
			t.Errorf("withdrawn %v: %d, a code %v: %s", withdrawn, answer.StatusCode, code, page)
		}
		if withdrawn && !strings.Contains(b.Send(at+"/role", "role", roles[1]), "code=") {
			t.Error("the other role does not do")
		}
	}
}

// What was changed of the service while somebody proved who they are counts too; the person and the authenticator are
// looked at with the proof.
func TestWhatChangesDuringAProof(t *testing.T) {
	for name, c := range changes {
		if strings.HasSuffix(name, "suspended") && !strings.Contains(name, "client") {
			continue
		}
		w, key := withKey(t)
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		touched := b.Touch(at, key)
		c.make(w)
		c.check(t, name, b, b.Do("POST", at+"/key", logintest.Values("answer", touched)))
	}
}

// Whoever cancels is not sent to an address that is registered no longer.
func TestNobodyIsSentToAnAddressThatIsRegisteredNoLonger(t *testing.T) {
	for name, c := range changes {
		w := open(t)
		b := w.Browser()
		at := b.Begin(logintest.Request())
		c.make(w)
		answer := b.Do("POST", at+"/leave", url.Values{})
		to := answer.Header.Get("Location")
		gone := name == "the client is suspended" || name == "its address is registered no longer"
		if gone != (to == "") || !gone && !strings.Contains(to, "error=access_denied") {
			t.Errorf("%s: %d to %q", name, answer.StatusCode, to)
		}
	}
}

// A session that was good enough when it was looked at may have ended before the grant: whoever is there proves who
// they are, and a service that allowed no page hears that a login is required.
func TestWhatChangesBeforeAGrantAtOnce(t *testing.T) {
	ends := func(w *world) {
		worldtest.Check(t, w.Provider.Sessions().EndAll(w.Context(), actor.ForCommand("test"), w.UUID, "test", ""))
	}
	asks := changes["the person is suspended"]
	for name, c := range map[string]change{
		"nothing": changes["nothing"], "the session ends": {make: ends}, "the person is suspended": asks,
		"the authenticator is suspended": changes["the authenticator is suspended"],
		"a scope":                        changes["a scope is registered no longer"],
		"the client":                     changes["the client is suspended"],
	} {
		for _, silent := range []bool{true, false} {
			w, key := withKey(t)
			b := w.Browser()
			b.SignIn(logintest.Request(), key)
			to, err := w.grantedAtOnce(b, silent, c.make)
			got := worldtest.Must(url.Parse(to))(t)
			proves := name == "the session ends" || strings.HasPrefix(name, "the person") ||
				strings.HasPrefix(name, "the authenticator")
			switch {
			case proves && silent && got.Query().Get("error") == "login_required":
			case proves && !silent && strings.HasPrefix(to, provider.FlowPath):
			case c.code != "" && got.Query().Get("error") == c.code:
			case name == "the client" && err != nil && to == "":
			case name == "nothing" && got.Query().Get("code") != "":
			default:
				t.Errorf("%s, silent %v: %q, %v", name, silent, to, err)
			}
		}
	}
}

// grantedAtOnce asks for a sign-in with a browser's session, and makes a change after the session was looked at.
func (w *world) grantedAtOnce(b *logintest.Browser, silent bool, change func(w *world)) (to string, err error) {
	w.Helper()
	var c client.Client
	w.View(func(ctx context.Context, r db.R) error {
		c, err = client.ByID(ctx, r, logintest.ClientID)
		return err
	})
	asked, problem := request.Parse(logintest.Request(), c)
	if problem != nil {
		w.Fatal(problem)
	}
	asked.Silent = silent
	r := httptest.NewRequestWithContext(w.Context(), "GET", "/", nil)
	name := "__Host-" + session.Cookie
	r.AddCookie(&http.Cookie{Name: name, Value: b.Cookies[name]})
	s, live, err := provider.UseSession(w.Provider, r, provider.State{Request: asked})
	if err != nil || s.Proven == nil {
		w.Fatalf("the session is not enough: %v", err)
	}
	change(w)
	answer := httptest.NewRecorder()
	err = provider.GrantAtOnce(w.Provider, answer, r, s, live)
	return answer.Header().Get("Location"), err
}

// What was changed between the code and its redemption counts too, and takes effect once.
func TestWhatChangesBeforeARedemption(t *testing.T) {
	for name, c := range changes {
		w, key := withKey(t)
		code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
		c.make(w)
		got := w.Redeem(code)
		want := "invalid_grant"
		switch name {
		case "nothing":
			want = ""
		case "the client is suspended":
			want = "invalid_client"
		}
		if got.Error != want || (got.IDToken == "") != (want != "") || (got.AccessToken == "") != (want != "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
