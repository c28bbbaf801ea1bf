package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Whoever's job has it in the published matrix invites, at the organisations that they serve, and nobody else does.
func TestWhoInvites(t *testing.T) {
	w := open(t)
	var y worldtest.Tally
	for i, j := range permission.Jobs {
		who := bea()
		who.Email = string(rune('a'+i)) + ".new@example.nhs.uk"
		who.Organisation = "ZTR"
		want := permission.Usual().Of(j, permission.Invite) == permission.Yes
		_, err := w.desk.Invite(w.Context(), w.people[j], who)
		if (err == nil) != want {
			t.Errorf("%s: %v", j, err)
		}
		if !want {
			y.Refused(t, string(j), err == nil)
		}
		who.Organisation = "Z90002"
		_, err = w.desk.Invite(w.Context(), w.people[j], who)
		y.Refused(t, string(j)+" elsewhere", err == nil)
	}
	y.Report(t, "invitations")
	for name, spoil := range map[string]func(i *apply.Invitation){
		"no name":                   func(i *apply.Invitation) { i.FamilyName = "" },
		"no address":                func(i *apply.Invitation) { i.Email = "Bea" },
		"no telephone":              func(i *apply.Invitation) { i.Mobile = "" },
		"a telephone that is none":  func(i *apply.Invitation) { i.Mobile = "07700" },
		"an unknown organisation":   func(i *apply.Invitation) { i.Organisation = "Z99999" },
		"no reason":                 func(i *apply.Invitation) { i.Reason = " " },
		"a long reason":             func(i *apply.Invitation) { i.Reason = strings.Repeat("x", 501) },
		"somebody who has one":      func(i *apply.Invitation) { i.Email = "B@ztr.example" },
		"themselves":                func(i *apply.Invitation) { i.Email = "a@ztr.example" },
		"somebody invited already":  func(i *apply.Invitation) { i.Email = "A.New@example.nhs.uk" },
		"a name with a hidden sign": func(i *apply.Invitation) { i.GivenName = "Be\u202ea" },
	} {
		who := bea()
		spoil(&who)
		if _, err := w.desk.Invite(w.Context(), w.people[permission.Manager], who); err == nil {
			t.Errorf("%s: invited", name)
		}
	}
	if _, err := w.desk.Invite(w.Context(), w.people[permission.Manager], bea()); err != nil {
		t.Errorf("honest twin: %v", err)
	}
	w.desk.NoTexts = true
	who := bea()
	who.Email = "nobody.yet@example.nhs.uk"
	if _, err := w.desk.Invite(w.Context(), w.people[permission.Manager], who); err == nil {
		t.Error("invited though no code can be sent")
	}
}

// From the invitation to the Care Identity, which is what a registration authority that sees somebody would make.
func TestAnApplicationIsApproved(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.submitted()
	checker := w.people[permission.IDChecker]
	if _, err := w.desk.Show(ctx, checker, a.ID); err == nil {
		t.Error("shown to somebody who does not look at it")
	}
	w.Must(w.desk.LookAt(ctx, checker, a.ID))
	p := worldtest.Must(w.desk.Show(ctx, checker, a.ID))(t)
	if p.Application.Name() != "Bea Okafor" || p.Answers.Name() != "Beatrice Okafor" || w.at(a.ID) != apply.InReview {
		t.Errorf("shown %q beside %q, %s", p.Application.Name(), p.Answers.Name(), w.at(a.ID))
	}
	worldtest.Must(w.desk.Picture(ctx, checker, a.ID, document.Front))(t)
	if n := len(w.Events("apply.shown")); n != 2 {
		t.Errorf("%d looks left an event, want 2", n)
	}
	if _, err := w.desk.Approve(ctx, checker, a.ID, refusing(document.Refusals{document.Face: document.OtherFace})); err == nil {
		t.Error("approved though something was refused")
	}
	if _, err := w.desk.Approve(ctx, checker, a.ID, apply.Verdict{Accepted: document.Items[1:]}); err == nil {
		t.Error("approved without looking at everything")
	}
	var approved, refused int
	var mutex sync.Mutex
	var all50 sync.WaitGroup
	for range 50 {
		all50.Go(func() {
			_, err := w.desk.Approve(ctx, checker, a.ID, all())
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				approved++
			} else if errors.Is(err, fault.Conflict) {
				refused++
			} else {
				t.Error(err)
			}
		})
	}
	all50.Wait()
	if approved != 1 || refused != 49 {
		t.Errorf("approved %d times, refused %d times", approved, refused)
	}
	uuid := w.application(a.ID).UUID
	w.Settle()
	got := w.Identity(uuid)
	byHand := worldtest.Must(registration.Make(ctx, w.DB, w.people[permission.Agent], registration.Person{
		GivenName: "Cy", FamilyName: "Seen", Email: "cy.seen@example.nhs.uk", Organisation: "Z90001",
		Documents: identity.Documents{Photo: "passport", Ending: "48A1", Address: "council-tax", Other: "utility-bill"},
	}))(t)
	want := w.Identity(byHand.UUID)
	want.UUID, want.GivenName, want.FamilyName = uuid, "Bea", "Okafor"
	want.Email, want.EmailCanonical, want.Origin = got.Email, got.EmailCanonical, identity.ByApplication
	want.EmailVerified = got.EmailVerified
	if got != want || !got.EmailVerified.Done() || got.Email != mailTo {
		t.Errorf("made  %+v\n want %+v", got, want)
	}
	w.View(func(ctx context.Context, r db.R) error {
		d, err := detail.Of(ctx, r, uuid)
		if err != nil || d.BirthDate != "1980-03-31" || d.NIEnding != "C" || d.Mobile != mobile {
			t.Errorf("details %+v, %v", d, err)
		}
		seen, err := identity.DocumentsOf(ctx, r, uuid)
		if err != nil || seen.Route != identity.AtApplication || seen.By != checker.ID || seen.Ending != "48A1" {
			t.Errorf("documents %+v, %v", seen, err)
		}
		_, err = photo.Of(ctx, r, w.Box, uuid)
		return err
	})
	w.newest(mailTo, "(UUID) is "+uuid)
	if told := w.Mails.To("d@ztr.example"); len(told) != 1 || !strings.Contains(told[0].Text, uuid) {
		t.Errorf("the inviter was told %v", told)
	}
	w.forgotten(a.ID)
}

