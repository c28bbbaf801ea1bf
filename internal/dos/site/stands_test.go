package site_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/national/cis2"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web/webtest"
)

// came gives a browser on which Ada is logged in with her Care Identity.
func (w *world) came() *browser {
	w.Helper()
	b := w.browser()
	if got := b.careIdentity(); got.location != "/" || !b.signedIn() {
		w.Fatalf("log in: %d to %q", got.status, got.location)
	}
	return b
}

// nowAtCIS2 changes what userinfo says from now on.
func (w *world) nowAtCIS2(change func(info map[string]any)) {
	w.issuer.Change(func(s *relyingtest.Script) { s.Alter.UserInfo = change })
}

// without gives Ada's roles, changed.
func without(change func(r *cis2.NationalRole)) func(map[string]any) {
	return func(info map[string]any) {
		roles := relyingtest.Ada().Roles.([]cis2.NationalRole)
		change(&roles[0])
		info[cis2.RolesClaim] = roles
	}
}

// L24: whoever loses what lets them in is out within a minute of it, on whatever page they are.
func TestRightsAreLookedAtAgain(t *testing.T) {
	var y tally
	for name, tt := range map[string]struct {
		change func(map[string]any)
		said   string
	}{
		"L24 the activity was taken away": {
			without(func(r *cis2.NationalRole) { r.ActivityCodes = nil }), "does not have the position",
		},
		"L24 the role was changed": {
			without(func(r *cis2.NationalRole) { r.RoleCode = "S8000:G8000:R8000" }), "does not have the position",
		},
		"L24 all roles ended": {
			func(info map[string]any) { delete(info, cis2.RolesClaim) }, "does not have the position",
		},
		"the identity is verified to a lower level": {
			func(info map[string]any) { info[cis2.OlderIdentityLevelClaim] = "2" }, "not active or not verified any more",
		},
		"the answer is about somebody else": {
			func(info map[string]any) { info["sub"] = "500000000099" }, "no longer logged in with your Care Identity",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.link()
			b := w.came()
			w.clock.Advance(time.Minute)
			if !b.signedIn() {
				t.Fatal("logged out though nothing changed")
			}
			w.nowAtCIS2(tt.change)
			w.clock.Advance(59 * time.Second)
			b.signedIn()
			w.clock.Advance(time.Second)
			got := b.get("/account")
			y.attack(t, name, got.status == http.StatusOK)
			if front := b.get("/").body; !strings.Contains(front, tt.said) {
				t.Errorf("the start page does not say why: %s", front)
			}
			if w.sessions(w.ada.ID) != 0 || w.count(`SELECT COUNT(*) FROM event WHERE kind = 'signin.rights-ended'`) != 1 {
				t.Error("the session did not end with an event")
			}
		})
	}
	y.report(t, "L24 rights that ended")
}

// L26: CIS2 takes the token of a suspended identity no more; what was typed is kept.
func TestWhatWasTypedIsKeptWhenRightsEnd(t *testing.T) {
	w := newWorld(t)
	w.link()
	b := w.came()
	sealed := webtest.SealOf(b.get("/account").body, "/account/email")
	w.issuer.Forget()
	w.clock.Advance(time.Minute)
	late := b.post("/account/email", "email", "ada.new@example.nhs.uk", "seal", sealed)
	if late.location != "/" || w.sessions(w.ada.ID) != 0 {
		t.Fatalf("sent: %d to %q", late.status, late.location)
	}
	if front := b.get("/").body; !strings.Contains(front, "What you typed is kept for an hour") {
		t.Errorf("the start page does not say so: %s", front)
	}
	if got := b.careIdentity(); got.location != "/held" {
		t.Errorf("logged in again and went to %s", got.location)
	}
}

// Of many requests at once one asks, and each asks no more than once a minute.
func TestRightsAreAskedForOnceAMinute(t *testing.T) {
	w := newWorld(t)
	w.link()
	b := w.came()
	w.issuer.Taken()
	asked := func() (n int) {
		for _, seen := range w.issuer.Taken() {
			if seen.What == "userinfo" {
				n++
			}
		}
		return n
	}
	b.get("/account")
	w.clock.Advance(time.Minute)
	if n := asked(); n != 0 {
		t.Errorf("asked %d times within the first minute", n)
	}
	var all sync.WaitGroup
	for range 8 {
		one := w.browser()
		for name, value := range b.cookies {
			one.cookies[name] = value
		}
		all.Go(func() { one.get("/account") })
	}
	all.Wait()
	if n := asked(); n != 1 {
		t.Errorf("8 requests at once asked %d times", n)
	}
	if n := w.count(`SELECT COUNT(*) FROM session WHERE state LIKE '%"Sealed"%'`); n != 1 {
		t.Errorf("%d sessions hold a sealed token", n)
	}
}

