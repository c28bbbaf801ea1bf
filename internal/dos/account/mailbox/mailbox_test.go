package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/worldtest"
)

// world holds accounts in a real database, with a mailbox.
type world struct{ *dostest.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	return w
}

func (w *world) account(username, address string) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: address, EmailProved: true}, "")
}

func (w *world) read(id string) (a account.Account, settled string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		if a, err = account.ByID(ctx, r, id); err != nil {
			return err
		}
		settled, err = mailbox.SettledOf(ctx, r, a)
		return err
	})
	return a, settled
}

// holder acts as whoever is logged in with an account.
func holder(id string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: id, Session: "one"} }

func (w *world) ask(id, to string) error {
	return mailbox.Ask(w.Context(), w.DB, holder(id), w.Post, id, to)
}

func (w *world) confirm(id, code string) error {
	return mailbox.Confirm(w.Context(), w.DB, holder(id), w.Post, id, code)
}

// change changes an address as its holder does, from start to end.
func (w *world) change(id, to string) {
	w.Helper()
	w.Must(w.ask(id, to))
	w.Must(w.confirm(id, w.code(to)))
}

func (w *world) code(to string) string {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(to) {
		if found := regexp.MustCompile(`code is ([A-Z0-9]{4} [A-Z0-9]{4})`).FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.Fatalf("no code was mailed to %s", to)
	return ""
}

func (w *world) link(id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: id, Issuer: "https://issuer.example", Subject: "1", How: "test"})
	})
}

// R8: a change needs a code, both addresses get a mail, and the new one does not count for linking for 72 hours.
func TestChangeOfAddress(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	w.Clock.Advance(10 * 24 * time.Hour)
	w.Must(w.ask(a.ID, "Ada.New@nhs.net"))
	if now, _ := w.read(a.ID); now.Email != "ada@nhs.net" {
		t.Fatalf("asking alone changed the address to %s", now.Email)
	}
	w.Must(w.confirm(a.ID, w.code("Ada.New@nhs.net")))
	now, settled := w.read(a.ID)
	if now.Email != "Ada.New@nhs.net" || now.EmailKey != "ada.new@nhs.net" || now.EmailProved != w.Clock.Now() ||
		settled != "ada@nhs.net" {
		t.Errorf("after the change: %s, key %s, proved %v, settled %s", now.Email, now.EmailKey, now.EmailProved,
			settled)
	}
	old := w.Mailed("account.email-changed", "ada@nhs.net")
	next := w.Mailed("account.email-changed", "Ada.New@nhs.net")
	if old != 1 || next != 1 {
		t.Errorf("told %d times at the old address and %d at the new", old, next)
	}
	w.Clock.Advance(mailbox.Settled - time.Millisecond)
	if _, settled := w.read(a.ID); settled != "ada@nhs.net" {
		t.Errorf("just before 72 hours: %s", settled)
	}
	w.Clock.Advance(time.Millisecond)
	if _, settled := w.read(a.ID); settled != "Ada.New@nhs.net" {
		t.Errorf("after 72 hours: %s", settled)
	}
}

// An account is found by its new address, and no longer by the old one.
func TestChangeOfAddressIsFound(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "old@example.nhs.uk")
	w.change(a.ID, "new@example.nhs.uk")
	for typed, want := range map[string]int{"new@example.nhs.uk": 1, "old@example.nhs.uk": 0, "old": 0, "ada": 1} {
		search := account.Search{Within: account.Reach{Everywhere: true}, Words: typed}
		got := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (account.Results, error) {
			return account.Find(ctx, r, search, account.Place{}, 10)
		})
		if len(got.Accounts) != want {
			t.Errorf("%s finds %d, want %d", typed, len(got.Accounts), want)
		}
	}
}

// Proving the present address changes only the time of the proof.
func TestProvingThePresentAddress(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	w.Clock.Advance(40 * 24 * time.Hour)
	w.change(a.ID, "ada@nhs.net")
	now, settled := w.read(a.ID)
	if now.EmailProved != w.Clock.Now() || now.EmailSince != a.EmailSince || settled != "ada@nhs.net" {
		t.Errorf("proved %v, since %v, settled %s", now.EmailProved, now.EmailSince, settled)
	}
	if n := w.Mailed("account.email-changed", "ada@nhs.net"); n != 0 {
		t.Errorf("told %d times of a change that was none", n)
	}
}

