package linking_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

var stranger = actor.Actor{Kind: actor.Stranger}

// R3: no ceremony begins with a Care Identity that was not proved for it, however the account was shown.
func TestNothingBindsASessionThatWasThere(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	p := person("ada", a.Email)
	var y worldtest.Tally
	for _, control := range []linking.Control{linking.BySession, linking.ByTyping, linking.ByMailbox} {
		back := cameBack(linking.Claim{AccountID: a.ID, Control: control}.Ask())
		if !back.ProvedNow() {
			t.Errorf("%s: CIS2 is not asked to have them prove themselves", control)
		}
		back.Relying.Prompt = ""
		_, err := w.linker.Begin(t.Context(), stranger, back, p)
		y.Refused(t, string(control)+" without proving it now", err == nil)
		_, err = w.linker.Begin(t.Context(), stranger, cameBack(portal.ProveNow("", a.ID, "")), p)
		y.Refused(t, "a sign-in that was for something else", err == nil)
	}
	_, err := w.linker.Begin(t.Context(), stranger, cameBack(linking.Claim{
		AccountID: a.ID, Control: linking.ByMailbox}.Ask()), p)
	y.Refused(t, "a relink code that is not there", err == nil)
	_, err = w.linker.Begin(t.Context(), stranger, cameBack(linking.Claim{
		AccountID: a.ID, Control: linking.BySession, Session: "over"}.Ask()), p)
	y.Refused(t, "a session that is over", err == nil)
	y.Report(t, "R3 proved now")
}

// Two names are linked only once the person has said that both are theirs, which administrators can look up.
func TestTwoNamesAreAskedAbout(t *testing.T) {
	w := newWorld(t)
	a := w.account("oliver", path.Choose, func(n *account.New) {
		n.FirstName = "Oliver"
		n.LastName = "Grant"
	})
	other := w.account("other", path.Choose)
	w.settle()
	p := person("500000000018", "leila@example.nhs.uk")
	p.Name = "Leila Haddad"
	cookie, err := w.claim(p, "oliver", goodPass)
	w.Must(err)
	code := w.code(a.Email)
	if err := w.confirm(cookie, code); !is(err, fault.Conflict) || w.linked(a.ID) {
		t.Fatalf("linked before the names were looked at: %v", err)
	}
	if err := w.linker.AcceptNames(t.Context(), actor.Actor{Kind: actor.Person, ID: other.ID}, cookie); err == nil {
		t.Error("somebody else said that both names are theirs")
	}
	const events = `SELECT COUNT(*) FROM event WHERE kind = 'link.names-differ' AND subject_id = $1`
	if n := w.Count(events, a.ID); n != 0 {
		t.Errorf("%d events before", n)
	}
	for range 2 {
		w.Must(w.linker.AcceptNames(t.Context(), stranger, cookie))
	}
	if n := w.Count(events, a.ID); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	w.Must(w.confirm(cookie, code))
	for _, to := range []string{a.Email, p.Email} {
		for _, m := range w.Mails.To(to) {
			if m.Kind != "link.made" {
				continue
			}
			if !strings.Contains(m.Text, "oliver (Oliver Grant)") ||
				!strings.Contains(m.Text, "Leila Haddad, number ending 018") || strings.Contains(m.Text, p.Subject) {
				t.Errorf("the mail to %s does not say who and who: %s", to, m.Text)
			}
		}
		if w.Mailed("link.made", to) != 1 {
			t.Errorf("%s is not told", to)
		}
	}
}

// Whoever says "No, use another Care Identity" goes on with the same account, and the ceremony is over.
func TestAnotherCareIdentity(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	wrong := person("leila", "leila@example.nhs.uk")
	wrong.Name = "Leila Haddad"
	cookie, err := w.claim(wrong, "ada", goodPass)
	w.Must(err)
	claim, err := w.linker.Abandon(t.Context(), stranger, cookie)
	w.Must(err)
	if w.confirm(cookie, w.code(a.Email)) == nil || w.linker.AcceptNames(t.Context(), stranger, cookie) == nil {
		t.Error("the ceremony goes on")
	}
	cookie, err = w.linker.Begin(t.Context(), stranger, cameBack(claim.Ask()), person("ada", a.Email))
	w.Must(err)
	w.Must(w.confirm(cookie, ""))
}

