package simulation_test

import (
	"slices"
	"testing"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/national/path"
)

// fit are the facts of somebody who has all that a login with a Care Identity takes, and has not linked yet.
var fit = path.Facts{Account: path.Individual, Identity: path.OneActive, Email: path.EmailAgrees, MailProved: path.Yes,
	Position: path.Yes, Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes, Linked: path.No,
	Phase: path.Require}

func with(change func(f *simulation.Facts)) simulation.Facts {
	f := simulation.Facts{Path: fit, Password: true}
	change(&f)
	return f
}

func TestJudge(t *testing.T) {
	plans := planning.NewPlanner(nil)
	phase := func(p path.Phase) func(f *simulation.Facts) { return func(f *simulation.Facts) { f.Path.Phase = p } }
	for name, tt := range map[string]struct {
		change  func(f *simulation.Facts)
		outcome simulation.Outcome
		first   path.What
		days    int
	}{
		"password works": {phase(path.Choose), simulation.Enters, "", 0},
		"ready":          {phase(path.Require), simulation.Links, "", 0},
		"not linked, passwords over": {phase(path.Closed), simulation.LockedOut,
			"make_link_code", 3},
		"linked": {func(f *simulation.Facts) { f.Path.Linked = path.Yes; f.Path.Phase = path.Closed },
			simulation.Enters, "", 0},
		"addresses differ": {func(f *simulation.Facts) { f.Path.Email = path.EmailDifferent }, simulation.Links, "", 0},
		"no position": {func(f *simulation.Facts) { f.Path.Position = path.No }, simulation.LockedOut,
			path.GetPosition, 5},
		"no position, linked, password still in the phase": {func(f *simulation.Facts) {
			f.Path.Position = path.No
			f.Path.Linked = path.Yes
			f.Path.Phase = path.Choose
		}, simulation.LockedOut, path.GetPosition, 5},
		"position and authenticator": {func(f *simulation.Facts) {
			f.Path.Position = path.No
			f.Path.Authenticator = path.NoAuthenticator
		}, simulation.LockedOut, path.GetPosition, 10},
		"no care identity": {func(f *simulation.Facts) { f.Path.Identity = path.NoIdentity }, simulation.LockedOut,
			path.ObtainCareIdentity, 10},
		"nobody knows": {func(f *simulation.Facts) {
			f.Path = path.Facts{Account: path.Individual,
				Phase: path.Require, Linked: path.No}
		}, simulation.Unsure, path.AskIdentity, 2},
		"nobody knows, and no position": {func(f *simulation.Facts) {
			f.Path.Authenticator = path.AuthenticatorUnknown
			f.Path.Position = path.No
		}, simulation.LockedOut, path.GetPosition, 5},
		"shared": {func(f *simulation.Facts) { f.Path.Account = path.Shared }, simulation.LockedOut, "shared_account_ends", 3},
		"days left, no position": {func(f *simulation.Facts) {
			f.Path.Position = path.No
			f.Allowance = 2
			f.Worked = 2
		}, simulation.Limited, path.GetPosition, 5},
		"days used up, no position": {func(f *simulation.Facts) {
			f.Path.Position = path.No
			f.Allowance = 2
			f.Worked = 3
		}, simulation.LockedOut, path.GetPosition, 5},
		"shared, before": {func(f *simulation.Facts) {
			f.Path.Account = path.Shared
			f.Path.Phase = path.Choose
		}, simulation.Enters, "", 0},
		"link waits": {func(f *simulation.Facts) { f.Waits = true }, simulation.LockedOut, "decide_link", 3},
		"linked, and waits again": {func(f *simulation.Facts) {
			f.Waits = true
			f.Path.Linked = path.Yes
		}, simulation.LockedOut, "decide_link", 3},
		"a team's address": {func(f *simulation.Facts) { f.TeamAddress = true }, simulation.LockedOut, "own_address", 2},
		"no password":      {func(f *simulation.Facts) { f.Password = false }, simulation.LockedOut, "make_link_code", 3},
		"organisation not known": {func(f *simulation.Facts) { f.Homeless = true }, simulation.LockedOut,
			"confirm_organisation", 3},
		"organisation not known, password works": {func(f *simulation.Facts) {
			f.Homeless = true
			f.Path.Phase = path.Choose
		}, simulation.Enters, "", 0},
		"password set by mail": {func(f *simulation.Facts) { f.ByMail = true }, simulation.LockedOut,
			"make_link_code", 3},
		"password set by mail, passwords work": {func(f *simulation.Facts) {
			f.ByMail = true
			f.Path.Phase = path.Choose
		}, simulation.Enters, "", 0},
		"position not said": {func(f *simulation.Facts) { f.Path.Position = path.Unknown }, simulation.Unsure, path.AskAccess,
			2},
		"no password, with a code": {func(f *simulation.Facts) {
			f.Password = false
			f.Code = true
			f.Path.Phase = path.Closed
		}, simulation.Links, "", 0},
		"shared, retired": {func(f *simulation.Facts) {
			f.Path.Account = path.Shared
			f.Path.Phase = path.Choose
			f.Retired = true
		}, simulation.LockedOut, "shared_account_ends", 3},
		"no password, linking not open": {func(f *simulation.Facts) {
			f.Password = false
			f.Path.Phase = path.Prepare
		}, simulation.LockedOut, path.AwaitLinking, 3},
	} {
		got := simulation.Judge(with(tt.change), plans)
		if got.Outcome != tt.outcome || got.Days != tt.days {
			t.Errorf("%s: %s in %d days, want %s in %d", name, got.Outcome, got.Days, tt.outcome, tt.days)
		}
		if tt.first != "" && (len(got.Bars) == 0 || got.Bars[0].What != tt.first) {
			t.Errorf("%s: barred by %+v, want %s first", name, got.Bars, tt.first)
		}
		for _, b := range got.Bars {
			if b.Owner == "" || b.Task == "" {
				t.Errorf("%s: %s has owner %q and task %q", name, b.What, b.Owner, b.Task)
			}
		}
	}
}

// Whoever is locked out, or of whom nobody knows, has something to be done about it, by somebody, in some days; nobody
// else has.
func TestEverybodyWhoIsLockedOutHasACure(t *testing.T) {
	plans := planning.NewPlanner(nil)
	tried := map[simulation.Outcome]int{}
	for n := range 2 * 2 * 2 * 2 * 2 * 3 * 5 * 3 * 4 * 3 * 5 {
		take := func(of int) int {
			v := n % of
			n /= of
			return v
		}
		f := simulation.Facts{Password: take(2) == 0, Waits: take(2) == 0, TeamAddress: take(2) == 0,
			Homeless: take(2) == 0, Allowance: take(2), Worked: 1, Path: path.Facts{
				Account: path.Account(take(3)), Identity: path.Identity(take(5)), Position: path.Known(take(3)),
				Authenticator: path.Authenticator(take(4)), Linked: path.Known(take(3)), Phase: path.Phase(take(5)),
				Approved: path.Yes, Working: path.Yes,
			}}
		j := simulation.Judge(f, plans)
		tried[j.Outcome]++
		barred := slices.ContainsFunc([]simulation.Outcome{j.Outcome, j.Then}, func(o simulation.Outcome) bool {
			return o == simulation.LockedOut || o == simulation.Unsure
		})
		if barred != (len(j.Bars) > 0) {
			t.Fatalf("%+v: %s with %+v in %d days", f, j.Outcome, j.Bars, j.Days)
		}
	}
	for _, o := range simulation.Outcomes() {
		if tried[o] == 0 {
			t.Errorf("nobody was found to be %s", o)
		}
	}
}
