package signin_test

import (
	"testing"

	"signpost/internal/dos/signin"
)

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		name string
		is   signin.Facts
		want signin.Outcome
	}{
		{"linked, active, with the position",
			signin.Facts{Linked: true, Active: true, Position: true, IdentityLevel: 3}, signin.Enter},
		{"nobody's account", signin.Facts{Position: true, IdentityLevel: 3}, signin.NoAccount},
		{"nobody's account and no position", signin.Facts{IdentityLevel: 3}, signin.NoAccount},
		{"deactivated", signin.Facts{Linked: true, Position: true, IdentityLevel: 3}, signin.AccountInactive},
		{"deactivated and no position", signin.Facts{Linked: true, IdentityLevel: 3}, signin.AccountInactive},
		{"no position", signin.Facts{Linked: true, Active: true, IdentityLevel: 3}, signin.NoPosition},
		{"identity checked to level 2", signin.Facts{Linked: true, Active: true, Position: true, IdentityLevel: 2},
			signin.IdentityLow},
		{"identity not checked, nobody's account", signin.Facts{}, signin.IdentityLow},
	} {
		if got := signin.Decide(tt.is); got != tt.want {
			t.Errorf("%s: Decide = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Of every combination of facts exactly one lets somebody in.
func TestDecideLetsInOneStateOnly(t *testing.T) {
	tried := 0
	entered := 0
	either := []bool{false, true}
	for _, linked := range either {
		for _, active := range either {
			for _, position := range either {
				for level := -1; level <= 3; level++ {
					tried++
					if signin.Decide(signin.Facts{
						Linked:        linked,
						Active:        active,
						Position:      position,
						IdentityLevel: level,
					}) == signin.Enter {
						entered++
					}
				}
			}
		}
	}
	t.Logf("Decide: tried %d, entered %d", tried, entered)
	if tried != 40 || entered != 1 {
		t.Errorf("tried %d, entered %d; want 40 and 1", tried, entered)
	}
}