// The settled address is the one of 72 hours ago, whatever changed after that.
func TestSettledAddress(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "first@nhs.net")
	w.change(a.ID, "second@nhs.net") // a new account's first change may come at once
	if _, settled := w.read(a.ID); settled != "first@nhs.net" {
		t.Errorf("of an account younger than 72 hours: %s", settled)
	}
	w.Clock.Advance(mailbox.Settled)
	w.change(a.ID, "third@nhs.net")
	if _, settled := w.read(a.ID); settled != "second@nhs.net" {
		t.Errorf("after the second change: %s", settled)
	}
	w.Clock.Advance(mailbox.Settled)
	w.change(a.ID, "fourth@nhs.net")
	if _, settled := w.read(a.ID); settled != "third@nhs.net" {
		t.Errorf("after the third change: %s", settled)
	}
}

func TestChangeIsRefused(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	other := w.account("other", "other@nhs.net")
	w.Clock.Advance(10 * 24 * time.Hour)
	var y worldtest.Tally
	for _, to := range []string{"", "nonsense", "Ada <ada@nhs.net>", "reception@nhs.net", "info@nhs.net"} {
		err := w.ask(a.ID, to)
		y.Refused(t, "asked for "+to, err == nil)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", to, err)
		}
	}
	w.Must(w.ask(a.ID, "OTHER@nhs.net")) // somebody who reads the mailbox learns nothing else
	y.Refused(t, "another account's address", w.confirm(a.ID, w.code("OTHER@nhs.net")) == nil)
	w.Must(w.ask(a.ID, "new@nhs.net"))
	code := w.code("new@nhs.net")
	y.Refused(t, "somebody else's code", w.confirm(other.ID, code) == nil)
	y.Refused(t, "no code", w.confirm(a.ID, "") == nil)
	w.Must(w.confirm(a.ID, code))
	y.Refused(t, "the code twice", w.confirm(a.ID, code) == nil)
	y.Refused(t, "a second change within 72 hours", w.ask(a.ID, "newer@nhs.net") == nil)
	w.Must(w.ask(a.ID, "new@nhs.net")) // proving it again does not count as a change
	w.Clock.Advance(mailbox.Settled)
	w.Must(w.ask(a.ID, "newer@nhs.net"))
	w.Clock.Advance(15 * time.Minute)
	y.Refused(t, "a code after 15 minutes", w.confirm(a.ID, w.code("newer@nhs.net")) == nil)
	if now, _ := w.read(a.ID); now.Email != "new@nhs.net" {
		t.Errorf("the address is %s", now.Email)
	}
	y.Report(t, "R8 changes of address")
}

// L20: an older code does not work once a newer one was sent, and after five wrong codes none works.
func TestOlderCodesAndTooManyTries(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	var y worldtest.Tally
	w.Must(w.ask(a.ID, "one@nhs.net"))
	older := w.code("one@nhs.net")
	w.Must(w.ask(a.ID, "two@nhs.net"))
	y.Refused(t, "an older code", w.confirm(a.ID, older) == nil)
	for i := range 5 {
		y.Refused(t, "a wrong code", w.confirm(a.ID, fmt.Sprintf("WRNG234%d", i)) == nil)
	}
	y.Refused(t, "the right code after five wrong ones", w.confirm(a.ID, w.code("two@nhs.net")) == nil)
	w.Must(w.ask(a.ID, "three@nhs.net"))
	if err := w.confirm(a.ID, w.code("three@nhs.net")); err != nil {
		t.Errorf("a new code after that: %v", err)
	}
	y.Report(t, "L20 codes")
}

// Nobody can be sent an unlimited number of mails.
func TestFiveCodesAndThenAWait(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	var newest string
	for range 5 {
		w.Clock.Advance(time.Second)
		w.Must(w.ask(a.ID, "victim@nhs.net"))
		newest = w.code("victim@nhs.net")
	}
	var y worldtest.Tally
	for range 20 {
		err := w.ask(a.ID, "victim@nhs.net")
		y.Refused(t, "a sixth code", err == nil)
		if !errors.Is(err, fault.TooMany) {
			t.Errorf("said %v", err)
		}
	}
	if n := w.Mailed("account.email-code", "victim@nhs.net"); n != 5 {
		t.Errorf("%d mails", n)
	}
	if err := w.confirm(a.ID, newest); err != nil {
		t.Errorf("the newest code: %v", err)
	}
	y.Refused(t, "a sixth code once the fifth was used", w.ask(a.ID, "victim@nhs.net") == nil)
	y.Refused(t, "the used code again", w.confirm(a.ID, newest) == nil)
	w.Clock.Advance(15 * time.Minute)
	if err := w.ask(a.ID, "victim@nhs.net"); err != nil {
		t.Errorf("once the last has ended: %v", err)
	}
	y.Report(t, "codes one after another")
}

