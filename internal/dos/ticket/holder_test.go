package ticket_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/worldtest"
)

func (w *world) person(name, address string, kind account.Kind) account.Account {
	w.Helper()
	return w.Account(account.New{Username: name, FirstName: name, Email: address, Kind: kind}, "")
}

// refusal records that somebody was refused as whoever holds an account, and gives the reference that they read.
func (w *world) refusal(a account.Account) string {
	w.Helper()
	made := reference.New()
	by := actor.Actor{Kind: actor.Stranger, Request: made, Address: "198.51.100.7"}
	w.Must(w.DB.Update(w.Context(), by, func(u *db.W) error {
		return u.RecordRefusal(w.Context(), audit.Event{Kind: "signin.password-wrong", Subject: account.Ref(a.ID)})
	}))
	return made
}

var ownLink = regexp.MustCompile(`/my-ticket/([^/\s]+)/(\S+)`)

// opened has whoever reads the address of a ticket open it by the link and the code that are mailed.
func (w *world) opened(one ticket.Ticket) {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(one.Email) {
		link := ownLink.FindStringSubmatch(m.Text)
		if link == nil || link[1] != one.ID {
			continue
		}
		cookie, err := w.desk.Return(w.Context(), stranger("n"), link[1], link[2])
		w.Must(err)
		w.Must(w.desk.Confirm(w.Context(), stranger("n"), cookie, w.Code(one.Email)))
		return
	}
	w.Fatal("no link was mailed")
}

// asked counts who asked for help, of all.
func (w *world) asked() int {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (int, error) {
		return ticket.CountPeople(ctx, r, audit.Among{SQL: `SELECT id FROM account`}, time.Time{})
	})
}

// Nobody counts as somebody who asked for help whom others named: by an address, or by the reference of a refusal that
// they caused themselves. Otherwise anybody could pause a wave.
func TestWhoIsNamedByOthersHasNotAskedForHelp(t *testing.T) {
	w := newWorld(t)
	team := w.person("team", "team@example.nhs.uk", account.Shared)
	for n := range 5 {
		name := fmt.Sprint("named", n)
		ref := typed("mallory@evil.example")
		ref.Reference = w.refusal(w.person(name, name+"@example.nhs.uk", account.Individual))
		byReference, err := w.desk.Raise(t.Context(), stranger("n"), ref)
		w.Must(err)
		if byReference.Ticket.AccountID == "" {
			t.Fatal("the reference names nobody: the check would prove nothing")
		}
		if n == 0 {
			w.opened(byReference.Ticket)
		}
		w.raised(as(team), name+"@example.nhs.uk")
		w.raised(stranger("n"), name+"@example.nhs.uk")
	}
	if n := w.asked(); n != 0 {
		t.Errorf("%d people asked for help whom others named", n)
	}
	w.raised(as(w.person("herself", "herself@example.nhs.uk", account.Individual)), "")
	w.person("reader", "reader@example.nhs.uk", account.Individual)
	w.opened(w.raised(stranger("n"), "reader@example.nhs.uk"))
	caller := w.person("caller", "caller@example.nhs.uk", account.Individual)
	call := typed("")
	call.Phone = "01632 960999"
	_, err := w.desk.RaiseFor(t.Context(), as(w.agent), ticket.Call{Typed: call, AccountID: caller.ID})
	w.Must(err)
	if n := w.asked(); n != 3 {
		t.Errorf("%d people asked for help: one logged in, one by their mailbox and one by telephone", n)
	}
}

// A ticket is read without a code by one person alone, and not by all who log in with the account of a team.
func TestATeamReadsNoTicketWithoutACode(t *testing.T) {
	w := newWorld(t)
	for kind, want := range map[account.Kind]bool{account.Individual: true, account.Shared: false} {
		a := w.person("of-"+string(kind), string(kind)+"@example.nhs.uk", kind)
		about := typed("somebody@example.nhs.uk")
		about.Reference = w.refusal(a)
		one, err := w.desk.Raise(t.Context(), as(a), about)
		w.Must(err)
		if one.Ticket.AccountID != a.ID || one.Ticket.RaisedBy != a.ID {
			t.Fatalf("%s: the ticket is %+v", kind, one.Ticket)
		}
		_, own, err := w.desk.Begun(t.Context(), as(a), one.Cookie)
		w.Must(err)
		_, err = w.desk.OpenOwn(t.Context(), as(a), one.Ticket.ID)
		if own != want || (err == nil) != want || err != nil && !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: read without a code: %v, opened: %v", kind, own, err)
		}
	}
}

// What somebody begins logged in is theirs: the next person on the computer does not go on with it, logged in or not.
func TestASittingIsOfWhoBeganIt(t *testing.T) {
	w := newWorld(t)
	ann := w.person("ann", "ann@example.nhs.uk", account.Individual)
	one, err := w.desk.Raise(t.Context(), as(ann), typed(""))
	w.Must(err)
	w.Must(w.desk.Reply(t.Context(), as(ann), one.Cookie, "More."))
	for name, next := range map[string]actor.Actor{"a colleague": as(w.agent), "nobody": stranger("n")} {
		_, _, _, read := w.desk.Mine(t.Context(), next, one.Cookie)
		written := w.desk.Reply(t.Context(), next, one.Cookie, "Mine.")
		if !errors.Is(read, fault.Expired) || !errors.Is(written, fault.Expired) {
			t.Errorf("%s: read %v, written %v", name, read, written)
		}
	}
}

// Strangers from many networks keep nobody out on whose browser somebody has logged in.
func TestStrangersLeaveRoomForKnownBrowsers(t *testing.T) {
	w := newWorld(t)
	raise := func(n int, known bool) error {
		one := typed(fmt.Sprintf("m%d@example.nhs.uk", n))
		one.Known = known
		_, err := w.desk.Raise(t.Context(), stranger(fmt.Sprint("many", n)), one)
		return err
	}
	for n := range 500 {
		w.Must(raise(n, false))
	}
	if err := raise(1000, false); !errors.Is(err, fault.TooMany) {
		t.Errorf("one more stranger: %v", err)
	}
	for n := range 500 {
		w.Must(raise(2000+n, true))
	}
	if err := raise(3000, true); !errors.Is(err, fault.TooMany) {
		t.Errorf("one more known browser: %v", err)
	}
}
