package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// sent is what the staff record of an organisation sent: a message that failed, and a position that is to be linked.
type sent struct{ message, number, position string }

func (w *world) staffSends(code string) (s sent) {
	w.Helper()
	s.message = random.Code()
	s.number = "P" + s.message
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		s.position, err = access.AddPosition(ctx, u, access.Position{
			Organisation: code, Name: "Clerk " + s.message, Profiles: access.One("S8001:G8002:R8008"),
		})
		return err
	})
	rows := fmt.Sprintf("id,message,organisation,staff_position,position,assignment,ends\n"+
		"%s,EndAssignment,%s,,,A1,2026-11-01\nlink-%s,LinkPosition,%s,%s,%s,,\n",
		s.message, code, s.message, code, s.number, s.position)
	answers := w.send(rows)
	if answers[0].Outcome.State != staffrecord.Failed || answers[1].Outcome.State != staffrecord.Asked {
		w.Fatalf("sent: %+v", answers)
	}
	return s
}

// send has the messages of a file taken.
func (w *world) send(file string) []staffrecord.Answer {
	w.Helper()
	read := worldtest.Must(staffrecord.Read(strings.NewReader(file), w.Clock, func(int) {}))(w)
	feed := staffrecord.Feed{DB: w.DB, Box: w.Box}
	return worldtest.Must(feed.Send(w.Context(), worldtest.By, read.Messages, func(int, int) {}))(w)
}

// askedBy gives the id of the request of a kind.
func (w *world) askedBy(kind string) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, `SELECT id FROM ra_request WHERE kind = $1`, kind)
	})
}

// uuidNamed gives the number of the care identity with a family name.
func (w *world) uuidNamed(family string) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, `SELECT uuid FROM identity WHERE family_name = $1`, family)
	})
}

// in puts what was sent into the path of a route.
func (s sent) in(path string) string {
	return strings.NewReplacer("{message}", s.message, "{number}", s.number).Replace(path)
}

// Whom a staff record has made and gives a position is shown with both, and nobody changes its dates by hand.
func TestAPersonOfTheStaffRecord(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	s := w.staffSends("Z90001")
	w.send("id,message,organisation,employee,given_name,family_name,birth_date,ni_number,staff_position,assignment\n" +
		"c1,CreatePerson,Z90001,E7,Zoë,Starter,1990-05-01,AB222222C,,\n" +
		"a1,AssignPosition,Z90001,E7,,,,," + s.number + ",A1\n")
	b.post("/people/organisations/Z90001/staff-record/positions/"+s.number+"/link", "asked", s.position)
	number := w.askedBy("staff-create")
	b.get("/requests/"+number).has(t, "A new Care Identity, by the staff record", "Zoë Starter", "1 May 1990",
		"Ends in C", "The staff record")
	b.post("/requests/" + number + "/look")
	if p := b.post("/requests/" + number + "/approve"); p.location != "/requests" {
		t.Fatalf("approve: %d %s", p.status, p.text)
	}
	zoe := w.uuidNamed("Starter")
	b.get("/people/person/"+zoe).has(t, "Documents seen by the employer, in the staff record, accepted by Ada",
		"Employee E7 at Z90001", "Electronic Staff Record")
	b.get("/people/person/"+zoe+"/positions").has(t, "Clerk "+s.message, "The staff record says until when")
	b.get("/people/person/"+zoe+"/positions").lacks(t, "Change dates")
	w.send("id,message,organisation,employee,family_name\nm1,ModifyPerson,Z90001,E7,Married\n")
	b.get("/requests/"+w.askedBy("staff-modify")).has(t, "Family name Starter Asked for: Married")
}

// What failed is looked at, tried again and dropped with a reason; positions are linked by a manager who sees both.
func TestWhatTheStaffRecordSent(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	const at = "/people/organisations/Z90001"
	b.get(at+"/staff-record").has(t, "No message failed", "No position waits for somebody to agree")
	s := w.staffSends("Z90001")
	b.get(at+"/positions").has(t, "Staff record")
	b.get(at+"/staff-record").has(t, "Failed: somebody has to look", s.message, "Assignment A1", s.number, "Clerk")
	message := at + "/staff-record/messages/" + s.message
	b.get(message).has(t, "No assignment with this number has given anything here", "Last day", "1 November 2026")
	if p := b.post(message + "/again"); p.location != message {
		t.Fatalf("again: %d %s", p.status, p.text)
	}
	b.post(message+"/drop", "reason", "").has(t, "Enter why")
	if p := b.post(message+"/drop", "reason", "A test of theirs"); p.location != at+"/staff-record" {
		t.Fatalf("drop: %d %s", p.status, p.text)
	}
	b.get(message).has(t, "Dropped", "A test of theirs")
	b.get(message).lacks(t, "Try again")
	if p := b.post(message + "/again"); p.location != message {
		t.Errorf("again, after it was dropped: %d %s", p.status, p.text)
	}
	b.get(message).has(t, "Nothing was changed: this message has been settled already", "Dropped")

	position := at + "/staff-record/positions/" + s.number
	b.get(position).has(t, "To be linked to", "Clerk", "It gives")
	b.post(position+"/link", "asked", "another").has(t, "Meanwhile the position is to be linked to another one")
	b.post(position+"/decline", "asked", s.position, "reason", "").has(t, "Enter why")
	if p := b.post(position+"/link", "asked", s.position); p.location != at+"/staff-record" {
		t.Fatalf("link: %d %s", p.status, p.text)
	}
	b.get(position).lacks(t, "To be linked to")
	b.post(position+"/link", "asked", s.position)
	b.get(position).has(t, "Nothing was changed: nobody asks to link this position any more",
		"Admin/Clinical Support Access Role")
	other := w.staffSends("Z90001")
	declined := at + "/staff-record/positions/" + other.number
	if p := b.post(declined+"/decline", "asked", other.position, "reason", "The wrong ward"); p.location == "" {
		t.Fatalf("decline: %d %s", p.status, p.text)
	}
	b.get(declined).has(t, "No position")
	for _, path := range []string{message + "x", position + "x"} {
		if p := b.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	if p := b.get("/people/organisations/Z90002/staff-record"); p.status != http.StatusForbidden {
		t.Errorf("an organisation that they do not serve: %d", p.status)
	}
}
