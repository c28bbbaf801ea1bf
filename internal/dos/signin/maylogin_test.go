package signin_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// Somebody's own account may be come into in each phase, as they can link it; a shared one until its wave shuts it; a
// machine's, and one that is not there, never.
func TestWhoMayStillLogIn(t *testing.T) {
	w := newWorld(t)
	shared := func(n *account.New) { n.Kind = account.Shared }
	machine := func(n *account.New) { n.Kind = account.Machine }
	for name, tt := range map[string]struct {
		phase  path.Phase
		change func(*account.New)
		may    bool
	}{
		"own, choose":     {path.Choose, nil, true},
		"own, require":    {path.Require, nil, true},
		"own, closed":     {path.Closed, nil, true},
		"shared, choose":  {path.Choose, shared, true},
		"shared, require": {path.Require, shared, false},
		"shared, closed":  {path.Closed, shared, false},
		"machine":         {path.Choose, machine, false},
	} {
		changes := []func(*account.New){}
		if tt.change != nil {
			changes = append(changes, tt.change)
		}
		a := w.account(strings.NewReplacer(", ", ".").Replace(name), tt.phase, changes...)
		may, err := w.mayLogIn(a.ID)
		if err != nil || may != tt.may {
			t.Errorf("%s: %v, %v", name, may, err)
		}
	}
	gone, err := w.mayLogIn("nobody")
	if err != nil || gone {
		t.Errorf("an account that is not there: %v, %v", gone, err)
	}
}

func (w *world) mayLogIn(id string) (bool, error) {
	return db.Read(w.Context(), w.DB, func(r db.R) (bool, error) { return signin.MayLogIn(w.Context(), r, id) })
}
