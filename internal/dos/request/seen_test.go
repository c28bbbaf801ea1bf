package request_test

import (
	"context"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// An asker who puts another Care Identity on a request while an administrator looks at it is not linked by what was
// approved of the former.
func TestAnApprovalIsOfWhatWasLookedAt(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	w.Must(w.prove(cookie, niaAtCIS2))
	w.Must(w.requests.Look(t.Context(), as(w.norma), id, false))
	approval := request.Approval{Seen: w.seen(id)}
	other := person("500000000099", "Bob", "Burglar")
	w.Must(w.prove(cookie, other))
	if _, err := w.requests.Approve(t.Context(), as(w.norma), id, approval); !is(err, fault.Conflict) {
		t.Errorf("a Care Identity that nobody saw: %v", err)
	}
	if _, err := w.requests.Approve(t.Context(), as(w.norma), id, request.Approval{}); !is(err, fault.Conflict) {
		t.Errorf("approved without a look: %v", err)
	}
	if asked := w.read(id); asked.State != request.Open || asked.AccountID != "" {
		t.Errorf("%s, account %q", asked.State, asked.AccountID)
	}
	w.Must(w.approve(w.norma, id, searchOnly)) // the honest twin, who looked again
	w.View(func(ctx context.Context, r db.R) error {
		link, err := account.LinkOf(ctx, r, w.read(id).AccountID)
		if link.Subject != other.Subject {
			t.Errorf("linked to %s", link.Subject)
		}
		return err
	})
}

// What the asker says meanwhile is looked at too.
func TestAnApprovalIsOfWhatTheAskerSaid(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	approval := request.Approval{Seen: w.seen(id)}
	w.Must(w.requests.State(t.Context(), stranger, cookie, request.NoIdentity))
	if _, err := w.requests.Approve(t.Context(), as(w.norma), id, approval); !is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}

// A doubt that comes meanwhile is looked at too: the record of the link says that it was.
func TestAnApprovalIsInSpiteOfTheDoubtsThatWereShown(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	p := niaAtCIS2
	p.Email = "leaver@example.nhs.uk"
	w.Must(w.prove(cookie, p))
	approval := request.Approval{Seen: w.seen(id)}
	w.leaver() // the address was somebody's, who has left by now
	links := w.links()
	_, err := w.requests.Approve(t.Context(), as(w.norma), id, approval)
	if !is(err, fault.Conflict) || w.links() != links {
		t.Errorf("in spite of a doubt that nobody saw: %v", err)
	}
	w.Must(w.approve(w.norma, id, searchOnly)) // the honest twin, who looked again
	if w.links() != links+1 {
		t.Error("the honest twin is not linked")
	}
}

// What was answered to a question meanwhile is looked at too.
func TestAnApprovalIsOfTheAnswer(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	w.Must(w.requests.AskBack(t.Context(), as(w.norma), id, "Which team?"))
	approval := request.Approval{Seen: w.seen(id)}
	w.Must(w.requests.Reply(t.Context(), stranger, cookie, "None"))
	if _, err := w.requests.Approve(t.Context(), as(w.norma), id, approval); !is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}
