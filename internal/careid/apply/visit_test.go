package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Six wrong codes, or a seventh code, and the inviter has to send another link; a right code counts anew.
func TestTheTelephoneIsLocked(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.invite()
	first := w.link()
	cookie := worldtest.Must(w.desk.Open(ctx, stranger, first))(t)
	for n := range 6 {
		if w.at(a.ID) == apply.PhoneLocked {
			t.Fatalf("locked after %d", n)
		}
		if err := w.desk.EnterCode(ctx, stranger, cookie, "12345"); err == nil {
			t.Fatal("a wrong code was taken")
		}
	}
	if w.at(a.ID) != apply.PhoneLocked || len(w.Events("apply.phone-locked")) != 1 {
		t.Errorf("after six wrong codes it is %s", w.at(a.ID))
	}
	if err := w.desk.EnterCode(ctx, stranger, cookie, w.code()); err == nil {
		t.Error("the right code opens what is locked")
	}
	if told := w.Mails.To("d@ztr.example"); len(told) != 1 || !strings.Contains(told[0].Text, "invite them again") {
		t.Errorf("the inviter was told %v", told)
	}
	w.Must(w.desk.Resend(ctx, w.people[permission.Sponsor], a.ID, bea()))
	if _, err := w.desk.Open(ctx, stranger, first); err == nil {
		t.Error("the earlier link works")
	}
	if err := w.desk.EnterCode(ctx, stranger, cookie, w.code()); err == nil {
		t.Error("a visit by the earlier link goes on")
	}
	cookie = w.enter()
	for range 6 {
		w.Must(w.desk.SendAgain(ctx, stranger, cookie))
	}
	if err := w.desk.SendAgain(ctx, stranger, cookie); err == nil || w.at(a.ID) != apply.PhoneLocked {
		t.Errorf("a seventh code: %v, %s", err, w.at(a.ID))
	}
}

// A link ends by itself, at once where the inviter withdraws, and opening it does nothing.
func TestLinksEnd(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.invite()
	token := w.link()
	look := func() error {
		return w.DB.View(ctx, func(r db.R) error { _, err := apply.ByLink(ctx, r, token); return err })
	}
	w.Must(look())
	if len(w.Mails.To(mobile)) != 0 || w.at(a.ID) != apply.Invited {
		t.Error("looking at a link did something")
	}
	w.Clock.Advance(14 * day)
	if err := look(); err == nil || w.at(a.ID) != apply.LinkExpired {
		t.Errorf("after its time: %v, %s", err, w.at(a.ID))
	}
	w.Must(w.desk.Resend(ctx, w.people[permission.Sponsor], a.ID, bea()))
	cookie := w.enter()
	w.Clock.Advance(apply.VisitLasts)
	if err := w.desk.SaveName(ctx, stranger, cookie, "Bea", "", "Okafor"); err == nil {
		t.Error("a visit has no end")
	}
	if err := w.desk.WithdrawFor(ctx, w.people[permission.Manager], a.ID); err == nil {
		t.Error("somebody else withdraws")
	}
	token = w.link()
	w.Must(look())
	cookie = w.enter()
	w.Must(w.desk.WithdrawFor(ctx, w.people[permission.Sponsor], a.ID))
	if _, err := w.desk.Open(ctx, stranger, token); err == nil || w.at(a.ID) != apply.Withdrawn {
		t.Errorf("withdrawn, and the link works; it is %s", w.at(a.ID))
	}
	if err := look(); err == nil {
		t.Error("the page of the link says that the application goes on")
	}
	if p := w.mine(cookie); p.State != apply.Withdrawn {
		t.Errorf("whoever is on the pages reads %s", p.State)
	}
}

