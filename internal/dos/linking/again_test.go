package linking_test

import (
	"context"

	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// What the oracle says of those who come in, also after their Care Identity was suspended (attack L27), and what
// histories do with that.

// pairing is an account and a Care Identity.
type pairing struct {
	account  *trueAccount
	identity int
}

// waitsAgain reports whether the link of an account is from before its Care Identity was suspended, and nobody has
// approved it since.
func (t *truth) waitsAgain(a *trueAccount) bool {
	again := t.identities[a.link].again
	return !again.IsZero() && a.linkedAt.Before(again) && t.approved[pairing{a, a.link}].Before(again)
}

// outcomeOf is what must come of somebody who comes with a Care Identity.
func (t *truth) outcomeOf(identity int) (a *trueAccount, want signin.Outcome) {
	a = t.linkedTo(identity)
	switch {
	case t.identities[identity].level < 3:
		return a, signin.IdentityLow
	case a == nil:
		return a, signin.NoAccount
	case !a.active:
		return a, signin.AccountInactive
	case t.waitsAgain(a):
		return a, signin.Reactivated
	}
	return a, signin.Enter
}

// enter comes in with a Care Identity, as its account or not at all.
func (h *history) enter() {
	identity := h.rand.IntN(len(h.truth.identities))
	if link := h.anyAccount().link; link != -1 {
		identity = link
	}
	i := h.truth.identities[identity]
	if !i.standing {
		h.say("CIS2 does not let identity %d in", identity)
		return
	}
	a, want := h.truth.outcomeOf(identity)
	got, cookie := h.enterActive(h.person(identity), i.again)
	h.say("identity %d comes in → must be %s, came: %s", identity, want, got)
	if got != want {
		h.Errorf("the last act")
		return
	}
	switch got {
	case signin.Enter:
		h.cameIn(a, cookie)
	case signin.Reactivated:
		h.count.of(h.act).refused++
		a.noted = true
		h.do(deed{"decide about a suspended Care Identity", 1, func() { h.approveAgain(a) }})
	default:
		h.count.of(h.act).refused++
	}
}

func (h *history) cameIn(a *trueAccount, cookie string) {
	h.count.entered++
	h.count.of(h.act).done++
	h.View(func(ctx context.Context, r db.R) error {
		s, err := signin.Sessions.Find(ctx, r, cookie)
		if s.Subject != a.id {
			h.Errorf("came in as account %s, and must as %s", s.Subject, a.id)
		}
		return err
	})
}

const notedCase = `SELECT id FROM link_review WHERE account_id = $1 AND subject = $2 AND NOT holds
	AND decided_at IS NULL`

// approveAgain has an administrator look at a link whose Care Identity was suspended, most often.
func (h *history) approveAgain(a *trueAccount) {
	if h.chance(30) {
		return
	}
	i := h.truth.identities[a.link]
	id := worldtest.Read(h.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, notedCase, a.id, i.subject)
	})
	by, who := h.anyAdministrator()
	approve := h.chance(75)
	_, err := h.linker.DecideReview(h.Context(), who, id, h.looked(id, approve, "asked them"))
	h.came(err, true, "%s looks at the link of %s again, approves: %v", by.Username, a.username, approve)
	a.noted = false
	switch {
	case approve:
		h.truth.approved[pairing{a, a.link}] = h.Clock.Now()
	case a.undoable(h.Clock.Now()):
		a.part()
		h.count.undone++
	}
}