// A CIS2 that fails or answers nonsense throws nobody out, until the access token ends.
func TestFailingCIS2ThrowsNobodyOut(t *testing.T) {
	w := newWorld(t)
	w.link()
	b := w.came()
	w.nowAtCIS2(func(info map[string]any) { info[cis2.RolesClaim] = "nonsense" })
	for range 4 {
		w.clock.Advance(14 * time.Minute)
		if !b.signedIn() {
			t.Fatal("thrown out")
		}
	}
	w.clock.Advance(4 * time.Minute)
	if b.signedIn() {
		t.Fatal("still in after the access token ended")
	}
	if front := b.get("/").body; !strings.Contains(front, "asked for again after an hour") {
		t.Errorf("the start page does not say why: %s", front)
	}
	w.nowAtCIS2(nil)
	if got := b.careIdentity(); got.location != "/account" || !b.signedIn() {
		t.Errorf("logged in again: %d to %q", got.status, got.location)
	}
}

// A CIS2 that does not answer holds no page for long.
func TestSlowCIS2HoldsNoPage(t *testing.T) {
	w := newWorld(t)
	w.link()
	b := w.came()
	release := make(chan struct{})
	defer close(release)
	w.nowAtCIS2(func(map[string]any) { <-release })
	w.clock.Advance(time.Minute)
	began := time.Now()
	if !b.signedIn() {
		t.Error("thrown out")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the page took %s", took)
	}
}

// answering is a care identity side that knows one person.
type answering struct {
	answer wire.Answer
	err    error
	ended  []string // ids of roles
	moved  bool     // all roles are held at another organisation
	older  bool     // it knows no questions about roles
}

func (a *answering) Ask(_ context.Context, q wire.Question) (wire.Answer, error) {
	answer := a.answer
	if q.Role == "" || answer.Found != wire.One || a.older {
		return answer, a.err
	}
	answer.Role = wire.Yes
	if slices.Contains(a.ended, q.Role) || a.moved || q.Organisation != "Z99Z9" {
		answer.Role = wire.No
	}
	return answer, a.err
}

// inOrder is what the care identity side says of somebody who lacks nothing.
var inOrder = wire.Answer{Found: wire.One, State: wire.Active, Position: wire.Yes, Authenticator: &wire.Authenticator{}}

// Where the care identity side answers questions, it is asked when the access token has ended.
func TestTheExtractIsAskedAfterTheToken(t *testing.T) {
	const roleEnded = "the role in which you logged in has ended"
	const notActive = "not active or not verified any more"
	var y tally
	for name, tt := range map[string]struct {
		change func(a *answering)
		said   string // why somebody is out; empty if they stay in
	}{
		"all is well":        {func(*answering) {}, ""},
		"it does not answer": {func(a *answering) { a.err = errors.New("down") }, ""},
		"another role ended": {func(a *answering) { a.ended = []string{"500000000100"} }, ""},
		"L26 suspended":      {func(a *answering) { a.answer.State = wire.NotActive }, notActive},
		"closed":             {func(a *answering) { a.answer.State = wire.Closed }, notActive},
		"L24 no position":    {func(a *answering) { a.answer.Position = wire.No }, "does not have the position"},
		"L24 the chosen role ended, another one opens too": {
			func(a *answering) { a.ended = []string{"500000000101"} }, roleEnded,
		},
		"L25 the position is held elsewhere now": {func(a *answering) { a.moved = true }, roleEnded},
		"an older release, which does not say where": {
			func(a *answering) { a.older = true }, "asked for again after an hour",
		},
		"there is no such":      {func(a *answering) { a.answer = wire.Answer{Found: wire.None} }, notActive},
		"there are several now": {func(a *answering) { a.answer = wire.Answer{Found: wire.Several} }, notActive},
	} {
		w := newWorld(t)
		asker := &answering{answer: inOrder}
		w.asker = asker
		w.makeSite()
		w.link()
		w.issuer.Person.Roles = positionsAt("Z99Z9", "Z99Z9")
		w.issuer.Person.SelectedRoleID = "500000000101"
		b := w.came()
		for range 5 {
			w.clock.Advance(14 * time.Minute)
			if !b.signedIn() {
				t.Fatalf("%s: thrown out before", name)
			}
		}
		tt.change(asker)
		w.clock.Advance(time.Minute)
		in := b.signedIn()
		if tt.said == "" && !in {
			t.Errorf("%s: thrown out", name)
		}
		if tt.said == "" {
			continue
		}
		y.attack(t, name, in)
		if front := b.get("/").body; !strings.Contains(front, tt.said) {
			t.Errorf("%s: the start page does not say why: %s", name, front)
		}
	}
	y.report(t, "L24, L26 the extract")
}