// Whoever has a Care Identity, by number or by name and birth date, or another application, is stopped and not told
// whose. Their inviter sees of them what they could find.
func TestTheSamePersonIsFound(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	known := w.Person(population.Person{GivenName: "Beatrice", FamilyName: "Okafor", Organisation: "Z90002"}).ID
	here := w.Person(population.Person{GivenName: "Someone", FamilyName: "Else", Organisation: "Z90001"}).ID
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := detail.SetBirthDate(ctx, u, known, "1980-03-31"); err != nil {
			return err
		}
		return detail.SetNI(ctx, u, w.Box, here, "AB123456D")
	})
	a := w.invite()
	cookie := w.enter()
	sponsor := w.people[permission.Sponsor]
	for _, tt := range []struct{ birth, ni, uuid, shown string }{
		{"31 3 1980", "CE 12 34 56 A", known, ""}, // elsewhere
		{"1 1 1990", "AB 12 34 56 D", here, "Someone Else"},
	} {
		w.Must(w.desk.SaveName(ctx, stranger, cookie, "Beatrice", "", "Okafor"))
		w.Must(w.desk.SaveBirthDate(ctx, stranger, cookie, tt.birth))
		w.Must(w.desk.SaveNI(ctx, stranger, cookie, tt.ni))
		if w.at(a.ID) != apply.Duplicate {
			t.Fatalf("%s: it is %s", tt.birth, w.at(a.ID))
		}
		if err := w.desk.SaveNI(ctx, stranger, cookie, "CE 12 34 56 B"); err == nil {
			t.Error("another number is tried")
		}
		matches := worldtest.Must(w.desk.Matches(ctx, sponsor, a.ID))(t)
		if len(matches) != 1 || matches[0].Name != tt.shown {
			t.Errorf("the inviter sees %+v, want %q", matches, tt.shown)
		}
		if tt.shown == "" && matches[0].UUID != "" {
			t.Error("the inviter sees the number of somebody elsewhere")
		}
		w.Must(w.desk.Resend(ctx, sponsor, a.ID, bea()))
		cookie = w.enter()
		if p := w.mine(cookie); p.Done(apply.StepName) {
			t.Error("the answers are kept")
		}
	}
	for _, entry := range w.Events("apply.duplicate") {
		if text := string(entry.After); strings.Contains(text, "1980") || strings.Contains(text, "AB12") {
			t.Errorf("an event tells %s", text)
		}
	}
	w.Must(w.desk.NoNI(ctx, stranger, cookie))
	if w.at(a.ID) != apply.NoNumber {
		t.Errorf("without a number it is %s", w.at(a.ID))
	}
}

// Two applications of one person do not go on side by side, nor does the second once the first is approved.
func TestTwoApplicationsOfOnePerson(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.submitted()
	second := bea()
	second.Email = "other@example.nhs.uk"
	other := worldtest.Must(w.desk.Invite(ctx, w.people[permission.Manager], second))(t)
	w.Settle()
	texts := w.Mails.To("other@example.nhs.uk")
	token := linkForm.FindStringSubmatch(texts[0].Text)[1]
	cookie := worldtest.Must(w.desk.Open(ctx, stranger, token))(t)
	w.Must(w.desk.EnterCode(ctx, stranger, cookie, w.code()))
	w.details(cookie)
	if w.at(other.ID) != apply.Duplicate || w.at(a.ID) != apply.Submitted {
		t.Errorf("they are %s and %s", w.at(a.ID), w.at(other.ID))
	}
}

// What a service would refuse is shown to the person who decides, and binds nobody.
func TestAServiceLooksFirst(t *testing.T) {
	w := open(t)
	w.found = document.Refusals{document.PhotoID: document.Expired}
	a := w.submitted()
	w.Settle()
	found := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (document.Refusals, error) {
		return w.desk.Findings(ctx, r, a.ID)
	})
	if found[document.PhotoID] != document.Expired || w.at(a.ID) != apply.Submitted {
		t.Errorf("found %v; it is %s", found, w.at(a.ID))
	}
	w.Must(w.desk.LookAt(w.Context(), w.people[permission.Agent], a.ID))
	worldtest.Must(w.desk.Approve(w.Context(), w.people[permission.Agent], a.ID, all()))(t)
}

