package team_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// A team is told of an invitation once, however often it is renewed. Whoever invites and withdraws, or has a friend who
// declines, writes to the others three times an hour at most, and 50 times a day whoever is invited. The first
// invitation of a person is never held back by those of another.
func TestNobodyFillsAMailboxWithInvitations(t *testing.T) {
	w := open(t)
	ada := w.person("Ada", "ada@fenmarch.example", true)
	ben := w.person("Ben", "", false)
	id := w.make(ada, "Rota")
	roll := w.Registry().Roll()
	told := func() int { return w.told("ada@fenmarch.example") }
	for range 5 {
		w.Must(roll.Invite(t.Context(), ada, id, ben.ID))
	}
	if n := told(); n != 1 {
		t.Errorf("told %d times of one invitation", n)
	}
	w.Must(team.Withdraw(t.Context(), w.DB, ada, id, w.waiting(ben)[0].ID))
	w.Must(roll.Invite(t.Context(), ada, id, ben.ID))
	w.Must(team.Decline(t.Context(), w.DB, ben, w.waiting(ben)[0].ID))
	w.Must(roll.Invite(t.Context(), ada, id, ben.ID))
	w.Must(team.Withdraw(t.Context(), w.DB, ada, id, w.waiting(ben)[0].ID))
	var y worldtest.Tally
	err := roll.Invite(t.Context(), ada, id, ben.ID)
	if said, is := fault.From(err); !is || said.Field != "invite" || !errors.Is(err, fault.TooMany) {
		t.Errorf("a fourth time within the hour: %v", err)
	}
	y.Refused(t, "a fourth time within the hour", err == nil)
	other := w.make(ada, "Handover")
	w.Must(roll.Invite(t.Context(), ada, other, ben.ID)) // by another team
	w.Clock.Advance(time.Hour)
	w.Must(roll.Invite(t.Context(), ada, id, ben.ID))
	for n := 4; n < 50; n++ {
		w.Must(roll.Invite(t.Context(), ada, id, fmt.Sprintf("colleague%d@fenmarch.example", n)))
		w.withdraw(ada, id)
	}
	y.Refused(t, "of a fifty-first", roll.Invite(t.Context(), ada, id, "one.more@fenmarch.example") == nil)
	y.Report(t, "invitations")
	if n := told(); n != 51 {
		t.Errorf("told %d times, want 50 of one team and 1 of the other", n)
	}
	w.Clock.Advance(24 * time.Hour)
	w.Must(roll.Invite(t.Context(), ada, id, "one.more@fenmarch.example"))
}

// told counts the mails about invitations that an address got.
func (w *world) told(to string) (n int) {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(to) {
		if strings.Contains(m.Text, "was invited to the team.") {
			n++
		}
	}
	return n
}

// withdraw takes back every invitation of a team that waits.
func (w *world) withdraw(by actor.Actor, id string) {
	w.Helper()
	var waiting []team.Invitation
	w.view(func(r db.R) (err error) {
		waiting, err = team.Invitations(w.Context(), r, id)
		return err
	})
	for _, i := range waiting {
		w.Must(team.Withdraw(w.Context(), w.DB, by, id, i.ID))
	}
}
