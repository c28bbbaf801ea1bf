package path

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// A dimension is one fact of those on which steps depend.
type dimension struct {
	last int // value
	get  func(f Facts) int
	set  func(f *Facts, value int)
}

func fact[T ~int](last T, at func(f *Facts) *T) dimension {
	return dimension{
		last: int(last),
		get:  func(f Facts) int { return int(*at(&f)) },
		set:  func(f *Facts, value int) { *at(f) = T(value) },
	}
}

var dimensions = [...]dimension{
	fact(Doubled, func(f *Facts) *Account { return &f.Account }),
	fact(Yes, func(f *Facts) *Known { return &f.Requested }),
	fact(SeveralIdentities, func(f *Facts) *Identity { return &f.Identity }),
	fact(EmailDifferent, func(f *Facts) *Email { return &f.Email }),
	fact(Yes, func(f *Facts) *Known { return &f.MailProved }),
	fact(Yes, func(f *Facts) *Known { return &f.Position }),
	fact(Sufficient, func(f *Facts) *Authenticator { return &f.Authenticator }),
	fact(Yes, func(f *Facts) *Known { return &f.Approved }),
	fact(Yes, func(f *Facts) *Known { return &f.Working }),
	fact(Yes, func(f *Facts) *Known { return &f.Linked }),
	fact(Closed, func(f *Facts) *Phase { return &f.Phase }),
}

// A point is a state of the walk: the value of each fact, in the order of the dimensions.
type point [len(dimensions)]byte

func pointOf(f Facts) (p point) {
	for d, one := range dimensions {
		p[d] = byte(one.get(f))
	}
	return p
}

func (p point) facts() (f Facts) {
	for d, one := range dimensions {
		one.set(&f, int(p[d]))
	}
	return f
}

// every calls fn with the states of the walk, each once, and gives their number. Where PROVE is set, as make prove
// does, they are all that there are. Otherwise they are those in which any three facts have any values, beside the
// others of somebody who is finished, of somebody of whom nothing is known, and at random: how many these are grows
// with the cube of the number of facts, where all that there are grow threefold and more with each.
func every(fn func(Facts)) int {
	if os.Getenv("PROVE") != "" {
		return product(fn)
	}
	seen := map[point]bool{}
	for _, background := range backgrounds() {
		combine(background, 0, 3, func(p point) {
			if !seen[p] {
				seen[p] = true
				fn(p.facts())
			}
		})
	}
	return len(seen)
}

// product calls fn with every combination of facts.
func product(fn func(Facts)) (n int) {
	combine(point{}, 0, len(dimensions), func(p point) {
		n++
		fn(p.facts())
	})
	return n
}

// combine calls fn with the point, and with each that differs from it in at most so many of the facts from one on.
func combine(p point, from, changes int, fn func(point)) {
	fn(p)
	if changes == 0 {
		return
	}
	for d := from; d < len(dimensions); d++ {
		other := p
		for value := range dimensions[d].last + 1 {
			if byte(value) == p[d] {
				continue
			}
			other[d] = byte(value)
			combine(other, d+1, changes-1, fn)
		}
	}
}

// backgrounds are the points around which the walk goes. The random ones are the same in each run.
func backgrounds() []point {
	list := []point{{}, pointOf(finished)}
	random := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		var p point
		for d, one := range dimensions {
			p[d] = byte(random.IntN(one.last + 1))
		}
		list = append(list, p)
	}
	return list
}

// finished are the facts about somebody who has nothing left to do.
var finished = Facts{
	Account: Individual, Identity: OneActive, Email: EmailAgrees, MailProved: Yes, Position: Yes,
	Authenticator: Sufficient, Approved: Yes, Working: Yes, Linked: Yes,
}

// isFinished decides independently of Next whether a person has nothing left to do.
func isFinished(f Facts) bool {
	f.Requested = finished.Requested
	f.Phase = finished.Phase
	return f == finished
}

