package checkrp

import (
	"fmt"
	"strings"

	"signpost/internal/platform/relying/issuer"
)

// attack is one bad answer of the provider.
type attack struct {
	name   string
	change change
	by     string // what the relying party must have asked for to have met it: "token", "userinfo"
}

// refuses finds that the honest answer is taken and no bad one is.
func refuses(attacks ...attack) func(*run) finding {
	return func(r *run) finding {
		if _, bad := r.twin(); bad != nil {
			return *bad
		}
		var t tally
		for _, a := range attacks {
			r.try(&t, a)
		}
		return t.finding()
	}
}

func (r *run) try(t *tally, a attack) {
	got, err := r.signIn(a.change)
	switch {
	case err != nil:
		t.broken = append(t.broken, a.name+": "+err.Error())
	case a.by != "" && len(got.requests(a.by)) == 0:
		t.unmet = append(t.unmet, a.name)
	default:
		t.count(a.name, got.in, got.end.seen())
	}
}

// tally counts the bad answers that were given and taken.
type tally struct {
	tried    int
	accepted []string
	broken   []string // could not be tried
	unmet    []string // the relying party never asked for it
	last     string
}

func (t *tally) count(name string, accepted bool, saw string) {
	t.tried++
	t.last = saw
	if accepted {
		t.accepted = append(t.accepted, name)
	}
}

func (t *tally) finding() finding {
	f := finding{outcome: Pass, tried: t.tried, accepted: len(t.accepted)}
	f.saw = fmt.Sprintf("tried %d, accepted %d", t.tried, len(t.accepted))
	switch {
	case len(t.accepted) > 0:
		f.outcome = Fail
		f.saw += ": " + strings.Join(t.accepted, "; ")
	case len(t.broken) > 0:
		f.outcome = Fail
		f.saw += "; could not be tried: " + strings.Join(t.broken, "; ")
	case t.tried == 0 || len(t.unmet) > 0:
		f.outcome = NotSeen
		f.saw += "; it never asked for " + strings.Join(t.unmet, ", ")
	default:
		f.saw += "; " + t.last
	}
	return f
}

// takes finds that an answer which differs, but is right, is taken.
func takes(c change) func(*run) finding {
	return func(r *run) finding {
		a, err := r.signIn(c)
		if err != nil || !a.in {
			return fail("not signed in: %s", outcome(a, err))
		}
		return pass("signed in")
	}
}

// copes finds that an answer is met with a page for the person, in or not, and not with a breakdown.
func copes(c change) func(*run) finding {
	return func(r *run) finding {
		a, err := r.signIn(c)
		switch {
		case err != nil || a.end.status >= 500:
			return fail("%s", outcome(a, err))
		case a.in:
			return pass("signed in")
		case a.end.heading() == "":
			return fail("not signed in, and no page says why: %s", a.end.seen())
		}
		return pass("not signed in, %s", a.end.seen())
	}
}

// What an answer is changed by.

func idToken(alter func(claims map[string]any)) change {
	return func(s *issuer.Script) { s.Alter.IDToken = alter }
}

func claim(name string, value any) change {
	return idToken(func(c map[string]any) { c[name] = value })
}

func without(name string) change {
	return idToken(func(c map[string]any) { delete(c, name) })
}

func info(alter func(members map[string]any)) change {
	return func(s *issuer.Script) { s.Alter.UserInfo = alter }
}

func back(alter func(query map[string][]string)) change {
	return func(s *issuer.Script) { s.Alter.Callback = alter }
}

// together makes one change of several.
func together(all ...change) change {
	return func(s *issuer.Script) {
		for _, c := range all {
			c(s)
		}
	}
}
