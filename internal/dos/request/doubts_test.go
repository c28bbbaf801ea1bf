package request_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// leaver makes an account that was deactivated, and gives its address.
func (w *world) leaver() string {
	w.Helper()
	a := w.Account(account.New{Username: "leaver", Email: "leaver@example.nhs.uk"}, "")
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
	return a.Email
}

// rules lists the rules in the newest record of the link of a request's account.
func (w *world) rules(id string) (text string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		list, err := review.RecordsOf(ctx, r, w.read(id).AccountID)
		if len(list) > 0 {
			for _, one := range list[0].Rules {
				text += one.Words + "\n"
			}
		}
		return err
	})
	return text
}

// R7, L8, L28: a Care Identity that comes after the approval is looked at by a person where there are doubts about it,
// or where it is that of whoever approved.
func TestDoubtfulCareIdentitiesOfApprovedRequests(t *testing.T) {
	var y worldtest.Tally
	for name, doubt := range map[string]func(w *world) (subject, address string){
		"L8 the address of a leaver":      func(w *world) (string, string) { return "500000000061", w.leaver() },
		"L10 an address that looks alike": func(*world) (string, string) { return "500000000061", "nia.other@examp1e.nhs.uk" },
		"L28 another identity of whoever approved": func(w *world) (string, string) {
			w.linkedBefore(w.norma, "500000000061")
			return "500000000061", "nia.fresh@example.nhs.uk"
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			honest, first := w.confirmed(stranger, nia(in(w.north)))
			w.Must(w.approve(w.norma, first, w.provider()))
			w.Must(w.prove(honest, niaAtCIS2)) // the twin
			if w.state(first) != request.Approved {
				t.Fatalf("the twin is %s", w.state(first))
			}
			other := nia(in(w.north))
			other.Email = "nia.other@example.nhs.uk"
			cookie, id := w.confirmed(stranger, other)
			w.Must(w.approve(w.norma, id, w.provider()))
			subject, address := doubt(w)
			p := person(subject, "Nia", "Newcomer")
			p.Email = address
			links := w.links()
			w.Must(w.prove(cookie, p))
			y.Refused(t, name, w.links() != links || w.state(id) != request.Open)
		})
	}
	y.Report(t, "R7, L28 Care Identities that come after the approval")
}

// Whoever approves a request sees the doubts, and the record of the link names each of them.
func TestTheRecordOfARequestNamesItsDoubts(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	w.Must(w.approve(w.norma, id, w.provider()))
	p := person("500000000061", "Nia", "Newcomer")
	p.Email = w.leaver()
	w.Must(w.prove(cookie, p))
	asked := w.read(id)
	doubts := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Doubts, error) {
		return request.DoubtsOf(ctx, r, w.requests.Post, asked)
	})
	if len(doubts.Kinds) != 1 || doubts.Kinds[0] != review.Recycled || len(doubts.Past) != 1 {
		t.Fatalf("the doubts are %+v", doubts)
	}
	w.Must(w.approve(w.norma, id, request.Approval{}))
	if text := w.rules(id); !strings.Contains(text, review.Recycled.Title()) || w.links() != 1 {
		t.Errorf("%d links, and the record says %s", w.links(), text)
	}
}
