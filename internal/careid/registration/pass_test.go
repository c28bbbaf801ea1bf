package registration_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/life"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// secondManager makes another manager of the trust.
func (w *trust) secondManager() string {
	w.Helper()
	return w.Person(population.Person{GivenName: "Eve", FamilyName: "Manager", Organisation: "ZTR",
		Positions: []population.Position{{Organisation: "ZTR", Role: rbac.RegistrationManager}}}).ID
}

func askFor(hours int) registration.AskedPass {
	return registration.AskedPass{Hours: hours, Reason: "seen by video", Offered: []authn.Kind{authn.SecurityKey}}
}

// pass makes a pass for somebody who works for no registration authority.
func (w *trust) pass(who, uuid string, hours int) string {
	w.Helper()
	made, err := registration.AskPass(w.Context(), w.DB, by(who), uuid, askFor(hours))
	w.Must(err)
	if made.Pass == "" || !made.Ends.Equal(w.Clock.Now().Add(time.Duration(hours)*time.Hour)) {
		w.Errorf("made %+v", made)
	}
	return made.Pass
}

func (w *trust) use(uuid, typed string) (path string, err error) {
	return db.Write(w.Context(), w.DB, actor.Actor{Kind: actor.Stranger}, func(u *db.W) (string, error) {
		return authenticator.UsePass(w.Context(), u, []string{uuid}, typed)
	})
}

// A pass opens one link for its owner, once, while it works. It is kept as a digest.
func TestAPassOpensALinkOnce(t *testing.T) {
	w := openTrust(t)
	var y worldtest.Tally
	refused := func(name, uuid, typed string) {
		t.Helper()
		path, err := w.use(uuid, typed)
		if path != "" || !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %q %v", name, path, err)
		}
		y.Refused(t, name, err == nil)
	}
	first := w.pass(w.agent, w.cy, 1)
	if n := w.Count(`SELECT COUNT(*) FROM authenticator_pass WHERE digest = $1`, []byte(first)); n != 0 {
		t.Error("the pass is kept as it is")
	}
	pass := w.pass(w.agent, w.cy, 1)
	refused("the one before", w.cy, first)
	refused("somebody else's", w.agent, pass)
	refused("nothing", w.cy, "")
	path, err := w.use(w.cy, pass)
	if err != nil {
		t.Fatalf("honest twin: %v", err)
	}
	refused("once more", w.cy, pass)
	link := w.links(w.cy)[0]
	if link.Witness != authenticator.ByPass || len(link.Kinds) != 1 || link.Ends.Sub(link.Made) != 30*time.Minute ||
		len(path) < 40 {
		t.Errorf("link %+v at %s", link, path)
	}
	late := w.pass(w.agent, w.cy, 8)
	w.Clock.Advance(8 * time.Hour)
	refused("too late", w.cy, late)
	closed := w.pass(w.agent, w.cy, 8)
	w.Must(life.Move(t.Context(), w.DB, by(w.manager), w.cy, identity.Suspend, "left"))
	refused("of somebody suspended", w.cy, closed)
	w.Must(life.Move(t.Context(), w.DB, by(w.manager), w.cy, identity.Resume, "back"))
	refused("of somebody who was suspended", w.cy, closed)
	guessed := w.pass(w.agent, w.cy, 24)
	for range 20 {
		w.passIs(authenticator.PassWorks)
		refused("a guess", w.cy, "BCDF GHJK")
	}
	w.passIs(authenticator.PassSpent)
	w.Clock.Advance(23 * time.Hour)
	w.passIs(authenticator.PassSpent)
	refused("after 20 guesses", w.cy, guessed)
	y.Report(t, "passes")
	if _, err := w.use(w.cy, w.pass(w.agent, w.cy, 24)); err != nil {
		t.Errorf("another one after guesses: %v", err)
	}
}

// passIs makes sure of the state of the newest pass of somebody.
func (w *trust) passIs(want authenticator.PassState) {
	w.Helper()
	list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]authenticator.Pass, error) {
		return authenticator.PassesOf(ctx, r, w.cy, 1)
	})
	if state, since := list[0].StateAt(w.Clock.Now()); state != want ||
		want == authenticator.PassSpent && since.After(w.Clock.Now().Truncate(time.Second)) {
		w.Errorf("the pass is %s since %s, want %s", state, since, want)
	}
}

// Of fifty that type a pass at once, one gets a link.
func TestAPassTypedFiftyTimesAtOnce(t *testing.T) {
	w := openTrust(t)
	pass := w.pass(w.manager, w.cy, 1)
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := w.use(w.cy, pass); err == nil {
				opened.Add(1)
			}
		})
	}
	all.Wait()
	if opened.Load() != 1 || len(w.links(w.cy)) != 1 {
		t.Errorf("opened %d, links %d", opened.Load(), len(w.links(w.cy)))
	}
}

// Nobody makes a pass for themselves; for somebody of a registration authority it takes two others.
func TestWhoMakesAPass(t *testing.T) {
	w := openTrust(t)
	var y worldtest.Tally
	for name, one := range map[string]struct {
		who, uuid string
		asked     registration.AskedPass
	}{
		"for themselves":      {w.manager, w.manager, askFor(1)},
		"without the job":     {w.cy, w.agent, askFor(1)},
		"elsewhere":           {w.manager, w.dot(), askFor(1)},
		"an agent, a manager": {w.agent, w.manager, askFor(1)},
		"for two days":        {w.manager, w.cy, askFor(48)},
		"for no time":         {w.manager, w.cy, askFor(0)},
		"without a reason":    {w.manager, w.cy, registration.AskedPass{Hours: 1, Offered: askFor(1).Offered}},
		"nothing to be added": {w.manager, w.cy, registration.AskedPass{Hours: 1, Reason: "seen"}},
	} {
		made, err := registration.AskPass(t.Context(), w.DB, by(one.who), one.uuid, one.asked)
		y.Refused(t, name, err == nil || made.Pass != "")
	}
	asked, err := registration.AskPass(t.Context(), w.DB, by(w.manager), w.agent, askFor(1))
	if err != nil || asked.Pass != "" {
		t.Fatalf("for an agent: %+v %v", asked, err)
	}
	waiting := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]authenticator.Pass, error) {
		return authenticator.PassesOf(ctx, r, w.agent, 10)
	})[0].ID
	confirm := func(who, uuid string) error {
		_, err := registration.ConfirmPass(t.Context(), w.DB, by(who), uuid, waiting)
		return err
	}
	y.Refused(t, "who asked", confirm(w.manager, w.agent) == nil)
	y.Refused(t, "who gets it", confirm(w.agent, w.agent) == nil)
	y.Refused(t, "without the job", confirm(w.cy, w.agent) == nil)
	y.Refused(t, "for another", confirm(w.manager, w.cy) == nil)
	second := w.secondManager()
	w.Must(confirm(second, w.agent))
	y.Refused(t, "once more", confirm(second, w.agent) == nil)
	y.Report(t, "passes made")
	for kind, want := range map[string]int{"pass-asked": 1, "pass-made": 1} {
		if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = $1`, "authenticator."+kind); n != int64(want) {
			t.Errorf("%d events of %s", n, kind)
		}
	}
}
