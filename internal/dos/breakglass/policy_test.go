package breakglass_test

import (
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/clock"
)

// Two people open emergency rights outside office hours: at night, at weekends and on bank holidays, by the clock in
// London. The operator can decide otherwise, but nobody opens a second use alone before the first was reviewed.
func TestWhenTwoPeopleOpen(t *testing.T) {
	in := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, clock.London)
	}
	always := breakglass.Usual
	always.TwoPeople = breakglass.Always
	never := breakglass.Usual
	never.TwoPeople = breakglass.Never
	for _, tt := range []struct {
		name       string
		policy     breakglass.Policy
		at         time.Time
		unreviewed bool
		want       bool
	}{
		{"a Tuesday at 8", breakglass.Usual, in(11, 3, 8, 0), false, false},
		{"a Tuesday just before 8", breakglass.Usual, in(11, 3, 7, 59), false, true},
		{"a Tuesday just before 6 in the evening", breakglass.Usual, in(11, 3, 17, 59), false, false},
		{"a Tuesday at 6 in the evening", breakglass.Usual, in(11, 3, 18, 0), false, true},
		{"a Friday", breakglass.Usual, in(11, 6, 12, 0), false, false},
		{"a Saturday", breakglass.Usual, in(11, 7, 12, 0), false, true},
		{"a Sunday", breakglass.Usual, in(11, 8, 12, 0), false, true},
		{"Christmas Day, a Friday", breakglass.Usual, in(12, 25, 12, 0), false, true},
		{"a Monday in summer at 8", breakglass.Usual, in(7, 6, 8, 0), false, false},
		{"a Monday in summer at 6 in the evening", breakglass.Usual, in(7, 6, 18, 0), false, true},
		{"a Tuesday at 8, a use is not reviewed", breakglass.Usual, in(11, 3, 8, 0), true, true},
		{"always two, at noon", always, in(11, 3, 12, 0), false, true},
		{"never two, at night", never, in(11, 3, 3, 0), false, false},
		{"never two, a use is not reviewed", never, in(11, 3, 12, 0), true, true},
	} {
		if got := tt.policy.NeedsTwo(directory.Calendar{}, tt.at, tt.unreviewed); got != tt.want {
			t.Errorf("%s: two people %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	own := map[string]account.Grants{
		"search-only": nil, "commissioner": account.Commissioner.In(account.Everywhere),
		"provider user": account.ProviderUser.In(account.OwnOrganisation),
		"administrator": account.UserAdministrator.In(account.OwnOrganisation),
	}
	for who, want := range map[breakglass.Who][]string{
		breakglass.Editors: {"administrator", "provider user"}, breakglass.Holders: {"administrator"},
		breakglass.Anybody: {"administrator", "commissioner", "provider user", "search-only"},
	} {
		var got []string
		for name, grants := range own {
			if (breakglass.Policy{Who: who}).May(grants) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q may ask, want %q", who, got, want)
		}
	}
}
