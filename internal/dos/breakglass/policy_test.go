package breakglass_test

import (
	"slices"
	"strings"
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
	wideAlone := breakglass.Usual
	wideAlone.Alone = account.KindEverywhere
	narrow := breakglass.Usual
	narrow.Alone = account.KindService
	const service, region, everywhere = account.KindService, account.KindRegion, account.KindEverywhere
	for _, tt := range []struct {
		name       string
		policy     breakglass.Policy
		at         time.Time
		place      account.ScopeKind
		unreviewed bool
		want       bool
	}{
		{"a Tuesday at 8", breakglass.Usual, in(11, 3, 8, 0), service, false, false},
		{"a Tuesday just before 8", breakglass.Usual, in(11, 3, 7, 59), service, false, true},
		{"a Tuesday just before 6 in the evening", breakglass.Usual, in(11, 3, 17, 59), service, false, false},
		{"a Tuesday at 6 in the evening", breakglass.Usual, in(11, 3, 18, 0), service, false, true},
		{"a Friday", breakglass.Usual, in(11, 6, 12, 0), service, false, false},
		{"a Saturday", breakglass.Usual, in(11, 7, 12, 0), service, false, true},
		{"a Sunday", breakglass.Usual, in(11, 8, 12, 0), service, false, true},
		{"Christmas Day, a Friday", breakglass.Usual, in(12, 25, 12, 0), service, false, true},
		{"a Monday in summer at 8", breakglass.Usual, in(7, 6, 8, 0), service, false, false},
		{"a Monday in summer at 6 in the evening", breakglass.Usual, in(7, 6, 18, 0), service, false, true},
		{"a Tuesday at 8, a use is not reviewed", breakglass.Usual, in(11, 3, 8, 0), service, true, true},
		{"always two, at noon", always, in(11, 3, 12, 0), service, false, true},
		{"never two, at night", never, in(11, 3, 3, 0), service, false, false},
		{"never two, a use is not reviewed", never, in(11, 3, 12, 0), service, true, true},
		{"a region, at noon", breakglass.Usual, in(11, 3, 12, 0), region, false, false},
		{"everywhere, at noon", breakglass.Usual, in(11, 3, 12, 0), everywhere, false, true},
		{"everywhere, at night", breakglass.Usual, in(11, 3, 3, 0), everywhere, false, true},
		{"everywhere, never two by the hour", never, in(11, 3, 12, 0), everywhere, false, true},
		{"everywhere, where one may", wideAlone, in(11, 3, 12, 0), everywhere, false, false},
		{"everywhere, where one may, at night", wideAlone, in(11, 3, 3, 0), everywhere, false, true},
		{"a region, where one may not", narrow, in(11, 3, 12, 0), region, false, true},
		{"a service, where one may", narrow, in(11, 3, 12, 0), service, false, false},
		{"a place of a kind that is not known", breakglass.Usual, in(11, 3, 12, 0), "", false, true},
	} {
		if got := tt.policy.NeedsTwo(directory.Calendar{}, tt.at, tt.place, tt.unreviewed); got != tt.want {
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

// Pages say what the policy does about wide places.
func TestThePolicySaysWhatTwoPeopleOpen(t *testing.T) {
	const everywhere, more = "For all services everywhere two people always do.", "For more than one service"
	for _, tt := range []struct {
		name          string
		widest, alone account.ScopeKind
		says, not     string
	}{
		{"usual", account.KindEverywhere, account.KindRegion, everywhere, more},
		{"one person may open all", account.KindEverywhere, account.KindEverywhere, "two people do.", "always"},
		{"nothing is as wide", account.KindRegion, account.KindRegion, "two people do.", "always"},
		{"a service alone", account.KindRegion, account.KindService, more, everywhere},
	} {
		p := breakglass.Usual
		p.Widest = tt.widest
		p.Alone = tt.alone
		for _, rule := range []breakglass.TwoPeople{breakglass.OutsideHours, breakglass.Never} {
			p.TwoPeople = rule
			if text := p.Text(); !strings.Contains(text, tt.says) || strings.Contains(text, tt.not) {
				t.Errorf("%s: %s", tt.name, text)
			}
		}
	}
}