// forgotten holds that pictures and answers of an application that is decided go, and the application much later.
func (w *world) forgotten(id string) {
	w.Helper()
	count := func() (parts, applications int64) {
		return w.Count(`SELECT COUNT(*) FROM application_part`), w.Count(`SELECT COUNT(*) FROM application`)
	}
	sweep := func() {
		w.Must(w.DB.Update(w.Context(), worldtest.By, func(u *db.W) error {
			if err := u.Enqueue(w.Context(), apply.SweepJob{}); err != nil {
				return err
			}
			return u.Record(w.Context(), audit.Event{Kind: "test.swept"})
		}))
		w.Settle()
	}
	if parts, _ := count(); parts == 0 {
		w.Error("nothing to forget: the check would prove nothing")
	}
	sweep()
	if parts, _ := count(); parts == 0 {
		w.Error("forgotten before their time")
	}
	w.Clock.Advance(time.Hour)
	sweep()
	if parts, applications := count(); parts != 0 || applications != 1 {
		w.Errorf("after the decision %d parts and %d applications are kept", parts, applications)
	}
	w.Clock.Advance(90 * day)
	sweep()
	if _, applications := count(); applications != 0 {
		w.Errorf("%s is kept for good", id)
	}
}

// What is refused, and that alone, is asked for again.
func TestWhatIsRefusedIsCorrected(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.submitted()
	agent := w.people[permission.Agent]
	w.Must(w.desk.LookAt(ctx, agent, a.ID))
	if err := w.desk.Return(ctx, agent, a.ID, all()); err == nil {
		t.Error("returned though nothing was refused")
	}
	v := refusing(document.Refusals{document.PhotoID: document.Blurred, document.AddressTwo: document.CutOff})
	v.Notes = "Nearly there"
	w.Must(w.desk.Return(ctx, agent, a.ID, v))
	told := w.newest(mailTo, "It cannot be approved")
	for _, says := range []string{"blurred", "all four corners", "> Nearly there", "link/"} {
		if !strings.Contains(told, says) {
			t.Errorf("the applicant is not told %q: %s", says, told)
		}
	}
	cookie := w.enter()
	p := w.mine(cookie)
	var again []apply.Step
	for _, s := range p.Steps() {
		if !p.Done(s) {
			again = append(again, s)
		}
		wants := s.Item() == document.PhotoID || s.Item() == document.AddressTwo
		if p.Open(s) != wants || p.Done(s) == wants {
			t.Errorf("%s: open %v, done %v", s, p.Open(s), p.Done(s))
		}
	}
	if len(again) != 3 { // which document, its front, and the proof
		t.Errorf("asked again for %v", again)
	}
	if err := w.desk.SaveBirthDate(ctx, stranger, cookie, "1 1 1990"); err == nil {
		t.Error("what was accepted is changed")
	}
	if err := w.desk.Submit(ctx, stranger, cookie); err == nil {
		t.Error("submitted without what was refused")
	}
	w.complete(cookie)
	w.Must(w.desk.Submit(ctx, stranger, cookie))
	w.Must(w.desk.LookAt(ctx, agent, a.ID))
	worldtest.Must(w.desk.Approve(ctx, agent, a.ID, all()))(t)
	if w.at(a.ID) != apply.Approved {
		t.Errorf("it is %s", w.at(a.ID))
	}
}

