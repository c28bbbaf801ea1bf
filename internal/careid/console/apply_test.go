package console_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/population"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const applyCookie = "__Host-apply"

// applied are applications: one of somebody whom Ada invited, one that waits, one at which she looks, and one whose
// applicant goes on, by a cookie, and may open its link.
type applied struct{ mine, waiting, looked, going, token, cookie, file string }

// forForm gives the application that a form, or a page, is for.
func (a applied) forForm(path string) string {
	switch {
	case strings.HasSuffix(path, "/look"):
		return a.waiting
	case strings.HasSuffix(path, "/leave"), strings.HasSuffix(path, "/decide"), strings.Contains(path, "/picture/"):
		return a.looked
	}
	return a.mine
}

// path gives the path of a route of applications.
func (a applied) path(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	names := strings.NewReplacer("{id}", a.forForm(path), "{token}", a.token, "{shot}", "id-front", "{file}", a.file)
	return names.Replace(path)
}

func ofApplications(pattern string) bool {
	return strings.Contains(pattern, " /applications") || strings.Contains(pattern, " /apply-for-care-id")
}

// invited invites somebody of a mailbox, as another manager.
func (w *world) invited(mailbox, mobile string) (id, token string) {
	w.Helper()
	ola := w.Person(population.Person{GivenName: "Ola", FamilyName: "Holder", Organisation: "ZTR",
		Positions: []population.Position{{Organisation: "ZTR", Role: rbac.RegistrationManager}}})
	a := worldtest.Must(w.apply.Invite(w.Context(), ola, apply.Invitation{
		GivenName: "Bea", FamilyName: "Okafor", Email: mailbox, Mobile: mobile, Organisation: "Z90001",
		Reason: "joins the pharmacy",
	}))(w)
	return a.ID, w.linkTo(mailbox)
}

var linkInMail = regexp.MustCompile(`/apply-for-care-id/link/(\S+)`)

// linkTo is the link in the newest mail to somebody that has one.
func (w *world) linkTo(mailbox string) (token string) {
	w.Helper()
	w.Settle()
	var at time.Time
	for _, m := range w.Mails.To(mailbox) {
		if found := linkInMail.FindStringSubmatch(m.Text); found != nil && !m.Queued.Before(at) {
			token = found[1]
			at = m.Queued
		}
	}
	return token
}

// texted is the code in the newest text message to a telephone.
func (w *world) texted(mobile string) (code string) {
	w.Helper()
	w.Settle()
	var at time.Time
	for _, m := range w.Mails.To(mobile) {
		if !m.Queued.Before(at) {
			code = m.Text[:6]
			at = m.Queued
		}
	}
	return code
}

var applicants int

const people = "Surname,Given name,Email,Mobile,ODS code\n" +
	"Okafor,Bea,bea.filed@example.nhs.uk,07700 900 201,Z90001\n" +
	"Nwosu,Cy,not an address,07700 900 202,Z90001\n"

// applications makes some of each sort.
func (w *world) applications() (a applied) {
	w.Helper()
	var ids []string
	for range 4 {
		applicants++
		mailbox := fmt.Sprintf("applicant%d@example.nhs.uk", applicants)
		mobile := fmt.Sprintf("+4477009%05d", applicants)
		id, token := w.invited(mailbox, mobile)
		ids = append(ids, id)
		if len(ids) == 1 {
			a.token = token
		}
		if len(ids) == 4 {
			stranger := actor.Actor{Kind: actor.Stranger}
			a.cookie = worldtest.Must(w.apply.Open(w.Context(), stranger, token))(w)
			w.Must(w.apply.EnterCode(w.Context(), stranger, a.cookie, w.texted(mobile)))
		}
	}
	ada := actor.Actor{Kind: actor.Person, ID: w.ada}
	a.file = worldtest.Must(w.apply.ReadFile(w.Context(), ada, []byte(people)))(w)
	a.mine, a.waiting, a.looked, a.going = ids[0], ids[1], ids[2], ids[3]
	w.Update(func(ctx context.Context, u *db.W) error {
		const submitted = `UPDATE application SET state = 'submitted', due_at = $2 WHERE id = $1`
		if err := u.Change(ctx, `UPDATE application SET inviter = $2 WHERE id = $1`, a.mine, w.ada); err != nil {
			return err
		}
		for _, id := range []string{a.waiting, a.looked} {
			if err := u.Change(ctx, submitted, id, u.Now().Add(120*time.Hour)); err != nil {
				return err
			}
		}
		const looks = `UPDATE application SET look_by = $2, look_until = $3 WHERE id = $1`
		return u.Change(ctx, looks, a.looked, w.ada, u.Now().Add(apply.LookLasts))
	})
	return a
}

// anew has the applicant of a cookie begin again, whatever they did.
func (w *world) anew(a applied) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		const started = `UPDATE application SET state = 'started', codes_sent = 0, codes_wrong = 0, pictures = 0
			WHERE id IN ($1, $2)`
		_, err := u.Exec(ctx, started, a.going, a.mine)
		return err
	})
}

