package invitation_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const home = "https://dos.example"

// nia is what somebody who was invited sends.
var nia = request.Typed{
	FirstName: "Nia", LastName: "Newcomer", Email: "nia@example.nhs.uk", Organisation: "FXX01",
	Profession: "pharmacist", Reason: "I keep our opening hours right.",
}

// world has an administrator who invites.
type world struct {
	*dostest.World

	requests    *request.Requests
	invitations *invitation.Invitations
	norma       account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.requests = &request.Requests{DB: w.DB, Post: w.Post, Home: home}
	w.invitations = w.requests.Invitations()
	w.norma = w.Account(account.New{
		Username: "norma", FirstName: "Norma", LastName: "Example", Email: "norma@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere),
	}, "")
	return w
}

// as is somebody who is logged in.
func as(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name(), Session: "session of " + a.Username}
}

// Each colleague gets an invitation of their own, by which their form is filled in, and nothing is made for them
// before.
func TestInvitingColleagues(t *testing.T) {
	w := newWorld(t)
	cookie, err := w.invitations.Prepare(t.Context(), as(w.norma),
		"Nia Newcomer, nia@example.nhs.uk\nDesk, reception@example.nhs.uk\nBo Example, bo@example.nhs.uk", "")
	w.Must(err)
	w.Settle()
	if n := len(w.Mails.To("nia@example.nhs.uk")); n != 0 {
		t.Fatalf("%d mails before the list was sent", n)
	}
	n, err := w.invitations.Send(t.Context(), as(w.norma), cookie)
	w.Must(err)
	left, err := w.invitations.Prepared(t.Context(), as(w.norma), cookie)
	w.Must(err)
	if n != 2 || len(left.Usable()) != 0 || len(left.Refused()) != 1 || w.Count(`SELECT COUNT(*) FROM account`) != 1 {
		t.Errorf("%d invited, left: %+v", n, left)
	}
	if _, err := w.invitations.Send(t.Context(), as(w.norma), cookie); !errors.Is(err, fault.Expired) {
		t.Errorf("sent again: %v", err)
	}
	w.Settle()
	if n := len(w.Mails.To("reception@example.nhs.uk")); n != 0 {
		t.Errorf("%d mails to a team", n)
	}
	mail := w.Mails.To("nia@example.nhs.uk")[0]
	token := regexp.MustCompile(home + `/request-account\?invitation=(\S+)`).FindStringSubmatch(mail.Text)[1]
	invited, err := w.invitations.Followed(t.Context(), token)
	w.Must(err)
	if invited.FirstName != "Nia" || invited.Email != "nia@example.nhs.uk" || invited.InvitedBy != w.norma.ID {
		t.Errorf("invited: %+v", invited)
	}
	sitting, err := w.requests.Begin(t.Context(), actor.Actor{Kind: actor.Stranger}, nia, invited)
	w.Must(err)
	asked, err := w.requests.Awaiting(t.Context(), sitting)
	w.Must(err)
	if asked.InvitedBy != w.norma.ID || asked.State != request.Unconfirmed {
		t.Errorf("the request: %+v", asked)
	}
	var y worldtest.Tally
	other, err := w.invitations.Followed(t.Context(), token+"x")
	w.Must(err)
	y.Refused(t, "another secret", other.ID != "")
	w.Clock.Advance(invitation.Lasts)
	late, err := w.invitations.Followed(t.Context(), token)
	w.Must(err)
	y.Refused(t, "after 28 days", late.ID != "")
}

func (w *world) invite(by account.Account, pasted string) error {
	cookie, err := w.invitations.Prepare(w.Context(), as(by), pasted, "")
	if err != nil {
		return err
	}
	_, err = w.invitations.Send(w.Context(), as(by), cookie)
	return err
}

func TestWhoMayInviteAndHowMany(t *testing.T) {
	w := newWorld(t)
	lines := func(n int, at string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "Nia Newcomer, nia%d@%s\n", i, at)
		}
		return text.String()
	}
	nobody := w.Account(account.New{Username: "nobody", Email: "nobody@example.nhs.uk"}, "")
	var y worldtest.Tally
	try := func(name string, by account.Account, pasted string, want fault.Code) {
		t.Helper()
		err := w.invite(by, pasted)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("without the permission", nobody, lines(1, "a.example"), fault.Forbidden)
	try("nobody", w.norma, " \n", fault.Invalid)
	try("51 at once", w.norma, lines(51, "a.example"), fault.Invalid)
	others, err := w.invitations.Prepare(t.Context(), as(w.norma), lines(1, "c.example"), "")
	w.Must(err)
	w.Must(w.invite(w.norma, lines(50, "a.example")))
	_, err = w.invitations.Send(t.Context(), as(w.norma), others)
	y.Refused(t, "a list of before the last 50", err == nil)
	foreign, err := w.invitations.Prepare(t.Context(), as(nobody), lines(1, "d.example"), "")
	w.Must(err)
	_, err = w.invitations.Send(t.Context(), as(w.norma), foreign)
	y.Refused(t, "somebody else's list", err == nil)
	try("one more on the same day", w.norma, lines(1, "b.example"), fault.Invalid)
	if n := w.Count(`SELECT COUNT(*) FROM request_invitation`); n != 50 {
		t.Errorf("%d invitations", n)
	}
	y.Report(t, "invitations")
}
