package request_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/worldtest"
)

// The account, its group and its link are made by the approval, and no password ever.
func TestApprovalMakesAccountAndLink(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	w.Must(w.approve(w.norma, id, w.provider()))
	w.View(func(ctx context.Context, r db.R) error {
		a, err := account.ByCareIdentity(ctx, r, niaAtCIS2.Issuer, niaAtCIS2.Subject)
		if err != nil {
			return err
		}
		if a.Username != "nia.newcomer" || a.PasswordHash != "" || a.Region != w.north || a.Organisation != "FXX01" ||
			a.EmailProved.IsZero() {
			t.Errorf("the account is %+v", a)
		}
		grants, err := account.GrantsOf(ctx, r, a.ID)
		if !grants.Hold(account.EditCapacity) || grants.Hold(account.ManageUsers) {
			t.Errorf("the grants are %v", grants)
		}
		return err
	})
	if w.state(id) != request.Approved {
		t.Errorf("the request is %s", w.state(id))
	}
	if w.Mailed("request.approved", "nia@example.nhs.uk") != 1 || w.Mailed("link.made", "nia@example.nhs.uk") != 1 {
		t.Error("the asker is not told")
	}
	if outcome := w.enter(niaAtCIS2); outcome != "enter" {
		t.Errorf("the asker comes in: %s", outcome)
	}
}

// Without a Care Identity, the account waits for it. One of the same name links it; one of another name goes back to
// the administrators.
func TestApprovalBeforeTheCareIdentity(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	w.Must(w.approve(w.norma, id, searchOnly))
	if w.state(id) != request.SetUp || w.accounts() != 4 {
		t.Fatalf("%s, %d accounts", w.state(id), w.accounts())
	}
	w.Settle()
	subject := "Action required: Complete the setup of your Directory of Services (DoS) account"
	if !slices.ContainsFunc(w.Mails.To("nia@example.nhs.uk"), func(m mail.Arrival) bool {
		return m.Subject == subject && strings.Contains(m.Text, home+"/my-request/")
	}) {
		t.Error("the asker is not told how to complete the setup")
	}
	w.Must(w.prove(cookie, niaAtCIS2))
	if w.state(id) != request.Approved {
		t.Errorf("with the Care Identity it is %s", w.state(id))
	}
	other, second := w.confirmed(stranger, nia(func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
	w.Must(w.approve(w.boss, second, searchOnly))
	w.Must(w.prove(other, person("500000000044", "Leila", "Haddad")))
	if w.state(second) != request.Open || w.links() != 1 {
		t.Fatalf("of another name: %s, %d links", w.state(second), w.links())
	}
	if err := w.approve(w.boss, second, searchOnly); !is(err, fault.Conflict) {
		t.Errorf("approved again with a group: %v", err)
	}
	w.Must(w.approve(w.boss, second, request.Approval{}))
	if w.state(second) != request.Approved || w.links() != 2 {
		t.Errorf("approved again: %s, %d links", w.state(second), w.links())
	}
	if n := len(w.Events("link.names-differ")); n != 1 {
		t.Errorf("%d events say that the names differ", n)
	}
}

// L28: nobody decides their own request: as the account that was logged in, by the same Care Identity, by a former one,
// by another account of theirs or by its address.
func TestNobodyDecidesTheirOwnRequest(t *testing.T) {
	w := newWorld(t)
	w.linked(w.norma, "500000000061")
	second := w.administrator("second", account.InRegion(w.north))
	w.linkedBefore(second, "500000000061") // the same person's other account
	var y worldtest.Tally
	try := func(name, id string, by account.Account) {
		t.Helper()
		before := w.accounts()
		for what, err := range map[string]error{
			"approves": w.approve(by, id, searchOnly),
			"rejects":  w.requests.Reject(t.Context(), as(by), id, "because"),
			"looks":    w.requests.Look(t.Context(), as(by), id, true),
		} {
			y.Refused(t, name+": "+what, err == nil)
			if !is(err, fault.Forbidden) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if w.accounts() != before || !w.state(id).Undecided() {
			t.Errorf("%s: something was done", name)
		}
	}
	_, asked := w.confirmed(as(w.norma), nia(in(w.north)))
	try("while logged in", asked, w.norma)
	try("by another account of the same person", asked, second)
	_, address := w.confirmed(stranger, nia(in(w.north), func(t *request.Typed) { t.Email = "x@example.nhs.uk" }))
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE request SET email_key = 'second@example.nhs.uk' WHERE id = $1`, address)
	})
	try("by the address of another account", address, w.norma)
	_, identity := w.confirmed(stranger, nia(in(w.north), func(t *request.Typed) { t.Email = "y@example.nhs.uk" }))
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE request SET claims = $2, issuer = $3, subject = $4 WHERE id = $1`, identity,
			`{"issuer":"`+issuer+`","subject":"500000000061"}`, issuer, "500000000061")
	})
	try("with their Care Identity", identity, second)
	w.Must(w.approve(w.boss, asked, searchOnly)) // the honest twin
	y.Report(t, "L28 own requests")
}