// scene is a picture in which there is something to see.
var scene = sync.OnceValue(func() []byte {
	drawn := image.NewGray(image.Rect(0, 0, 520, 520))
	for y := range 520 {
		for x := range 520 {
			drawn.SetGray(x, y, color.Gray{Y: uint8(60 + (x/20+y/20)%2*120)})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, nil); err != nil {
		panic(err)
	}
	return out.Bytes()
})

// From the invitation to the Care Identity by pages alone: nothing is kept by a browser, the applicant is known by
// nothing but the link and the code, and what the checker sees leaves an event each time.
func TestAnApplicationByPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	ada := w.signedIn()
	const mailbox, mobile = "bea.okafor@example.nhs.uk", "+447700900123"
	invitation := []string{"given_name", "Bea", "family_name", "Okafor", "email", mailbox, "mobile", "07700 900 123",
		"organisation", "z90001", "reason", "joins the pharmacy"}
	ada.get("/applications").has(t, "Invite somebody to apply")
	p := ada.post("/applications/new", invitation...)
	at := p.location
	ada.get(at).has(t, "Invited", mailbox, mobile, "Link works until 8 December 2026")
	bea := w.browser()
	bea.get("/apply-for-care-id").has(t, "You have been away for some time")
	link := "/apply-for-care-id/link/" + w.linkTo(mailbox)
	bea.get(link).has(t, "ends in 123", "Have ready")
	if len(w.Mails.To(mobile)) != 0 {
		t.Error("looking at the link sends a code")
	}
	if p = bea.post(link); p.location != "/apply-for-care-id/code" {
		t.Fatalf("the link leads to %d %q %s", p.status, p.location, p.text)
	}
	bea.post("/apply-for-care-id/code", "code", "12345").has(t, "This is not the code")
	bea.get("/apply-for-care-id/name").has(t, "You have been away")
	if p = bea.post("/apply-for-care-id/code", "code", w.texted(mobile)); p.location != "/apply-for-care-id" {
		t.Fatalf("the code leads to %d %q %s", p.status, p.location, p.text)
	}
	bea.get("/apply-for-care-id").has(t, "Your name To do", "Picture of your face To do")
	for _, step := range []struct {
		path  string
		typed []string
		next  string
	}{
		{"name", []string{"given_name", "Beatrice", "family_name", "Okafor"}, "birth-date"},
		{"birth-date", []string{"birth_date", "31 3 1980"}, "ni-number"},
		{"ni-number", []string{"ni_number", "AB 12 34 56 C"}, "photo-id"},
		{"photo-id", []string{"photo", "driving-licence", "ending", "48A1"}, "id-front"},
	} {
		p = bea.post("/apply-for-care-id/"+step.path, step.typed...)
		if p.location != "/apply-for-care-id/"+step.next {
			t.Fatalf("%s leads to %d %q %s", step.path, p.status, p.location, p.text)
		}
	}
	bea.post("/apply-for-care-id/id-front").has(t, "Choose a picture, or take one")
	for _, step := range []string{"id-front", "id-back", "face", "address-1 council-tax", "address-2 bank-statement",
		"card-photo"} {
		path, kind, _ := strings.Cut(step, " ")
		p = bea.sendsPicture("/apply-for-care-id/"+path, scene(), "kind", kind, "asked-kind", "yes")
		if p.status != http.StatusSeeOther || strings.HasSuffix(p.location, "/"+path) {
			t.Fatalf("%s leads to %d %q %s", path, p.status, p.location, bea.get(p.location).text)
		}
	}
	bea.get("/apply-for-care-id/check").has(t, "Beatrice Okafor", "31 March 1980", "AB 12 34 56 C", "Council tax bill")
	picture := bea.get("/apply-for-care-id/sent/face")
	if picture.status != http.StatusOK || picture.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a picture: %d, kept as %q", picture.status, picture.header.Get("Cache-Control"))
	}
	if other := w.browser().get("/apply-for-care-id/sent/face"); other.status == http.StatusOK {
		t.Error("another browser sees the picture")
	}
	bea.post("/apply-for-care-id/submit").has(t, "Tick the box if your answers are true")
	bea.post("/apply-for-care-id/submit", "declaration", "yes")
	bea.get("/apply-for-care-id").has(t, "You have sent everything")
	ada.get(at).has(t, "Documents submitted")
	ada.post(at+"/look").has(t, "You invited this person")
	w.decided(t, at)
	bea.get("/apply-for-care-id").has(t, "Your application was approved")
	ada.get(at).has(t, "Approved", "Care Identity number")
}

// decided has another manager look at an application, send it back, and approve what comes again.
func (w *world) decided(t *testing.T, at string) {
	t.Helper()
	cleo := w.holding("Cleo", "ZTR", rbac.RegistrationManager)
	cleo.get("/applications").has(t, "Bea Okafor", "Documents submitted")
	if p := cleo.get(at + "/decide"); p.location != at {
		t.Errorf("shown without looking: %d %q", p.status, p.location)
	}
	if p := cleo.post(at + "/look"); p.location != at+"/decide" {
		t.Fatalf("look: %d %q %s", p.status, p.location, p.text)
	}
	cleo.get(at+"/decide").has(t, "Name as invited Bea Okafor", "Name as on the document Beatrice Okafor")
	before := w.events("apply.shown")
	picture := cleo.get(at + "/picture/id-front")
	if picture.status != http.StatusOK || picture.header.Get("Cache-Control") != "no-store" ||
		w.events("apply.shown") != before+1 {
		t.Errorf("a picture: %d, %d events", picture.status, w.events("apply.shown")-before)
	}
	typed := []string{"details", "accepted", "photo-id", "accepted", "face", "accepted", "address-1", "accepted",
		"address-2", "accepted", "card-photo", "accepted", "decision", "approve"}
	cleo.post(at+"/decide", typed[2:]...).has(t, "Select whether you accept it: Name and birth date")
	if p := cleo.post(at+"/decide", typed...); p.location != at {
		t.Fatalf("approve: %d %q %s", p.status, p.location, p.text)
	}
}
