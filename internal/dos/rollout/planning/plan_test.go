package planning_test

import (
	"testing"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/national/path"
)

// ready is somebody who has all that is needed.
var ready = path.Facts{
	Account: path.Individual, Identity: path.OneActive, Email: path.EmailAgrees, MailProved: path.Yes,
	Position: path.Yes, Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes, Linked: path.No,
	Phase: path.Choose,
}

// Whoever has linked their account and comes in is done, whatever addresses differ; whoever does not come in is not.
func TestState(t *testing.T) {
	plans := planning.NewPlanner(nil)
	for name, tt := range map[string]struct {
		change func(f *path.Facts)
		state  planning.State
		next   path.What
		dated  bool
	}{
		"ready": {func(*path.Facts) {}, planning.Ready, path.Link, true},
		"an address differs": {func(f *path.Facts) { f.Email = path.EmailDifferent }, planning.Blocked,
			path.MatchEmails, true},
		"no position": {func(f *path.Facts) { f.Position = path.No }, planning.Blocked, path.GetPosition, true},
		"nobody knows": {func(f *path.Facts) { f.Identity = path.IdentityUnknown }, planning.Unsure,
			path.AskIdentity, false},
		"linked": {func(f *path.Facts) { f.Linked = path.Yes }, planning.Moved, "", false},
		"linked, unconfirmed": {func(f *path.Facts) {
			f.Linked, f.Email = path.Yes, path.EmailUnverified
		}, planning.Moved, path.VerifyIdentityEmail, false},
		"linked, no position": {func(f *path.Facts) {
			f.Linked, f.Position = path.Yes, path.No
		}, planning.Blocked, path.GetPosition, true},
		"linked, both of them": {func(f *path.Facts) {
			f.Linked, f.Position, f.Email = path.Yes, path.No, path.EmailDifferent
		}, planning.Blocked, path.GetPosition, true},
	} {
		f := ready
		tt.change(&f)
		plan := plans.Plan(f)
		next, _ := plan.Next()
		if plan.State != tt.state || next.What != tt.next || plan.Dated() != tt.dated {
			t.Errorf("%s: %s, next %q, dated %t; want %s, %q, %t", name, plan.State, next.What, plan.Dated(), tt.state,
				tt.next, tt.dated)
		}
	}
}
