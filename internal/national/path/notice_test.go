package path_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/national/path"

	"github.com/google/go-cmp/cmp"
)

const noticeReason = "I currently use a shared username (provide username you currently use) and require an " +
	"individual username for MFA readiness."

// The six cases of the notice. For each, its bullets are the first steps, in its order. All other facts
// about the person are favourable, so that there are no other steps.
func TestTheNoticesSixCases(t *testing.T) {
	tests := []struct {
		name     string
		account  path.Account
		identity path.Identity
		want     []path.What
	}{
		{"individual username, active", path.Individual, path.OneActive,
			[]path.What{path.MatchEmails}},
		{"individual username, not active", path.Individual, path.OneInactive,
			[]path.What{path.ReactivateIdentity, path.MatchEmails}},
		{"individual username, none at all", path.Individual, path.NoIdentity,
			[]path.What{path.ObtainCareIdentity, path.MatchEmails, path.GetPosition, path.GetAuthenticator}},
		{"shared username, active", path.Shared, path.OneActive,
			[]path.What{path.RequestIndividualAccount, path.MatchEmails}},
		{"shared username, not active", path.Shared, path.OneInactive,
			[]path.What{path.RequestIndividualAccount, path.ReactivateIdentity, path.MatchEmails}},
		{"shared username, none at all", path.Shared, path.NoIdentity,
			[]path.What{path.RequestIndividualAccount, path.ObtainCareIdentity, path.MatchEmails, path.GetPosition,
				path.GetAuthenticator}},
	}
	for _, tt := range tests {
		f := finished()
		f.Account = tt.account
		f.Identity = tt.identity
		f.Linked = path.No
		f.Email = path.EmailDifferent // the notice tells everybody to bring the addresses up to date
		want := append(tt.want, path.Link)
		if diff := cmp.Diff(want, whats(path.Next(f))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Each step has the owner, the place and the words that the notice gives for it.
func TestTheNoticesBullets(t *testing.T) {
	none := path.Facts{Account: path.Shared, Identity: path.NoIdentity, Phase: path.Choose}
	inactive := path.Facts{Account: path.Shared, Identity: path.OneInactive, Phase: path.Choose}

	request := step(t, none, path.RequestIndividualAccount)
	if request.Say != noticeReason || request.Where != path.PlaceRequestAccount || request.Owner != path.Person ||
		!request.Ready() {
		t.Errorf("request an individual account: %+v", request)
	}
	obtain := step(t, none, path.ObtainCareIdentity)
	if obtain.Where != path.PlaceApply || obtain.Also != path.PlaceFindRA || obtain.Owner != path.Person ||
		!obtain.Ready() {
		t.Errorf("apply for a Care Identity: %+v", obtain)
	}
	reactivate := step(t, inactive, path.ReactivateIdentity)
	if reactivate.Where != path.PlaceFindRA || reactivate.Owner != path.RegistrationAuthority || !reactivate.Ready() {
		t.Errorf("reactivate: %+v", reactivate)
	}
	// "Once you receive your individual DoS username and Care Identity, ensure that the email …"
	email := step(t, none, path.MatchEmails)
	if email.Where != path.PlaceAccountEmail || email.Also != path.PlaceProfileEmail ||
		!slices.Equal(email.After, []path.What{path.RequestIndividualAccount, path.ObtainCareIdentity}) {
		t.Errorf("bring the emails up to date: %+v", email)
	}
	position := step(t, none, path.GetPosition)
	for _, word := range []string{"Directory of Services System", "R8008", "B0166"} {
		if !strings.Contains(position.Say, word) {
			t.Errorf("the words about the position do not name %q: %s", word, position.Say)
		}
	}
	broken := finished()
	broken.Working = path.No
	if fix := step(t, broken, path.FixDevice); !strings.HasPrefix(fix.Say, "MFA-DoS - ") || fix.Owner != path.LocalIT ||
		fix.Also != path.PlaceTicket {
		t.Errorf("a device that does not work: %+v", fix)
	}
}

func TestTheReasonNamesTheSharedUsername(t *testing.T) {
	f := path.Facts{Account: path.Shared, Username: "frontdesk{1}"}
	want := "I currently use a shared username (frontdesk{1}) and require an individual username for MFA readiness."
	if got := step(t, f, path.RequestIndividualAccount).Say; got != want {
		t.Errorf("Say = %q, want %q", got, want)
	}
}

func TestUnknownFactsBecomeQuestions(t *testing.T) {
	individual := path.Facts{Account: path.Individual, Phase: path.Choose}
	tests := []struct {
		name  string
		facts path.Facts
		want  []path.What
	}{
		{"nothing known at all", path.Facts{},
			[]path.What{path.AskAccount, path.AskIdentity, path.ProveEmail, path.AskLink}},
		{"individual, never linked, no extract", change(individual, func(f *path.Facts) { f.Linked = path.No }),
			[]path.What{path.AskIdentity, path.ProveEmail, path.Link}},
		{"individual, the Care Identity does not work", change(individual, func(f *path.Facts) {
			f.Linked = path.No
			f.Identity = path.OneInactive
		}), []path.What{path.ReactivateIdentity, path.AskEmail, path.AskAccess, path.ProveEmail, path.Link}},
		{"shared, nothing else", path.Facts{Account: path.Shared},
			[]path.What{path.RequestIndividualAccount, path.AskIdentity, path.MatchEmails, path.Link}},
		{"only the position", change(finished(), func(f *path.Facts) { f.Position = path.Unknown }),
			[]path.What{path.AskAccess}},
		{"only the approval", change(finished(), func(f *path.Facts) { f.Approved = path.Unknown }),
			[]path.What{path.AskAccess}},
		{"only the device", change(finished(), func(f *path.Facts) { f.Working = path.Unknown }),
			[]path.What{path.CheckDevice}},
		{"only the link", change(finished(), func(f *path.Facts) { f.Linked = path.Unknown }),
			[]path.What{path.AskLink}},
		{"only the phase", change(finished(), func(f *path.Facts) { f.Phase = path.PhaseUnknown }), nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, whats(path.Next(tt.facts))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOneThingLeft(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*path.Facts)
		want  path.What
		owner path.Owner
	}{
		{"several care identities", func(f *path.Facts) { f.Identity = path.SeveralIdentities },
			path.ResolveSeveral, path.RegistrationAuthority},
		{"care identity not active", func(f *path.Facts) { f.Identity = path.OneInactive },
			path.ReactivateIdentity, path.RegistrationAuthority},
		{"email not verified", func(f *path.Facts) { f.Email = path.EmailUnverified }, path.VerifyIdentityEmail,
			path.Person},
		{"email differs", func(f *path.Facts) { f.Email = path.EmailDifferent }, path.MatchEmails, path.Person},
		{"DoS email not proved", func(f *path.Facts) { f.MailProved = path.No }, path.ProveEmail, path.Person},
		{"no position", func(f *path.Facts) { f.Position = path.No }, path.GetPosition, path.RegistrationAuthority},
		{"no authenticator", func(f *path.Facts) { f.Authenticator = path.NoAuthenticator }, path.GetAuthenticator,
			path.RegistrationAuthority},
		{"authenticator too weak", func(f *path.Facts) { f.Authenticator = path.TooWeak },
			path.StrongerAuthenticator, path.RegistrationAuthority},
		{"authenticator not approved", func(f *path.Facts) { f.Approved = path.No }, path.ApproveAuthenticator,
			path.RegistrationAuthority},
		{"device does not work", func(f *path.Facts) { f.Working = path.No }, path.FixDevice, path.LocalIT},
		{"not linked", func(f *path.Facts) { f.Linked = path.No }, path.Link, path.Person},
		{"not linked, wave prepares", func(f *path.Facts) {
			f.Linked = path.No
			f.Phase = path.Prepare
		}, path.AwaitLinking, path.ProgrammeTeam},
	}
	if steps := path.Next(finished()); len(steps) != 0 {
		t.Fatalf("the finished person still has %v", whats(steps))
	}
	for _, tt := range tests {
		steps := path.Next(change(finished(), tt.spoil))
		if len(steps) != 1 || steps[0].What != tt.want || steps[0].Owner != tt.owner {
			t.Errorf("%s: got %v, want %s of %s", tt.name, whats(steps), tt.want, tt.owner)
		}
	}
}

func TestPhases(t *testing.T) {
	unlinked := change(finished(), func(f *path.Facts) {
		f.Linked = path.No
		f.MailProved = path.No
	})
	tests := []struct {
		phase   path.Phase
		want    []path.What
		message string // of the last step
	}{
		{path.Prepare, []path.What{path.ProveEmail, path.AwaitLinking}, "as before"},
		{path.Choose, []path.What{path.ProveEmail, path.Link}, "with your password"},
		// The password opens nothing, so the address is proved within linking.
		{path.Require, []path.What{path.Link}, "password one last time"},
		{path.Closed, []path.What{path.Link}, "Ask your DoS user administrator for a code"},
	}
	for _, tt := range tests {
		unlinked.Phase = tt.phase
		steps := path.Next(unlinked)
		if diff := cmp.Diff(tt.want, whats(steps)); diff != "" {
			t.Errorf("phase %d (-want +got):\n%s", tt.phase, diff)
			continue
		}
		if got := strings.Join(steps[len(steps)-1].Detail, " "); !strings.Contains(got, tt.message) {
			t.Errorf("phase %d: detail %q does not say %q", tt.phase, got, tt.message)
		}
	}
}

func TestDeadlines(t *testing.T) {
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	unlinked := change(finished(), func(f *path.Facts) {
		f.Linked = path.No
		f.Phase = path.Choose
		f.Dates = path.Dates{
			Choose:  path.Date{At: day.AddDate(0, -1, 0), Text: "1 April 2026"},
			Require: path.Date{At: day, Text: "1 May 2026"},
		}
	})
	tests := []struct {
		name  string
		facts path.Facts
		what  path.What
		want  path.Deadline
	}{
		{"date known", unlinked, path.Link,
			path.Deadline{At: day, Message: "Before 1 May 2026, when passwords stop working"}},
		{"date not set", change(unlinked, func(f *path.Facts) { f.Dates = path.Dates{} }), path.Link,
			path.Deadline{Message: "Before passwords stop working; the date has not been set"}},
		{"linking not open yet", change(unlinked, func(f *path.Facts) { f.Phase = path.Prepare }), path.AwaitLinking,
			path.Deadline{At: day.AddDate(0, -1, 0), Message: "On 1 April 2026"}},
		{"locked out", change(unlinked, func(f *path.Facts) { f.Phase = path.Require }), path.Link,
			path.Deadline{Message: "Now: you cannot log in to DoS until this is done",
				Staff: "Now: they cannot log in to DoS until this is done"}},
		{"linked, so locked out in any phase", change(finished(), func(f *path.Facts) {
			f.Phase = path.Prepare
			f.Position = path.No
		}), path.GetPosition,
			path.Deadline{Message: "Now: you cannot log in to DoS until this is done",
				Staff: "Now: they cannot log in to DoS until this is done"}},
		{"in already, email to tidy", change(finished(), func(f *path.Facts) { f.Email = path.EmailDifferent }),
			path.MatchEmails,
			path.Deadline{Message: "As soon as you can", Staff: "As soon as they can"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, step(t, tt.facts, tt.what).By); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// "You will authorise access as appropriate": a requested account waits for the administrator.
func TestRequestedAccountWaitsForTheAdministrator(t *testing.T) {
	f := path.Facts{Account: path.Shared, Requested: path.Yes, Identity: path.OneActive}
	if s := step(t, f, path.AuthoriseAccount); s.Owner != path.DoSAdministrator || s.Where != path.PlaceAccountQueue ||
		!s.Ready() {
		t.Errorf("authorise the account: %+v", s)
	}
	if slices.Contains(whats(path.Next(f)), path.RequestIndividualAccount) {
		t.Error("who has asked for an account is told to ask again")
	}
}

// Linking waits only for the steps that it needs, and for a question only if the account may be shared.
func TestWhatLinkingWaitsFor(t *testing.T) {
	tests := []struct {
		name  string
		facts path.Facts
		want  []path.What
	}{
		{"all is well", finished(), nil},
		{"email differs", change(finished(), func(f *path.Facts) { f.Email = path.EmailDifferent }), nil},
		{"position not known", change(finished(), func(f *path.Facts) { f.Position = path.Unknown }), nil},
		{"account may be shared", change(finished(), func(f *path.Facts) { f.Account = path.AccountUnknown }),
			[]path.What{path.AskAccount}},
		{"DoS email not proved", change(finished(), func(f *path.Facts) { f.MailProved = path.No }),
			[]path.What{path.ProveEmail}},
		{"no position, weak authenticator", change(finished(), func(f *path.Facts) {
			f.Position = path.No
			f.Authenticator = path.TooWeak
		}),
			[]path.What{path.GetPosition, path.StrongerAuthenticator}},
	}
	for _, tt := range tests {
		tt.facts.Linked = path.No
		if got := step(t, tt.facts, path.Link).After; !slices.Equal(got, tt.want) {
			t.Errorf("%s: linking waits for %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Links that should not exist go to the service desk; no step assumes which half is wrong.
func TestBrokenLinks(t *testing.T) {
	shared := change(finished(), func(f *path.Facts) { f.Account = path.Shared })
	if s := step(t, shared, path.ReportSharedLink); s.Owner != path.ServiceDesk ||
		!strings.HasPrefix(s.Say, "MFA-DoS - ") {
		t.Errorf("shared, yet linked: %+v", s)
	}
	lost := change(finished(), func(f *path.Facts) { f.Identity = path.NoIdentity })
	if s := step(t, lost, path.ReportLostLink); s.Owner != path.ServiceDesk || !strings.HasPrefix(s.Say, "MFA-DoS - ") {
		t.Errorf("linked, yet no care identity: %+v", s)
	}
}

func TestChecklist(t *testing.T) {
	tests := []struct {
		name  string
		facts path.Facts
		want  []path.State // account, identity, email, position, authenticator, link
	}{
		{"finished", finished(), []path.State{path.Done, path.Done, path.Done, path.Done, path.Done, path.Done}},
		{"nothing known", path.Facts{},
			[]path.State{path.Unclear, path.Unclear, path.Do, path.Unclear, path.Unclear, path.Unclear}},
		{"shared and none", path.Facts{Account: path.Shared, Identity: path.NoIdentity},
			[]path.State{path.Do, path.Do, path.Waiting, path.Waiting, path.Waiting, path.Waiting}},
		{"individual account asked for", path.Facts{Account: path.Shared, Requested: path.Yes, Identity: path.OneActive,
			Position: path.Yes, Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes},
			[]path.State{path.Waiting, path.Done, path.Waiting, path.Done, path.Done, path.Waiting}},
		{"ready, wave prepares", change(finished(), func(f *path.Facts) {
			f.Linked = path.No
			f.Phase = path.Prepare
		}),
			[]path.State{path.Done, path.Done, path.Done, path.Done, path.Done, path.Waiting}},
		{"ready to link", change(finished(), func(f *path.Facts) { f.Linked = path.No }),
			[]path.State{path.Done, path.Done, path.Done, path.Done, path.Done, path.Do}},
	}
	for _, tt := range tests {
		var got []path.State
		for _, item := range path.Checklist(tt.facts) {
			got = append(got, item.State)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// finished gives the facts of a person who has nothing left to do.
func finished() path.Facts {
	return path.Facts{
		Account: path.Individual, Identity: path.OneActive, Email: path.EmailAgrees, MailProved: path.Yes,
		Position: path.Yes, Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes,
		Linked: path.Yes, Phase: path.Choose,
	}
}

func change(f path.Facts, by func(*path.Facts)) path.Facts {
	by(&f)
	return f
}

func whats(steps []path.Step) []path.What {
	var all []path.What
	for _, s := range steps {
		all = append(all, s.What)
	}
	return all
}

func step(t *testing.T, f path.Facts, what path.What) path.Step {
	t.Helper()
	for _, s := range path.Next(f) {
		if s.What == what {
			return s
		}
	}
	t.Fatalf("no step %s among %v", what, whats(path.Next(f)))
	return path.Step{}
}

// Whoever shares an account asks for one of their own, which never has a password. No step tells them to link with one,
// or to wait until linking opens.
func TestASharedAccountIsNotLinkedByPassword(t *testing.T) {
	for _, phase := range []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed} {
		f := path.Facts{Account: path.Shared, Identity: path.OneActive, Phase: phase, Linked: path.No}
		detail := strings.Join(step(t, f, path.Link).Detail, " ")
		if !strings.Contains(detail, "never has a password") || strings.Contains(detail, "code") {
			t.Errorf("phase %d: %s", phase, detail)
		}
		for _, s := range path.Next(f) {
			if s.What == path.AwaitLinking {
				t.Errorf("phase %d: they wait until linking opens", phase)
			}
		}
	}
}