// L28: two people who approve each other within a day are flagged to the administrators.
func TestMutualApprovalIsFlagged(t *testing.T) {
	for name, tt := range map[string]struct {
		pause   time.Duration
		flagged bool
	}{"within a day": {time.Hour, true}, "after a day": {25 * time.Hour, false}} {
		w := newWorld(t)
		_, first := w.confirmed(as(w.norma), nia(in(w.north)))
		w.Must(w.approve(w.boss, first, searchOnly))
		w.Clock.Advance(tt.pause)
		_, second := w.confirmed(as(w.boss), nia(in(w.north), func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
		w.Must(w.approve(w.norma, second, searchOnly))
		if w.read(first).Flagged || w.read(second).Flagged != tt.flagged {
			t.Errorf("%s: flagged %v, %v", name, w.read(first).Flagged, w.read(second).Flagged)
		}
		if told := w.Mailed("request.flagged", w.boss.Email) == 1; told != tt.flagged {
			t.Errorf("%s: the administrators are told: %v", name, told)
		}
	}
}

// Whoever is told of two who approved each other reads which accounts decided, whatever name a request is in.
func TestAFlagNamesWhoDecided(t *testing.T) {
	w := newWorld(t)
	_, first := w.confirmed(stranger, called(w.north, "Norma", "Example", "n2@example.nhs.uk"))
	w.Must(w.approve(w.boss, first, searchOnly))
	_, second := w.confirmed(as(w.boss), called(w.north, "Penny", "Sharp", "penny@example.nhs.uk"))
	w.Must(w.approve(w.norma, second, searchOnly))
	w.Settle()
	text := ""
	for _, m := range w.Mails.To(w.boss.Email) {
		text += m.Text
	}
	for _, want := range []string{
		w.norma.Name() + " approved the request for a Directory of Services account of Penny Sharp (penny@example.nhs.uk).",
		w.boss.Name() + " (" + w.boss.Username + ") approved that of Norma Example (n2@example.nhs.uk).",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q: %s", want, text)
		}
	}
}

// L29: whoever approves must have the right to at that moment: active, for that region, not for the last hour only, and
// with all that they give.
func TestApproversWithoutTheRight(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	nobody := w.Account(account.New{Username: "nobody", Email: "nobody@example.nhs.uk"}, "")
	gone := w.administrator("gone", account.InRegion(w.north))
	new := w.Account(account.New{Username: "new", Email: "new@example.nhs.uk", Region: w.north}, "")
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	w.give(new, account.UserAdministrator, account.InRegion(w.north))
	var y worldtest.Tally
	try := func(name string, by account.Account, a request.Approval) {
		t.Helper()
		err := w.approve(by, id, a)
		y.Refused(t, name, err == nil)
		if !is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	before := w.accounts()
	try("no permission", nobody, searchOnly)
	try("deactivated", gone, searchOnly)
	try("another region", w.sandra, searchOnly)
	try("given a minute ago", new, searchOnly)
	try("a group beyond their region", w.norma, request.Approval{Group: account.ProviderUser, Scope: account.Everywhere})
	try("a group that they do not hold", w.norma,
		request.Approval{Group: account.ProgrammeTeam, Scope: account.Everywhere})
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET active = FALSE WHERE id = $1`, w.norma.ID)
	})
	try("deactivated a moment ago", w.norma, searchOnly)
	if w.accounts() != before || w.links() != 0 || w.state(id) != request.Open {
		t.Errorf("something was done: %d accounts, %d links", w.accounts()-before, w.links())
	}
	w.Clock.Advance(request.JustGiven)
	w.Must(w.approve(new, id, w.provider())) // the honest twin
	y.Report(t, "L29 approvers without the right")
}

// A request that nobody confirmed is seen and not approved; after 28 days all such are ended by one act, by those whose
// they are.
func TestUnconfirmedRequests(t *testing.T) {
	w := newWorld(t)
	w.begun(stranger, nia(in(w.north)))
	w.begun(stranger, nia(in(w.south), func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
	list := w.list(w.norma, request.Filter{})
	if len(list) != 1 || list[0].State != request.Unconfirmed {
		t.Fatalf("listed: %+v", list)
	}
	if err := w.approve(w.norma, list[0].ID, searchOnly); !is(err, fault.Conflict) || w.accounts() != 3 {
		t.Errorf("approved: %v", err)
	}
	if n, err := w.requests.RejectOverdue(t.Context(), as(w.norma)); n != 0 || err == nil {
		t.Errorf("%d ended on the first day, %v", n, err)
	}
	w.Clock.Advance(request.Overdue)
	if n, err := w.requests.RejectOverdue(t.Context(), as(w.norma)); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	if list := w.list(w.boss, request.Filter{}); len(list) != 1 || !list[0].Overdue(w.Clock.Now()) {
		t.Errorf("left: %+v", list)
	}
	if w.Mailed("request.rejected", "nia@example.nhs.uk") != 0 {
		t.Error("whoever never confirmed the address is written to")
	}
}

// One of several who decide at once does.
func TestOneDecisionOfARequest(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	var group sync.WaitGroup
	outcomes := make([]error, 8)
	for i := range outcomes {
		group.Go(func() {
			if i%2 == 0 {
				outcomes[i] = w.approve([]account.Account{w.boss, w.norma}[i/2%2], id, searchOnly)
				return
			}
			outcomes[i] = w.requests.Reject(t.Context(), as(w.boss), id, "another tool fits better")
		})
	}
	group.Wait()
	done := len(slices.DeleteFunc(slices.Clone(outcomes), func(err error) bool { return err != nil }))
	if done != 1 {
		t.Errorf("%d decided: %v", done, outcomes)
	}
	if approved := w.state(id) == request.Approved; approved != (w.accounts() == 4) || approved != (w.links() == 1) {
		t.Errorf("half done: %s, %d accounts, %d links", w.state(id), w.accounts(), w.links())
	}
}

// While somebody looks at a request, nobody else decides it, for 15 minutes; unless they take it over.
func TestOneLooksAtARequest(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	w.Must(w.requests.Look(t.Context(), as(w.norma), id, false))
	if list := w.list(w.boss, request.Filter{}); list[0].Review.Name != "Norma Example" {
		t.Errorf("who looks: %+v", list[0].Review)
	}
	for what, err := range map[string]error{
		"look":    w.requests.Look(t.Context(), as(w.boss), id, false),
		"approve": w.approve(w.boss, id, searchOnly),
		"reject":  w.requests.Reject(t.Context(), as(w.boss), id, "because"),
		"ask":     w.requests.AskBack(t.Context(), as(w.boss), id, "Why?"),
		"move":    w.requests.Move(t.Context(), as(w.boss), id, w.south),
	} {
		if !is(err, fault.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.Must(w.requests.Look(t.Context(), as(w.boss), id, true))
	if err := w.approve(w.norma, id, searchOnly); !is(err, fault.Conflict) {
		t.Errorf("whoever looked before: %v", err)
	}
	if e := w.Events("request.looked-at"); !slices.ContainsFunc(e, func(one auditEntry) bool {
		return string(one.Before) == `"Norma Example"`
	}) {
		t.Error("no event says whose look was taken over")
	}
	w.Clock.Advance(request.ReviewLasts)
	w.Must(w.approve(w.norma, id, searchOnly))
}

// A question goes to the asker and their answer comes back; the time that it took is theirs.
func TestAskingBack(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	w.Must(w.requests.AskBack(t.Context(), as(w.norma), id, "Which pharmacy?"))
	if w.state(id) != request.Asked || w.Mailed("request.question", "nia@example.nhs.uk") != 1 {
		t.Fatalf("asked: %s", w.state(id))
	}
	w.Clock.Advance(30 * time.Minute)
	w.Must(w.requests.Reply(t.Context(), stranger, cookie, "The one in Mill Road."))
	got := w.read(id)
	if got.State != request.Open || got.Answer != "The one in Mill Road." || got.AskerTook != 30*time.Minute {
		t.Errorf("answered: %+v", got)
	}
	if err := w.requests.Reply(t.Context(), stranger, cookie, "Once more."); !is(err, fault.Conflict) {
		t.Errorf("answered twice: %v", err)
	}
}

// Another region's administrators decide a request that was moved there, and it is not rejected for that.
func TestMovingARequest(t *testing.T) {
	w := newWorld(t)
	_, id := w.confirmed(stranger, nia(in(w.north)))
	if len(w.list(w.sandra, request.Filter{})) != 0 || len(w.list(w.norma, request.Filter{})) != 1 {
		t.Error("listed in another region")
	}
	if err := w.requests.Move(t.Context(), as(w.sandra), id, w.south); !is(err, fault.Forbidden) {
		t.Errorf("moved by another region: %v", err)
	}
	w.Must(w.requests.Move(t.Context(), as(w.norma), id, w.south))
	if err := w.approve(w.norma, id, searchOnly); !is(err, fault.Forbidden) {
		t.Errorf("approved by the former region: %v", err)
	}
	w.Must(w.approve(w.sandra, id, searchOnly))
	_, nowhere := w.confirmed(stranger, nia(func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
	if len(w.list(w.norma, request.Filter{})) != 0 || len(w.list(w.boss, request.Filter{})) != 1 {
		t.Error("a request of no region is for those who look after everywhere")
	}
	if err := w.requests.Move(t.Context(), as(w.boss), nowhere, "none"); !is(err, fault.Invalid) {
		t.Errorf("moved to where no region is: %v", err)
	}
}

// Two people of one name get usernames of their own; a name without plain letters gives way to the address.
func TestUsernamesOfRequests(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ first, last, email, want string }{
		{"Nia", "Newcomer", "nia1@example.nhs.uk", "nia.newcomer"},
		{"NIA", "Newcomer", "nia2@example.nhs.uk", "nia.newcomer2"},
		{"Zoë", "O’Brien-Smith", "zoe@example.nhs.uk", "zoe.obriensmith"},
		{"Юлия", "Петрова", "j.petrova@example.nhs.uk", "jpetrova"},
	} {
		_, id := w.confirmed(stranger, nia(func(t *request.Typed) {
			t.FirstName = tt.first
			t.LastName = tt.last
			t.Email = tt.email
		}))
		w.Must(w.approve(w.boss, id, searchOnly))
		w.View(func(ctx context.Context, r db.R) error {
			a, err := account.ByID(ctx, r, w.read(id).AccountID)
			if a.Username != tt.want {
				t.Errorf("%s %s: %q, want %q", tt.first, tt.last, a.Username, tt.want)
			}
			return err
		})
	}
}
