package login_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	references "signpost/internal/platform/reference"
	"signpost/internal/platform/web"
)

// stopped begins a login that cannot go on, as nobody proves who they are, and gives its page's reference.
func (w *world) stopped(b *logintest.Browser, stop func(at string)) (ref string, events []audit.Entry) {
	w.Helper()
	at := b.Begin(logintest.Request("prompt", "login"))
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	stop(at)
	page, events := w.refused(b, at)
	return references.Read(reference.FindStringSubmatch(page)[1]), events
}

// stops are the events of logins to the service of the world that did not go on.
func (w *world) stops() (list []audit.Entry) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		all, err := audit.Of(ctx, r, client.Ref(logintest.ClientID), 1000)
		for _, e := range all {
			if e.Kind == provider.Refused {
				list = append(list, e)
			}
		}
		return err
	})
	return list
}

// However many logins strangers begin that cannot go on, few leave an event of their own. The pages of the others quote
// a reference that says by itself what it was, and a browser on which somebody logged in before has events of its own.
func TestLoginsThatCannotGoOnDoNotFillTheHistory(t *testing.T) {
	w, key := withKey(t)
	owner := w.Browser()
	owner.SignIn(logintest.Request(), key)
	stranger := logintest.NewDevice()
	stranger.Authenticator.Options.UserHandle = []byte("somebody else")
	const tried, maxEvents = 130, 101
	last := ""
	for n := range tried {
		b := w.Browser()
		last, _ = w.stopped(b, func(at string) {
			if n%2 == 0 {
				b.Send(at+"/key", "failed", "NotAllowedError")
				return
			}
			b.Send(at+"/key", "answer", b.Touch(at, stranger))
		})
	}
	if n := len(w.stops()); n != maxEvents {
		t.Errorf("%d logins left %d events, want %d", tried, n, maxEvents)
	}
	told, is := web.Told(w.Box, last, w.Clock.Now())
	if !is || told.Site != "cis2" || told.Code != fault.Unauthenticated {
		t.Errorf("the reference of the last one tells %+v (%v)", told, is)
	}
	_, events := w.stopped(owner, func(at string) { owner.Send(at+"/key", "failed", "NotAllowedError") })
	if len(events) != 1 || len(w.stops()) != maxEvents+1 {
		t.Errorf("the event of a browser that is known: %+v", events)
	}
	w.Clock.Advance(time.Hour)
	again := w.Browser()
	if _, events := w.stopped(again, func(at string) { again.Send(at + "/key") }); len(events) != 1 {
		t.Errorf("an hour later: %+v", events)
	}
}
