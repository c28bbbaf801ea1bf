package path

import (
	"slices"
	"testing"
)

// Whatever is known of somebody, each step that is left stands in one place, and there is something to do or somebody
// at work.
func TestOneThingNow(t *testing.T) {
	never, always := func(What) bool { return false }, func(What) bool { return true }
	every(func(f Facts) {
		for _, asked := range []func(What) bool{never, always} {
			now := NowOf(f, asked)
			said := slices.Concat(now.With, now.Working, now.After)
			if now.Do.What != "" {
				said = append(said, now.Do)
			}
			left := Whats(Next(f))
			found := Whats(said)
			slices.Sort(left)
			slices.Sort(found)
			if !slices.Equal(left, found) {
				t.Fatalf("%+v: left are %v, said %v", f, left, found)
			}
			if len(left) > 0 && now.Do.What == "" && len(now.Working) == 0 {
				t.Fatalf("%+v: nothing to do, and nobody at work", f)
			}
			if now.Do.What != "" && !now.Do.Ready() {
				t.Fatalf("%+v: %s cannot start yet", f, now.Do.What)
			}
			if now.Do.What != "" && !slices.ContainsFunc(Checklist(f)[now.Number-1].Steps, func(s Step) bool {
				return s.What == now.Do.What
			}) {
				t.Fatalf("%+v: step %d of %d is not %s", f, now.Number, now.Of, now.Do.What)
			}
		}
		if do := NowOf(f, always).Do; do.What != "" && do.Asks() {
			t.Fatalf("%+v: asked already, and is to ask again: %s", f, do.What)
		}
		if do := NowOf(f, never); do.Do.What == "" && slices.ContainsFunc(do.Working, func(s Step) bool {
			return !s.Waits()
		}) {
			t.Fatalf("%+v: nobody was asked, and somebody is at work: %v", f, Whats(do.Working))
		}
	})
}

// One mail asks a registration authority for all that it can give now.
func TestOneMailAsksForAll(t *testing.T) {
	f := Facts{
		Account: Individual, Identity: OneActive, Email: EmailAgrees, MailProved: Yes, Position: No,
		Authenticator: NoAuthenticator, Linked: No, Phase: Choose,
	}
	now := NowOf(f, func(What) bool { return false })
	if got := Whats(now.Asking()); !slices.Equal(got, []What{GetPosition, GetAuthenticator}) {
		t.Errorf("the mail asks for %v", got)
	}
	if now.Number != 4 || now.Of != 6 {
		t.Errorf("step %d of %d", now.Number, now.Of)
	}
	now = NowOf(f, func(w What) bool { return w == GetPosition })
	if now.Do.What != GetAuthenticator || len(now.With) > 0 || !slices.Equal(Whats(now.Working), []What{GetPosition}) {
		t.Errorf("after the position was asked for: %+v", now)
	}
}