// No state is a dead end: unless the person is finished there is a step that can be done now. Each step has one
// owner and appears once, and waits only for steps before it.
func TestEveryState(t *testing.T) {
	owners := []Owner{Person, RegistrationAuthority, DoSAdministrator, LocalIT, ServiceDesk, ProgrammeTeam}
	places := []Place{
		PlaceQuestions, PlaceRequestAccount, PlaceAccountQueue, PlaceApply, PlaceFindRA, PlaceAccountEmail,
		PlaceProfileEmail, PlaceCheckDevice, PlaceLink, PlaceTicket, Nowhere,
	}
	seen := map[What]bool{}
	done := 0
	n := every(func(f Facts) {
		if t.Failed() {
			return
		}
		steps := f.settled().steps()
		if isFinished(f) != (len(steps) == 0) {
			t.Errorf("%+v: finished %v, %d steps", f, isFinished(f), len(steps))
		}
		if len(steps) == 0 {
			done++
			return
		}
		ready := false
		for i, s := range steps {
			earlier := steps[:i]
			seen[s.What] = true
			ready = ready || s.Ready()
			if !slices.Contains(owners, s.Owner) || !slices.Contains(places, s.Where) ||
				!slices.Contains(places, s.Also) || len(s.For) == 0 {
				t.Errorf("%+v: step %+v", f, s)
			}
			if stands(earlier, s.What) {
				t.Errorf("%+v: %s stands twice", f, s.What)
			}
			for _, w := range s.After {
				if !stands(earlier, w) {
					t.Errorf("%+v: %s waits for %s, which is not before it", f, s.What, w)
				}
			}
		}
		if !ready {
			t.Errorf("%+v: nothing can be done now", f)
		}
	})
	t.Logf("states checked: %d, finished: %d", n, done)
	if n == 0 || done == 0 {
		t.Fatal("no state was checked")
	}
	for what := range messages {
		if !seen[what] {
			t.Errorf("no state leads to %s", what)
		}
	}
}

func stands(steps []Step, what What) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.What == what })
}

// From every state a person becomes finished by doing one ready step at a time, where each step changes only the
// facts that it is about.
func TestEveryStateLeadsToTheEnd(t *testing.T) {
	arrives := map[point]bool{}
	var way []point
	n := 0
	longest := 0
	every(func(f Facts) {
		way = way[:0]
		for steps := f.settled().steps(); len(steps) > 0 && !arrives[pointOf(f)]; steps = f.settled().steps() {
			if way = append(way, pointOf(f)); len(way) > 25 {
				t.Fatalf("%+v: goes round in circles at %v", f, steps[0].What)
			}
			f = bestOutcome(f, steps)
		}
		for _, p := range way {
			arrives[p] = true
		}
		n = n + 1
		longest = max(longest, len(way))
	})
	t.Logf("states followed to the end: %d, longest stretch %d steps", n, longest)
	if n == 0 || longest == 0 {
		t.Fatal("no state was followed")
	}
}

// bestOutcome does the first step that can be done now.
func bestOutcome(f Facts, steps []Step) Facts {
	for _, s := range steps {
		if s.Ready() {
			return s.What.doneTo(f)
		}
	}
	return f
}

// doneTo gives the facts after a step, with a usual answer to a question and the good outcome of an act.
func (w What) doneTo(f Facts) Facts {
	switch w {
	case AskAccount, AuthoriseAccount:
		if w == AuthoriseAccount {
			f.Requested = No
			f.Email = EmailUnknown
			f.Linked = No
			f.MailProved = Yes
		}
		f.Account = Individual
	case ResolveAccounts:
		f.Account = Individual
	case RequestIndividualAccount:
		f.Requested = Yes
	case AskIdentity, ObtainCareIdentity, ReactivateIdentity, ResolveSeveral:
		if w == ObtainCareIdentity {
			f.Email = EmailUnknown
			f.Position = Unknown
			f.Authenticator = AuthenticatorUnknown
		}
		f.Identity = OneActive
	case AskEmail, MatchEmails, VerifyIdentityEmail:
		f.Email = EmailAgrees
	case ProveEmail:
		f.MailProved = Yes
	case AskAccess:
		f.Position = max(f.Position, No)
		f.Authenticator = max(f.Authenticator, NoAuthenticator)
		f.Approved = max(f.Approved, No)
	case GetPosition:
		f.Position = Yes
	case GetAuthenticator, StrongerAuthenticator, ApproveAuthenticator:
		f.Authenticator = Sufficient
		f.Approved = Yes
	case CheckDevice:
		f.Working = No
	case FixDevice:
		f.Working = Yes
	case AskLink:
		f.Linked = No
	case AwaitLinking:
		f.Phase = Choose
	case Link:
		f.Linked = Yes
		f.MailProved = Yes
	case ReportLostLink, ReportSharedLink:
		f.Linked = No
	}
	return f
}

