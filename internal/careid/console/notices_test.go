package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

// failedNotice makes a notice to a client.
func (w *world) failedNotice(clientID string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := backchannel.Visit(ctx, u, "sid-1", clientID, w.ada); err != nil {
			return err
		}
		if err := backchannel.Notify(ctx, u, "sid-1", w.ada); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "signin.ended", Subject: identity.Ref(w.ada)})
	})
	w.view(func(ctx context.Context, r db.R) error {
		list, err := backchannel.Of(ctx, r, clientID, 0, 1)
		if err == nil {
			id = list[0].ID
		}
		return err
	})
	return id
}

// notAKeySet is the reason that is kept where a client's address of keys answers with a page.
func notAKeySet() string {
	_, err := jwt.ParseSet([]byte("<!DOCTYPE html>"))
	return "verify token: " + err.Error()
}

func TestRefusalsAreShownWordForWord(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	b.get(path+"/refusals").has(t, "No requests have been refused.")
	for _, r := range []client.Refusal{
		{Place: client.AtToken, Code: "invalid_client", Reason: `token's aud: expected ["https://cis2.example:443/access_token"] as one string, received "https://cis2.example/access_token"`},
		{Place: client.AtToken, Code: "invalid_client", Reason: `verify token: no such key: kid "two" for RS512; the set holds "one" (RS512)`},
		{Place: client.AtToken, Code: "invalid_client", Reason: `key set: fetch https://rota.example/jwks.json: status 503: "down"`},
		{Place: client.AtToken, Code: "invalid_client", Reason: notAKeySet()},
		{Place: client.AtAuthorize, Reason: `redirect_uri: expected exactly one of ["https://rota.example/callback"], received ["https://rota.example/callback/"]`},
		{Place: client.AtPush, Code: "invalid_scope", Reason: `A scope was asked for. Received scope ["openid <b>"].`},
	} {
		r.ClientID = idOf(path)
		for range 2 {
			if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
				t.Fatal(err)
			}
		}
		b.get(path+"/refusals").has(t, r.Reason, "24 November 2026 at 9am (2 times since 24 November 2026 at 9am)")
	}
	b.get(path+"/refusals").has(t, "Token request: invalid_client", "Request to log in: a page for the person",
		"Pushed request: invalid_scope",
		"Some libraries drop :443.", "Publish the key under this kid", "Make your key set answer with status 200",
		"Make your key set answer with a JSON Web Key Set and nothing else",
		"Use one of the registered addresses letter for letter")
}

func TestNoticesAreShownAndSentAgain(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	notice := w.failedNotice(idOf(path))
	b.get(path+"/notices").has(t, "https://rota.example/logout", "Waiting 1, of which 0 have failed at least once",
		"None yet", "24 November 2026 at 9am", "every 2 hours", "After a day we give up")
	before := w.events("notice.sent-again")
	if p := b.post(path+"/notices/again", "notice", notice); p.status != http.StatusSeeOther ||
		w.events("notice.sent-again") != before+1 {
		t.Errorf("one: %d", p.status)
	}
	all := func(want string) {
		t.Helper()
		if p := b.post(path+"/notices/again", "all", "yes"); p.status != http.StatusSeeOther {
			t.Errorf("all: %d", p.status)
		}
		b.get(path+"/notices").has(t, want)
	}
	all("No notice is being sent again. None has failed since it was last sent again.")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE provider_notice SET tries = 1 WHERE id = $1`, notice)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test.prepared"}))
	})
	all("No notice is being sent again. Each one that failed was sent again less than 20 minutes ago.")
	w.Clock.Advance(20 * time.Minute)
	b = w.signedIn()
	all("1 notice is being sent again.")
	if p := b.post(path+"/notices/again", "notice", "no such notice"); p.status != http.StatusNotFound {
		t.Errorf("none: %d", p.status)
	}
}

// The team of a client tries the address for logout notices that waits for approval; operators only see it.
func TestATeamSendsATestNotice(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	b.get(path+"/notices").has(t, "You can send a test notice to https://rota.example/logout. It is signed")
	w.Update(func(ctx context.Context, u *db.W) error { return client.ApprovePart(ctx, u, w.clientOf(path)) })
	change := rota()
	change.Set("backchannel_logout_uri", "https://rota.example/another")
	change.Set("version", strconv.FormatInt(w.clientOf(path).Version, 10))
	b.do(http.MethodPost, path+"/change", change)
	b.get(path+"/notices").has(t, "we post a logout token to https://rota.example/logout.",
		"You can send a test notice to https://rota.example/another, which waits for approval.")
	if p := b.post(path + "/notices/test"); p.status != http.StatusSeeOther || w.events("notice.test-sent") != 1 {
		t.Errorf("sent: %d", p.status)
	}
	b.get(path+"/notices").has(t, "The test notice is being sent.", "24 November 2026 at 9am, a test")
	olu := w.another("Olu")
	w.Update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, olu) })
	p := w.signedInAs(olu).get(path + "/notices")
	if p.status != http.StatusOK || strings.Contains(p.text, "Send a test") {
		t.Errorf("an operator is offered the team's test: %d", p.status)
	}
}

func TestOperatorsSeeAllAndDoNotEdit(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	path := ada.register(ada.team("Fenmarch Software"), rota())
	notice := w.failedNotice(idOf(path))
	olu := w.another("Olu")
	w.Update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, olu) })
	b := w.signedInAs(olu)
	b.get("/connections").has(t, "Operators of this service: all clients", "Rota", idOf(path))
	p := b.get(path)
	p.has(t, "Suspend the client")
	if strings.Contains(p.text, "Change the settings") || strings.Contains(p.text, "Make a new secret") {
		t.Error("an operator is offered the team's own work")
	}
	for _, sub := range []string{"/refusals", "/notices", "/history"} {
		if p := b.get(path + sub); p.status != http.StatusOK {
			t.Errorf("%s: %d", sub, p.status)
		}
	}
	for sub, form := range map[string]url.Values{"/change": rota(), "/secret": {"overlap": {"0s"}}, "/secret/end": {}} {
		before := w.clientOf(path).Version
		if p := b.do(http.MethodPost, path+sub, form); p.status != http.StatusNotFound ||
			w.clientOf(path).Version != before {
			t.Errorf("%s by an operator: %d", sub, p.status)
		}
	}
	if p := b.post(path+"/notices/again", "notice", notice); p.status != http.StatusSeeOther {
		t.Errorf("send again: %d", p.status)
	}
	if p := b.post(path+"/status", "move", "suspend"); p.status != http.StatusSeeOther || w.clientOf(path).Active {
		t.Errorf("suspend: %d", p.status)
	}
}
