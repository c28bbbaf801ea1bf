package merge_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/fault"
)

// Two accounts that are linked to two Care Identities are not merged, and what the refusal says to do works: the link
// of the one that is to be closed is undone, and the merge is proposed. Once that link is too old, it says so.
func TestTwoLinkedAccounts(t *testing.T) {
	w := newWorld(t)
	w.link(w.old, "901")
	w.link(w.young, "900")
	cure := func() string {
		t.Helper()
		_, err := w.propose(w.ofNorth, w.old, w.young)
		var f *fault.Fault
		if !errors.As(err, &f) {
			t.Fatalf("proposed: %v", err)
		}
		return f.Cure
	}
	if got := cure(); !strings.Contains(got, "undo the link of the account "+w.young.Username) {
		t.Errorf("while it can be undone: %s", got)
	}
	if _, err := w.links.Undo(w.Context(), by(w.ofNorth), w.young.ID, "Both are hers"); err != nil {
		t.Fatalf("undo as it says: %v", err)
	}
	if _, err := w.propose(w.ofNorth, w.old, w.young); err != nil {
		t.Errorf("propose as it says: %v", err)
	}

	w = newWorld(t)
	w.link(w.old, "901")
	w.link(w.young, "900")
	w.Clock.Advance(31 * 24 * time.Hour)
	if got := cure(); !strings.Contains(got, "deactivate the account "+w.young.Username) ||
		strings.Contains(got, "undo the link") {
		t.Errorf("once it is too old: %s", got)
	}
}
