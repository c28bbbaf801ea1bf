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

func TestColleaguesAsPeoplePasteThem(t *testing.T) {
	for _, tt := range []struct {
		pasted, first, last, email, problem string
	}{
		{"Nia Newcomer, nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia,Newcomer,nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"nia@example.nhs.uk;Nia;Newcomer", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia Newcomer\tnia@example.nhs.uk\r", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{`"Nia ""N"" Newcomer",<nia@example.nhs.uk>`, "Nia", `"N" Newcomer`, "nia@example.nhs.uk", ""},
		{"\ufeffName,Email\nNia Newcomer,nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia Newcomer", "Nia", "Newcomer", "", "no email address"},
		{"Nia, nia@@example", "Nia", "", "nia@@example", "cannot be one"},
		{"Desk, reception@example.nhs.uk", "Desk", "", "reception@example.nhs.uk", "a team’s"},
		{"nia@example.nhs.uk", "", "", "nia@example.nhs.uk", "no name"},
		{"Call 0800 1, nia@example.nhs.uk", "Call", "0800 1", "nia@example.nhs.uk", "without digits"},
		{"Your account www.bad.example, nia@example.nhs.uk", "Your", "account www.bad.example", "nia@example.nhs.uk",
			"a space after a full stop"},
	} {
		list := invitation.Colleagues(tt.pasted)
		if len(list) != 1 {
			t.Errorf("%q: %d lines", tt.pasted, len(list))
			continue
		}
		got := list[0]
		if got.FirstName != tt.first || got.LastName != tt.last || got.Email != tt.email ||
			!strings.Contains(got.Problem, tt.problem) || (got.Problem == "") != (tt.problem == "") {
			t.Errorf("%q: %+v", tt.pasted, got)
		}
	}
	twice := invitation.Colleagues("Nia Newcomer, nia@example.nhs.uk\n\nNia Again, NIA@example.nhs.uk")
	if twice[1].Problem != "The address is on line 1 already" || twice[1].Line != 3 {
		t.Errorf("twice: %+v", twice)
	}
}

// Each colleague gets an invitation of their own, by which their form is filled in, and nothing is made for them
// before.
func TestInvitingColleagues(t *testing.T) {
	w := newWorld(t)
	list, err := w.invitations.Invite(t.Context(), as(w.norma),
		"Nia Newcomer, nia@example.nhs.uk\nDesk, reception@example.nhs.uk\nBo Example, bo@example.nhs.uk")
	w.Must(err)
	if len(list) != 3 || list[1].Problem == "" || w.Count(`SELECT COUNT(*) FROM account`) != 1 {
		t.Errorf("%+v", list)
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
	cookie, err := w.requests.Begin(t.Context(), actor.Actor{Kind: actor.Stranger}, nia, invited)
	w.Must(err)
	asked, err := w.requests.Awaiting(t.Context(), cookie)
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
		_, err := w.invitations.Invite(t.Context(), as(by), pasted)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("without the permission", nobody, lines(1, "a.example"), fault.Forbidden)
	try("nobody", w.norma, " \n", fault.Invalid)
	try("51 at once", w.norma, lines(51, "a.example"), fault.Invalid)
	_, err := w.invitations.Invite(t.Context(), as(w.norma), lines(50, "a.example"))
	w.Must(err)
	try("one more on the same day", w.norma, lines(1, "b.example"), fault.Invalid)
	if n := w.Count(`SELECT COUNT(*) FROM request_invitation`); n != 50 {
		t.Errorf("%d invitations", n)
	}
	y.Report(t, "invitations")
}