// R11: the holder undoes a link without coming in, by a code to the address as it was at the link, though
// whoever linked has changed it since.
func TestHolderUndoesALink(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	free := w.account("free", path.Choose)
	w.settle()
	w.link(a, person("ada", a.Email))
	me := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "one"}
	w.Clock.Advance(4 * 24 * time.Hour)
	w.Must(mailbox.Ask(t.Context(), w.DB, me, w.linker.Post, a.ID, "leila@example.nhs.uk"))
	w.Must(mailbox.Confirm(t.Context(), w.DB, me, w.linker.Post, a.ID, w.code("leila@example.nhs.uk")))
	w.Clock.Advance(account.UndoFor - 4*24*time.Hour - time.Minute)
	ask := func(username string) string {
		t.Helper()
		cookie, err := w.linker.AskUndo(t.Context(), stranger, username, tries.Browser{})
		w.Must(err)
		w.Must(w.linker.FindUndo(t.Context(), cookie))
		return cookie
	}
	undo := func(cookie, code string) error { return w.linker.UndoByCode(t.Context(), stranger, cookie, code) }
	mine := ask("ada")
	code := w.code(a.Email)
	if n := w.Mailed("link.undo-code", "leila@example.nhs.uk"); n != 0 {
		t.Error("the code went to the address of whoever linked")
	}
	var y worldtest.Tally
	wrong := undo(mine, "BCDF2345")
	y.Refused(t, "a wrong code", wrong == nil)
	for _, username := range []string{"nobody", "free", strings.Repeat("é", 40)} {
		cookie := ask(username)
		err := undo(cookie, code)
		y.Refused(t, "the code of another, for "+username, err == nil)
		if err == nil || err.Error() != wrong.Error() {
			t.Errorf("%s is told apart: %v, not %v", username, err, wrong)
		}
	}
	y.Refused(t, "in another browser", undo("x.y", code) == nil)
	if !w.linked(a.ID) || w.Mailed("link.undo-code", free.Email) != 0 {
		t.Fatal("undone, or mailed to an account that has no link")
	}
	w.Must(undo(mine, code))
	y.Refused(t, "twice", undo(mine, code) == nil)
	if w.linked(a.ID) || w.Mailed("link.undone", a.Email) != 1 || w.Mailed("link.undone", "leila@example.nhs.uk") != 1 {
		t.Error("not undone, or not told")
	}
	_, err := w.in("ada", goodPass)
	y.Refused(t, "the old password", err == nil)
	y.Report(t, "R11 undo by the holder")
}

func TestUndoByCodeIsOfOneLinkFor30Days(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	w.settle()
	w.link(a, person("ada", a.Email))
	cookie, err := w.linker.AskUndo(t.Context(), stranger, "ada", tries.Browser{})
	w.Must(err)
	code := w.code(a.Email)
	handed, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID, "wrong person")
	w.Must(err)
	again, err := w.claimByRelinkCode(person("ada", a.Email), "ada", handed)
	w.Must(err)
	w.Must(w.confirm(again, w.code(a.Email)))
	var y worldtest.Tally
	y.Refused(t, "the code of an earlier link", w.linker.UndoByCode(t.Context(), stranger, cookie, code) == nil)
	w.Clock.Advance(account.UndoFor + time.Minute)
	sent := w.Mailed("link.undo-code", a.Email)
	_, err = w.linker.AskUndo(t.Context(), stranger, "ada", tries.Browser{})
	w.Must(err)
	y.Refused(t, "after 30 days", w.Mailed("link.undo-code", a.Email) != sent)
	y.Report(t, "R11 which link")
}

// The browser on which a link was undone is told of which account, and no sooner; so is a request that comes second.
func TestTheBrowserOfAnUndoIsToldOfWhichAccount(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	w.link(a, person("ada", a.Email))
	cookie, err := w.linker.AskUndo(t.Context(), stranger, "ada", tries.Browser{})
	w.Must(err)
	code := w.code(a.Email)
	if _, err := w.linker.Undone(t.Context(), cookie); !errors.Is(err, fault.Expired) {
		t.Errorf("under way: %v", err)
	}
	w.Must(w.linker.UndoByCode(t.Context(), stranger, cookie, code))
	if done, err := w.linker.Undone(t.Context(), cookie); err != nil || done.ID != a.ID {
		t.Errorf("done: %s, %v", done.Username, err)
	}
	if err := w.linker.UndoByCode(t.Context(), stranger, cookie, code); !errors.Is(err, linking.ErrFinished) {
		t.Errorf("a second time: %v", err)
	}
}
