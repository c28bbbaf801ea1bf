package login_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
)

// A link that cannot be used says which it is: not complete, used, expired, or locked by wrong codes.
func TestALinkSaysWhyItCannotBeUsed(t *testing.T) {
	const app = authn.AuthenticatorApp
	for name, tt := range map[string]struct {
		spoil func(w *world, path string) string
		want  string
	}{
		"not complete": {func(_ *world, path string) string { return path[:len(path)-3] }, "not complete"},
		"used": {func(w *world, path string) string {
			w.ByDesk(func(dw *db.W) error {
				i, err := authenticator.ByToken(t.Context(), dw, strings.TrimPrefix(path, authenticator.BindPath))
				if err != nil {
					return err
				}
				return errors.Join(authenticator.Redeem(t.Context(), dw, i.ID),
					dw.Record(t.Context(), audit.Event{Kind: "test.used"}))
			})
			return path
		}, "an authenticator was added with it"},
		"expired": {func(w *world, path string) string { w.Clock.Advance(25 * time.Hour); return path }, "has expired"},
		"locked": {func(w *world, path string) string {
			b := w.Browser()
			at := b.Send(path, "email", adasAddress)
			for i := range 10 {
				b.Do(http.MethodPost, at+"/code", logintest.Values("code", fmt.Sprintf("BCDFGHJ%d", i)))
			}
			return path
		}, "Wrong codes were entered too many times"},
	} {
		w := open(t)
		path := w.Invite(w.UUID, app)
		got := w.Browser().Get(tt.spoil(w, path))
		if body := logintest.Text(got); got.StatusCode != http.StatusGone || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s", name, got.StatusCode, body)
		}
	}
}

// The page of the mailed code sends another one, as often as the link allows, and says so when it is over.
func TestAnotherCodeToBind(t *testing.T) {
	w := open(t)
	b := w.Browser()
	const app = authn.AuthenticatorApp
	path := w.Invite(w.UUID, app)
	at := b.Send(path, "email", adasAddress)
	first := w.Mailed(adasAddress)
	again := func() *http.Response { return b.Do(http.MethodPost, at+"/code", logintest.Values("another", "yes")) }
	if got := again(); got.Header.Get("Location") != at {
		t.Fatalf("another code: %d %s", got.StatusCode, logintest.Text(got))
	}
	if body := logintest.Text(b.Get(at)); !strings.Contains(body, "another code is on its way") {
		t.Error(body)
	}
	if got := b.Do(http.MethodPost, at+"/code", logintest.Values("code", first)); got.StatusCode != 422 {
		t.Errorf("the first code: %d", got.StatusCode)
	}
	for range 3 {
		again()
	}
	if body := logintest.Text(again()); !strings.Contains(body, "No more codes are sent for this link") {
		t.Error(body)
	}
	jobtest.Settle(t, w.Jobs)
	if got := b.Send(at+"/code", "code", w.Mailed(adasAddress)); got != at {
		t.Errorf("the newest code leads to %s", got)
	}
}

// A link that was made before the address changed mails no code to the new one for 72 hours, and does not say so: only
// the address's owner is to know that it is theirs.
func TestNoCodeGoesToAnAddressThatWasJustChanged(t *testing.T) {
	const changed = "ada.new@example.nhs.uk"
	w := open(t)
	path := w.Invite(w.UUID, authn.AuthenticatorApp)
	w.Clock.Advance(time.Minute)
	w.ByDesk(func(dw *db.W) error { return identity.PutEmail(t.Context(), dw, w.Post, w.UUID, changed, false) })
	jobtest.Settle(t, w.Jobs)
	told := len(w.Mails.To(changed))
	w.Browser().Send(path, "email", changed)
	jobtest.Settle(t, w.Jobs)
	if n := len(w.Mails.To(changed)); n != told {
		t.Errorf("%d mails went there", n-told)
	}
	w.Clock.Advance(identity.Settled)
	path = w.Invite(w.UUID, authn.AuthenticatorApp)
	w.Browser().Send(path, "email", changed)
	jobtest.Settle(t, w.Jobs)
	if n := len(w.Mails.To(changed)); n != told+1 {
		t.Errorf("after 72 hours %d mails", n-told)
	}
}

// Once the email address of the Care Identity is another, what was mailed to the old one is worth nothing: not the
// code, nor another one, nor what it led to.
func TestACorrectedAddressEndsABinding(t *testing.T) {
	for name, step := range map[string]func(w *world, b *logintest.Browser, at, code string) *http.Response{
		"the code": func(_ *world, b *logintest.Browser, at, code string) *http.Response {
			return b.Do(http.MethodPost, at+"/code", logintest.Values("code", code))
		},
		"another code": func(_ *world, b *logintest.Browser, at, _ string) *http.Response {
			return b.Do(http.MethodPost, at+"/code", logintest.Values("another", "yes"))
		},
		"the last step": func(w *world, b *logintest.Browser, at, _ string) *http.Response {
			return b.Do(http.MethodPost, at+"/app", logintest.Values("code", w.AppCode(t)))
		},
	} {
		for _, corrected := range []bool{false, true} {
			w := open(t)
			b := w.Browser()
			const app = authn.AuthenticatorApp
			path := w.Invite(w.UUID, app)
			at := b.Send(path, "email", adasAddress)
			code := w.Mailed(adasAddress)
			if name == "the last step" {
				b.Send(at+"/code", "code", code)
				b.Send(at+"/password", "password", logintest.GoodPass)
				w.App = logintest.AppSecret(t, b.Get(at))
			}
			if corrected {
				w.ByDesk(func(dw *db.W) error {
					_, err := dw.Exec(t.Context(), `UPDATE identity SET email = 'new@example.nhs.uk',
						email_canonical = 'new@example.nhs.uk' WHERE uuid = $1`, w.UUID)
					return errors.Join(err, dw.Record(t.Context(), audit.Event{Kind: "test.corrected"}))
				})
			}
			got := step(w, b, at, code)
			if refused := got.StatusCode == http.StatusGone; refused != corrected {
				t.Errorf("%s, corrected %v: %d %s", name, corrected, got.StatusCode, logintest.Text(got))
			}
			if jobtest.Settle(t, w.Jobs); corrected && name == "another code" && len(w.Mails.To(adasAddress)) != 1 {
				t.Errorf("%d mails to the old address", len(w.Mails.To(adasAddress)))
			}
		}
	}
}