// Using each code, or cancelling them by a link, does not allow more of them.
func TestUsedCodesCount(t *testing.T) {
	for name, end := range map[string]func(w *world, id string){
		"used": func(w *world, id string) { w.Must(w.confirm(id, w.code("ada@nhs.net"))) },
		"ended by a link": func(w *world, id string) {
			w.link(id)
			w.Update(func(ctx context.Context, u *db.W) error { return account.RemoveLink(ctx, u, id, "test") })
		},
	} {
		w := newWorld(t)
		a := w.account("ada", "ada@nhs.net")
		for n := range 5 {
			w.Clock.Advance(time.Second)
			if err := w.ask(a.ID, "ada@nhs.net"); err != nil {
				t.Fatalf("code %d: %v", n+1, err)
			}
			end(w, a.ID)
		}
		if err := w.ask(a.ID, "ada@nhs.net"); !errors.Is(err, fault.TooMany) {
			t.Errorf("after five that were %s: %v", name, err)
		}
	}
}

// The page shows the address that waits for its code, until the code expires.
func TestAwaited(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	awaited := func() (to string) {
		t.Helper()
		err := w.DB.View(t.Context(), func(r db.R) error {
			all, err := mailcode.Awaited(t.Context(), r, account.ForEmail, account.Ref(a.ID))
			to = strings.Join(all, " ")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	if awaited() != "" {
		t.Error("waits before anybody asked")
	}
	w.Must(w.ask(a.ID, "new@nhs.net"))
	if got := awaited(); got != "new@nhs.net" {
		t.Errorf("waits for %q", got)
	}
	w.Clock.Advance(15 * time.Minute)
	if awaited() != "" {
		t.Error("waits after 15 minutes")
	}
	w.change(a.ID, "ada@nhs.net")
	if awaited() != "" {
		t.Error("waits after the code was used")
	}
}

// The mail with the code says what the code does, to whose account, and what to do about one that nobody asked for.
func TestTheMailOfACodeSaysWhatItIsFor(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	for to, want := range map[string]string{
		"new@nhs.net": "makes this the email address", "ada@nhs.net": "confirms that this is the email address",
	} {
		w.Must(w.ask(a.ID, to))
		w.Settle()
		text := w.Mails.To(to)[0].Text
		for _, words := range []string{want, "ada (" + a.Name() + ")", "do not pass the code on", "service desk"} {
			if !strings.Contains(text, words) {
				t.Errorf("the mail to %s lacks %q:\n%s", to, words, text)
			}
		}
	}
}

// R5: a link ends every old way to sign in.
func TestCleanSlate(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	w.Update(func(ctx context.Context, u *db.W) error { return account.SetPassword(ctx, u, a.ID, "hash") })
	w.Update(func(ctx context.Context, u *db.W) error { return account.AllowRelink(ctx, u, a.ID, []byte("digest")) })
	w.Must(w.ask(a.ID, "new@nhs.net"))
	code := w.code("new@nhs.net")
	w.link(a.ID)
	now, _ := w.read(a.ID)
	if now.PasswordHash != "" || !now.RelinkUntil.IsZero() {
		t.Errorf("password %q, relink until %v", now.PasswordHash, now.RelinkUntil)
	}
	if err := w.confirm(a.ID, code); !errors.Is(err, fault.Expired) {
		t.Errorf("the pending change of address: %v", err)
	}
}

// Codes as people type them.
func TestCodeIsReadHowItIsTyped(t *testing.T) {
	for name, typed := range map[string]func(code string) string{
		"as mailed": func(c string) string { return c }, "lower case": strings.ToLower,
		"in two halves": func(c string) string {
			return c[:4] + " " + c[4:]
		},
		"with hyphens": func(c string) string { return c[:2] + "-" + c[2:6] + "-" + c[6:] },
	} {
		w := newWorld(t)
		a := w.account("ada", "ada@nhs.net")
		w.Must(w.ask(a.ID, "new@nhs.net"))
		if err := w.confirm(a.ID, typed(w.code("new@nhs.net"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