// Each step has its own texts, every value in them is filled in, and every sentence is used by some step.
func TestEveryWord(t *testing.T) {
	at := Date{At: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Text: "1 May 2026"}
	used := map[string]bool{}
	n := every(func(f Facts) {
		// The facts on which the texts depend, so that the test need not try the others again.
		if f.Requested == Unknown || f.Working == Unknown && f.Approved == No || t.Failed() {
			return
		}
		f = f.settled()
		for _, s := range f.steps() {
			for _, key := range f.sentences(&s) {
				used[key] = true
				if sentences[key] == "" {
					t.Errorf("%s asks for the sentence %q, which is not there", s.What, key)
				}
			}
			if s.By = f.deadline(&s); s.By.Message == "" {
				t.Errorf("%+v: %s has no deadline", f, s.What)
			}
		}
	})
	t.Logf("states checked: %d", n)
	for what := range messages {
		f := Facts{
			Username: "frontdesk1", Authority: "Example Trust", Sought: "a@b.example",
			Dates: Dates{Choose: at, Require: at, Close: at},
		}
		if what == Link {
			f.Phase = Require
		}
		s := Step{What: what, Where: PlaceFindRA}
		f.addTexts(&s)
		for _, key := range f.sentences(&s) {
			used[key] = true
		}
		if s.Title == "" || s.Task == "" || s.Takes == "" || s.By.Message == "" || len(s.Detail) == 0 {
			t.Errorf("%s has words missing: %+v", what, s)
		}
		for _, text := range append(s.Detail, s.Title, s.Task, s.Takes, s.Say, s.By.Message) {
			if strings.ContainsAny(text, "{}") {
				t.Errorf("%s leaves something unfilled: %q", what, text)
			}
		}
	}
	for key := range sentences {
		if !used[key] {
			t.Errorf("sentence %q is never said", key)
		}
	}
	for _, need := range Needs() {
		if needTitles[need] == "" {
			t.Errorf("need %s has no title", need)
		}
	}
	for _, key := range []string{"now", "soon", "before", "before.later", "days", "opens", "opens.later"} {
		if deadlines[key] == "" {
			t.Errorf("deadline %q has no words", key)
		}
		if strings.Contains(deadlines[key]+" ", "you") != (staffDeadlines[key] != "") {
			t.Errorf("deadline %q speaks to the person: what do those read who help them?", key)
		}
	}
}

// The same facts give the same answer, and an answer can be changed without changing the next.
func TestNextIsDeterministic(t *testing.T) {
	facts := []Facts{{}, {Account: Shared, Identity: NoIdentity},
		{Account: Individual, Identity: OneActive, Linked: No}}
	for _, f := range facts {
		first := Next(f)
		want := render(first)
		for i := range first {
			for j := range first[i].Detail {
				first[i].Detail[j] = "changed"
			}
			for j := range first[i].After {
				first[i].After[j] = "changed"
			}
		}
		for range 20 {
			if got := render(Next(f)); got != want {
				t.Fatalf("Next(%+v) differs:\n%s\n%s", f, got, want)
			}
		}
	}
}

func render(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(string(s.What) + "|" + string(s.Owner) + "|" + s.Title + "|" + s.Say + "|" + s.By.Message + "|" +
			strings.Join(s.Detail, " "))
		for _, a := range s.After {
			b.WriteString("<" + string(a))
		}
		b.WriteString("\n")
	}
	return b.String()
}
