package shared_test

import (
	"errors"
	"fmt"
	"testing"

	"signpost/internal/dos/shared"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Somebody who knows the password fills no case: so many claims are taken of a session, and so many wait for a
// decision.
func TestClaimsAreBounded(t *testing.T) {
	w := open(t)
	claim := func(session string, n int) error {
		name := fmt.Sprintf("Ann%c%c", 'a'+n/26, 'a'+n%26)
		return w.cases.Claim(t.Context(), by(w.team), w.team.ID, session, typed(name))
	}
	made := 0
	var y worldtest.Tally
	for made < 200 {
		session := worldtest.Must(w.logsIn())(t)
		for range 5 {
			w.Must(claim(session, made))
			made++
		}
		err := claim(session, made)
		y.Refused(t, "a sixth of a session", err == nil)
		if !errors.Is(err, fault.TooMany) {
			t.Errorf("a sixth of a session: %v", err)
		}
	}
	session := worldtest.Must(w.logsIn())(t)
	y.Refused(t, "one more that waits", claim(session, made) == nil)
	w.Must(claim(session, 0)) // of somebody who said so before
	y.Report(t, "claims")
	if n := len(w.Events("shared.claimed")); n != 201 {
		t.Errorf("%d events", n)
	}
}

// Names that are mailed have nothing of which a mail program makes a link.
func TestNamesOfClaimsAreNames(t *testing.T) {
	w := open(t)
	session := worldtest.Must(w.logsIn())(t)
	locked := typed("Ann")
	locked.FirstName = "Your account is locked: https://nhs-login.example/unlock"
	err := w.cases.Claim(t.Context(), by(w.team), w.team.ID, session, locked)
	if said, is := fault.From(err); !is || said.Field != "first_name" {
		t.Errorf("taken: %v", err)
	}
	w.Must(w.cases.Claim(t.Context(), by(w.team), w.team.ID, session, typed("Ann")))
}

// Whatever was merged into a claim goes with it: if that is rejected, the use of all three is nobody's again.
func TestMergedClaimsGoAlong(t *testing.T) {
	w := open(t)
	for _, name := range []string{"Ann", "Bea", "Cat"} {
		w.says(name)
	}
	w.proves()
	list := w.claims()
	w.Must(w.cases.Merge(t.Context(), by(w.admin), w.team.ID, list[0].ID, list[1].ID))
	w.Must(w.cases.Merge(t.Context(), by(w.admin), w.team.ID, list[1].ID, list[2].ID))
	w.Must(w.cases.Reject(t.Context(), by(w.admin), w.team.ID, list[2].ID, "They left"))
	if n := w.unclaimed(); n != 3 {
		t.Errorf("%d of 3 logins are unclaimed", n)
	}
}

// The progress of very many is read all the same.
func TestTheProgressOfVeryMany(t *testing.T) {
	w := open(t)
	list := make([]shared.Claim, 40_000)
	for i := range list {
		list[i] = shared.Claim{ID: fmt.Sprint(i), EmailKey: fmt.Sprint(i), State: shared.Claimed}
	}
	progress, err := db.Read(t.Context(), w.DB, func(r db.R) (map[string]shared.Progress, error) {
		return shared.ProgressOf(t.Context(), r, list)
	})
	w.Must(err)
	if len(progress) != len(list) {
		t.Errorf("of %d", len(progress))
	}
}