// Nobody decides about somebody whom they invited, or about themselves, or without the job; and two never at once.
func TestWhoDecides(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := worldtest.Must(w.desk.Invite(ctx, w.people[permission.Agent], bea()))(t)
	cookie := w.enter()
	w.complete(cookie)
	w.Must(w.desk.Submit(ctx, stranger, cookie))
	var y worldtest.Tally
	herself := w.of(permission.Manager, "ZTR", strings.ToUpper(mailTo))
	for name, who := range map[string]actor.Actor{
		"the inviter, who checks too": w.people[permission.Agent], "a sponsor": w.people[permission.Sponsor],
		"somebody who unlocks cards": w.people[permission.CardUnlocker], "a user": w.people[permission.User],
		"the applicant's other self":       herself,
		"another authority's manager":      w.of(permission.Manager, "Z90002", "m@z90002.example"),
		"nobody who is logged in":          stranger,
		"a manager of the pharmacy's next": w.of(permission.Manager, "Z90002", "n@z90002.example"),
	} {
		y.Refused(t, name, w.desk.LookAt(ctx, who, a.ID) == nil)
	}
	checker, other := w.people[permission.IDChecker], w.people[permission.Manager]
	w.Must(w.desk.LookAt(ctx, checker, a.ID))
	y.Refused(t, "another looks", w.desk.LookAt(ctx, other, a.ID) == nil)
	_, err := w.desk.Approve(ctx, other, a.ID, all())
	y.Refused(t, "another approves", err == nil)
	_, err = w.desk.Picture(ctx, other, a.ID, document.Front)
	y.Refused(t, "another sees a picture", err == nil)
	w.Clock.Advance(apply.LookLasts)
	_, err = w.desk.Approve(ctx, checker, a.ID, all())
	y.Refused(t, "after the look", err == nil)
	w.Must(w.desk.LookAt(ctx, other, a.ID))
	w.Must(w.desk.Leave(ctx, other, a.ID))
	w.Must(w.desk.LookAt(ctx, checker, a.ID))
	y.Refused(t, "rejected without a word", w.desk.Reject(ctx, checker, a.ID, apply.Verdict{}) == nil)
	w.Must(w.desk.Reject(ctx, checker, a.ID, apply.Verdict{Notes: "Not whom we invited"}))
	y.Refused(t, "decided twice", w.desk.LookAt(ctx, checker, a.ID) == nil)
	y.Report(t, "decisions on applications")
	if w.at(a.ID) != apply.Rejected || w.Count(`SELECT COUNT(*) FROM identity WHERE family_name = 'Okafor'`) != 0 {
		t.Errorf("it is %s", w.at(a.ID))
	}
}

// Somebody who got a Care Identity while their application waited gets no second one.
func TestTheNumberIsLookedForAgain(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.submitted()
	other := w.Person(population.Person{GivenName: "Someone", FamilyName: "Else", Organisation: "ZTR"}).ID
	w.Update(func(ctx context.Context, u *db.W) error { return detail.SetNI(ctx, u, w.Box, other, "AB123456C") })
	agent := w.people[permission.Agent]
	w.Must(w.desk.LookAt(ctx, agent, a.ID))
	if _, err := w.desk.Approve(ctx, agent, a.ID, all()); err == nil || w.at(a.ID) != apply.InReview {
		t.Errorf("%v; it is %s", err, w.at(a.ID))
	}
}

// One inviter does not fill mailboxes without end.
func TestInvitationsOfADayHaveAnEnd(t *testing.T) {
	w := open(t)
	a := w.invite()
	w.Update(func(ctx context.Context, u *db.W) error {
		for n := range 999 {
			const again = `INSERT INTO application (id, number, organisation, inviter, given_name, middle_names, family_name,
				email, email_key, mobile, reason, state, invited_at, moved_at, link_digest, link_ends_at, codes_sent,
				codes_wrong, pictures, look_by, decided_by, refusals, notes, uuid)
				SELECT $2, $2, organisation, inviter, given_name, middle_names, family_name, '', '', mobile, reason,
				'withdrawn', invited_at, moved_at, $3, link_ends_at, 0, 0, 0, '', '', '{}', '', ''
				FROM application WHERE id = $1`
			if _, err := u.Exec(ctx, again, a.ID, fmt.Sprint("n", n), []byte{byte(n), byte(n >> 8)}); err != nil {
				return err
			}
		}
		return nil
	})
	who := bea()
	who.Email = "one.more@example.nhs.uk"
	if _, err := w.desk.Invite(w.Context(), w.people[permission.Sponsor], who); err == nil {
		t.Error("the 1,001st of a day is invited")
	}
	w.Clock.Advance(day)
	if _, err := w.desk.Invite(w.Context(), w.people[permission.Sponsor], who); err != nil {
		t.Errorf("the day after: %v", err)
	}
}
