package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// strangers records an event many times, as strangers can cause who know only a subject's name.
func (w *world) strangers(times int, e audit.Event) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for range times {
			if err := u.Record(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Refusals have a page of their own: however many there are, a client's history stays the same.
func TestRefusalsPushNothingOutOfAHistory(t *testing.T) {
	for name, refusals := range map[string]int{"none": 0, "many": 501} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			path := b.register(b.team("Fenmarch Software"), rota())
			w.Clock.Advance(time.Minute)
			w.strangers(refusals, audit.Event{Kind: "client.refused", Subject: client.Ref(idOf(path))})
			b.get(path+"/history").has(t, "Registered, 24 November 2026 at 9am, by Ada O'Example <b>")
		})
	}
}

// An editor reads who made the change that theirs clashes with, whatever else happened to the client since.
func TestAClashNamesWhoChangedTheClient(t *testing.T) {
	for name, e := range map[string]audit.Event{
		"nothing else":     {},
		"refusals":         {Kind: "client.refused"},
		"notices given up": {Kind: "notice.given-up"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			path := b.register(b.team("Fenmarch Software"), rota())
			form := rota()
			form.Set("version", "1")
			form.Set("description", "From the first")
			if p := b.do(http.MethodPost, path+"/change", form); p.status != http.StatusSeeOther {
				t.Fatalf("first editor: %d", p.status)
			}
			w.Clock.Advance(time.Minute)
			if e.Kind != "" {
				e.Subject = client.Ref(idOf(path))
				w.strangers(51, e)
			}
			form.Set("description", "From the second")
			p := b.do(http.MethodPost, path+"/change", form)
			if p.status != http.StatusConflict {
				t.Fatalf("second editor: %d", p.status)
			}
			p.has(t, "Ada O'Example <b>, on 24 November 2026 at 9am, changed this client")
		})
	}
}

// The desk shows a person's newest refusals, however often they signed in since.
func TestSignInsPushNoRefusalFromTheDesk(t *testing.T) {
	w := open(t)
	w.addSupplier()
	b := w.signedIn()
	w.assign(support)
	uuid := w.another("Cy")
	refused := audit.Event{Subject: identity.Ref(uuid), Kind: provider.Refused, Reason: string(provider.NotApproved)}
	refused.After = map[string]any{}
	w.Update(func(ctx context.Context, u *db.W) error { return u.Record(ctx, refused) })
	w.strangers(201, audit.Event{Kind: "signin.proved", Subject: refused.Subject})
	p := b.get("/desk/sessions?find=" + uuid)
	p.has(t, "The organisation has not approved this kind")
	w.strangers(25, refused)
	p = b.get("/desk/sessions?find=" + uuid)
	if n := strings.Count(p.text, "The organisation has not approved this kind"); n != 20 {
		t.Errorf("%d refusals are shown, want the newest 20", n)
	}
}

// What strangers cause in a client's name leaves room on the page for what the client itself did.
func TestStrangersPushNoErrorFromThePage(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	note := func(r client.Refusal) {
		t.Helper()
		r.ClientID = idOf(path)
		if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
			t.Fatal(err)
		}
	}
	note(client.Refusal{Place: client.AtToken, Code: "invalid_grant", Reason: "the code has expired"})
	w.Clock.Advance(time.Minute)
	for _, r := range []client.Refusal{
		{Place: client.AtToken, Code: "invalid_client"}, {Place: client.AtPush, Code: "invalid_client"},
		{Place: client.AtAuthorize},
	} {
		for n := range 51 {
			r.Reason = strings.Repeat("y", n+1)
			note(r)
		}
	}
	p := b.get(path + "/refusals")
	p.has(t, "the code has expired")
	if n := strings.Count(p.text, "Token request: invalid_client"); n != 50 {
		t.Errorf("%d of a stranger's are shown, want 50", n)
	}
}
