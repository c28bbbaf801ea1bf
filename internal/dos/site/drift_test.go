package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/drift"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
)

// comparing answers comparisons as the care identity side does, by the address.
type comparing map[string]extract.Compared

// AskAll answers.
func (c comparing) AskAll(_ context.Context, questions []extract.Question) (answers []extract.Answer, err error) {
	for _, q := range questions {
		a := extract.Answer{Ref: q.Ref, Found: extract.None}
		if one, known := c[q.Email]; known {
			a.Compared = &one
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// differs has a comparison find that an account's Care Identity has another address.
func (w *world) differs(a account.Account, theirs string) {
	w.Helper()
	w.compared[a.EmailKey] = extract.Compared{By: extract.ByName, Name: extract.NameSame, State: extract.Active,
		Email: theirs}
	watch := drift.Watch{DB: w.DB, Asker: comparing(w.compared)}
	w.Must(watch.CompareOne(w.Context(), a))
}

// An administrator sees whose addresses differ and why that may be, narrows the list, takes it as a file and says what
// is done; the holder sees both addresses and which to change where.
func TestEmailDriftIsSeenToByPages(t *testing.T) {
	w := newWorld(t)
	una := w.everywhere("una")
	una.get("/users").mustHave(t, "Email addresses that differ")
	una.get("/email-drift").mustHave(t, "Nothing to do", "No comparison has ended yet")
	w.differs(w.ada, "ada@nhs.net")
	una.get("/email-drift").mustHave(t, "ada@example.nhs.uk", "ada@nhs.net", "Another domain", "1 account")
	una.get("/email-drift?cause=domain&age=7").mustHave(t, "Nothing to do")
	una.get("/email-drift?cause=typo").mustHave(t, "Nothing to do")
	file := una.get("/email-drift/export?cause=domain")
	if file.status != http.StatusOK || !strings.Contains(file.body, "ada@nhs.net,,Another domain") {
		t.Errorf("the file: %d %s", file.status, file.body)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'drift.exported'`); n != 1 {
		t.Errorf("%d events of one file", n)
	}
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	ada.get("/account").mustHave(t, "Your email addresses differ", "ada@nhs.net", "Look which one is right")
	ada.get("/checklist").mustHave(t, "Your email addresses differ", "ada@nhs.net", "ada@example.nhs.uk",
		"Look which one is right", "Check your Care Identity email address")
	at := "/email-drift/" + w.ada.ID
	una.get(at).mustHave(t, "Where the wrong one stands", "a domain alias helps", "Compare now")
	if got := una.post(at+"/decide", una.seeing(at, "state", "left")...); got.location == "/email-drift" {
		t.Error("decided without a reason")
	}
	left := una.seeing(at, "state", "left", "reason", "She reads both")
	if got := una.post(at+"/decide", left...); got.location != "/email-drift" {
		t.Fatalf("decision: %d to %q %s", got.status, got.location, got.body)
	}
	una.get("/email-drift").mustHave(t, "Nothing to do")
	una.get("/email-drift?state=left").mustHave(t, "ada@nhs.net")
	una.get(at).mustHave(t, "She reads both", "Left as it is")
	w.compared[w.ada.EmailKey] = extract.Compared{By: extract.ByAddress, Name: extract.NameSame, State: extract.Active,
		Email: w.ada.EmailKey}
	if got := una.post(at + "/compare"); got.location != at {
		t.Fatalf("comparison: %d to %q %s", got.status, got.location, got.body)
	}
	una.get(at).mustHave(t, "do not differ")
	if strings.Contains(ada.get("/account").body, "Your email addresses differ") {
		t.Error("the holder still reads that they differ")
	}
}

// Whoever uses an account whose address is somebody else's now is not told of it on their own page: they may be that
// somebody. A linked account opens whatever the addresses are.
func TestWhatDriftTellsTheHolder(t *testing.T) {
	w := newWorld(t)
	w.compared[w.ada.EmailKey] = extract.Compared{By: extract.ByAddress, Name: extract.NameOther, State: extract.Active}
	watch := drift.Watch{DB: w.DB, Asker: comparing(w.compared)}
	w.Must(watch.CompareOne(t.Context(), w.ada))
	w.everywhere("una").get("/email-drift").mustHave(t, "Address is somebody else", "ada")
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	if strings.Contains(ada.get("/account").body, "Your email addresses differ") {
		t.Error("the page of the account tells of somebody else's address")
	}
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"},
		path.Choose)
	by := actor.Actor{Kind: actor.Person, ID: bo.ID}
	decision := drift.Decision{AccountID: w.ada.ID, State: drift.Left, Reason: "x"}
	if err := drift.Decide(t.Context(), w.DB, by, decision); err == nil {
		t.Error("somebody without permission decided")
	}
	w.link()
	w.compared[w.ada.EmailKey] = extract.Compared{By: extract.BySubject, Name: extract.NameSame, State: extract.Active,
		Email: "ada@nhs.net", Had: true}
	w.Must(watch.CompareOne(t.Context(), w.ada))
	w.clock.Advance(time.Minute)
	in := w.browser()
	w.issuer.Person.Email = "ada@nhs.net"
	in.careIdentity()
	in.get("/account").mustHave(t, "The one on your Care Identity looks newer", "You can log in all the same")
}
