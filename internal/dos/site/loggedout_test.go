package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/webtest"
)

// Whoever is logged out is told why, truly, and what to do next: on the start page, once, wherever they were going.
func TestWhyOneIsLoggedOut(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(w *world, b *browser)
		says []string
	}{
		"time": {func(w *world, _ *browser) { w.clock.Advance(16 * time.Minute) },
			[]string{"because the page was not used for 15 minutes. Log in to go on"}},
		"twelve hours": {func(w *world, b *browser) {
			for range 72 {
				b.get("/")
				w.clock.Advance(10 * time.Minute)
			}
		}, []string{"because 12 hours had passed since you logged in."}},
		"long gone": {func(w *world, _ *browser) {
			w.clock.Advance(16 * time.Minute)
			w.update(func(ctx context.Context, u *db.W) error { return deleted(ctx, u) })
		}, []string{"because the page was not used for 15 minutes, or 12 hours had passed"}},
		"ended at CIS2": {func(w *world, _ *browser) {
			token := w.issuer.LogoutToken(t, clientID, w.issuer.Person.Subject, "session-of-ada", nil)
			if got := w.browser().post("/backchannel-logout", "logout_token", token); got.status != http.StatusOK {
				t.Fatalf("logout: %d %s", got.status, got.body)
			}
		}, []string{"because you are no longer logged in with your Care Identity.",
			"If you logged out of it yourself, here or in another service, all is well.",
			"if you cannot log in, contact your registration authority."}},
		"deactivated": {func(w *world, _ *browser) {
			w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.ada.ID, "left") })
		}, []string{"because your Directory of Services account was deactivated.", "contact your DoS user administrator"}},
		"the link undone": {func(w *world, _ *browser) {
			_, err := w.linker.Undo(t.Context(), actor.ForCommand("test"), w.ada.ID, "somebody else's")
			w.Must(err)
		}, []string{"because the link of the account to a Care Identity was undone."}},
		"too many": {func(w *world, _ *browser) {
			for range session.MaxOfSubject {
				w.clock.Advance(time.Second)
				w.browser().careIdentity()
			}
			w.Must(signin.Sessions.Bound(w.d, account.Ref).End(t.Context(), actor.ForCommand("test"), w.ada.ID))
		}, []string{"because you logged in on more than 20 browsers"}},
	} {
		for _, at := range []string{"/account", "/"} {
			t.Run(name+" "+at, func(t *testing.T) {
				w := newWorld(t)
				w.asker = &answering{answer: inOrder}
				w.makeSite()
				w.link()
				b := w.browser()
				b.careIdentity()
				if !b.signedIn() {
					t.Fatal("Ada is not logged in")
				}
				tt.end(w, b)
				if got := b.get(at); at != "/" && got.location != "/" {
					t.Fatalf("%d to %q", got.status, got.location)
				} else if at == "/" {
					w.toldOnce(t, got.body, b, tt.says[:1])
					return
				}
				w.toldOnce(t, b.get("/").body, b, tt.says)
			})
		}
	}
}

// A session by password ends with the passwords of its wave.
func TestWhyASessionByPasswordEnded(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	if !b.signedIn() {
		t.Fatal("Ada is not logged in")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, w.waves[path.Choose], path.Require, "test")
	})
	b.get("/account")
	w.toldOnce(t, b.get("/").body, b, []string{
		"because your account may no longer be used with its password. Log in with your Care Identity.",
	})
}

// What somebody typed whose wave ends passwords meanwhile is kept until they have linked their account, and the page
// says so. Of a shared account, which nobody can link, the page says that nothing was changed.
func TestWhatWasTypedWhenPasswordsEndIsKept(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	b, shared := w.browser(), w.browser()
	shared.Address = "198.51.100.30:1234"
	b.withPassword("ada", goodPass)
	shared.withPassword(team.Username, goodPass)
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, w.waves[path.Choose], path.Require, "test")
	})
	if got := b.post("/account/phone", "phone", "0113 496 0007"); got.location != "/" {
		t.Fatalf("sent: %d to %q", got.status, got.location)
	}
	w.toldOnce(t, b.get("/").body, b, []string{"may no longer be used with its password. What you typed is kept for an " +
		"hour, and you can send it once you are logged in again. Log in with your Care Identity."})
	shared.post(frame.WhoPath, whoSays("Ruth")...)
	w.toldOnce(t, shared.get("/").body, shared, []string{"Nothing was changed."})
	b.careIdentity()
	if got := b.claim("ada", goodPass); got.location != "/link/confirm" {
		t.Fatalf("claimed: %d to %q %s", got.status, got.location, webtest.Text(got.body))
	}
	if got := b.post("/link/confirm"); got.location != "/linked" {
		t.Fatalf("linked: %d to %q %s", got.status, got.location, webtest.Text(got.body))
	}
	b.careIdentity()
	b.get("/held").mustHave(t, "0113 496 0007")
}

// toldOnce wants a start page to say why somebody was logged out, and the same page to say it no more.
func (w *world) toldOnce(t *testing.T, front string, b *browser, says []string) {
	t.Helper()
	for _, want := range says {
		want, _, _ = strings.Cut(want, " Log in to go on")
		if text := webtest.Text(front); !strings.Contains(text, want) {
			t.Errorf("the start page lacks %q: %s", want, text)
		}
	}
	if again := webtest.Text(b.get("/").body); strings.Contains(again, "You were logged out") {
		t.Errorf("it says so again: %s", again)
	}
}

// deleted takes the sessions away that a sweep would.
func deleted(ctx context.Context, u *db.W) error {
	_, err := u.Exec(ctx, `DELETE FROM session`)
	return err
}