// Pictures are redrawn and bounded, and those in which nothing can be seen are refused with what to do.
func TestWhichPicturesAreTaken(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	w.invite()
	cookie := w.enter()
	w.details(cookie)
	w.Must(w.desk.SavePhotoID(ctx, stranger, cookie, "driving-licence", "1234"))
	save := func(s document.Shot, kind string, sent []byte) error {
		return w.desk.SavePicture(ctx, stranger, cookie, s, kind, sent)
	}
	w.Must(save(document.Back, "", scene()))
	for name, err := range map[string]error{
		"nothing":                save(document.Front, "", nil),
		"no picture":             save(document.Front, "", []byte("%PDF-1.7")),
		"a proof of no kind":     save(document.ProofA, "", scene()),
		"a passport as a proof":  save(document.ProofA, "passport", scene()),
		"of an application gone": w.desk.SavePicture(ctx, stranger, "no.visit", document.Front, "", scene()),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	w.Must(save(document.ProofA, "council-tax", scene()))
	if err := save(document.ProofB, "council-tax", scene()); err == nil {
		t.Error("one document proves the address twice")
	}
	w.Must(w.desk.SavePhotoID(ctx, stranger, cookie, "passport", "1234"))
	if p := w.mine(cookie); p.Done(apply.Step(document.Back)) || p.Done(apply.Step(document.Front)) {
		t.Error("pictures of another document are kept")
	}
	stored := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]byte, error) {
		return w.desk.MyPicture(ctx, r, cookie, document.ProofA)
	})
	if n := w.Count(`SELECT COUNT(*) FROM application_part WHERE sealed = $1`, stored); n != 0 || len(stored) == 0 {
		t.Error("a picture is stored as it is")
	}
	w.Must(save(document.OfFace, "", scene()))
	for range 60 {
		_ = save(document.OfFace, "", []byte("%PDF-1.7"))
	}
	if err := save(document.OfFace, "", scene()); !errors.Is(err, fault.TooMany) {
		t.Errorf("pictures that cannot be used have no end: %v", err)
	}
}

// Another link ends what is under way by the one before. One to another telephone begins from the start, as what was
// answered was somebody else's.
func TestAnotherLinkEndsVisits(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	a := w.invite()
	cookie := w.enter()
	w.details(cookie)
	sponsor := w.people[permission.Sponsor]
	w.Must(w.desk.Resend(ctx, sponsor, a.ID, bea()))
	if err := w.desk.SaveName(ctx, stranger, cookie, "Beatrice", "", "Okafor"); err == nil {
		t.Error("a visit by the earlier link goes on")
	}
	if p := w.mine(w.enter()); !p.Done(apply.StepNI) {
		t.Error("what was answered is lost, though the telephone is the same")
	}
	moved := bea()
	moved.Mobile = "07700 900999"
	w.Must(w.desk.Resend(ctx, sponsor, a.ID, moved))
	if n := w.Count(`SELECT COUNT(*) FROM application_part`); n != 0 || w.at(a.ID) != apply.Invited {
		t.Errorf("%d parts are kept for another telephone; it is %s", n, w.at(a.ID))
	}
}

// Whoever tries the National Insurance numbers of others learns of few.
func TestNumbersHaveAnEnd(t *testing.T) {
	w := open(t)
	w.invite()
	cookie := w.enter()
	for n := range 6 {
		err := w.desk.SaveNI(w.Context(), stranger, cookie, fmt.Sprintf("CE 12 34 5%d A", n))
		if (err == nil) != (n < 5) {
			t.Errorf("number %d: %v", n+1, err)
		}
	}
	w.Must(w.desk.SaveNI(w.Context(), stranger, cookie, "CE 12 34 54 A")) // the one that is there
}
