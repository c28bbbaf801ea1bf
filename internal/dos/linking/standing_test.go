package linking_test

import (
	"context"
	"errors"
	"testing"

	"signpost/internal/dos/linking"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
)

// asker answers as the care identity side of somebody else may.
type asker func(q extract.Question) (extract.Answer, error)

// Ask answers.
func (a asker) Ask(_ context.Context, q extract.Question) (extract.Answer, error) { return a(q) }

// Before it is linked, the Care Identity is asked about by its number. If it does not stand, or nobody can say, nothing
// is linked; with nobody to ask the proof at CIS2 counts.
func TestALinkAsksWhetherTheIdentityStands(t *testing.T) {
	away := errors.New("away")
	for name, tt := range map[string]struct {
		found   extract.Found
		state   extract.State
		problem error
		linked  bool
	}{
		"active":         {found: extract.One, state: extract.Active, linked: true},
		"suspended":      {found: extract.One, state: extract.NotActive},
		"closed":         {found: extract.One, state: extract.Closed},
		"nobody":         {found: extract.None},
		"cannot be told": {problem: away},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.account("ada", path.Choose)
			w.settle()
			cookie, err := w.claim(person("ada", "ada@elsewhere.example"), "ada", goodPass)
			w.Must(err)
			code := w.code(a.Email)
			w.linker.Asker = asker(func(q extract.Question) (extract.Answer, error) {
				if q.Subject == "" && q.Email == a.Email { // whether somebody else has the account's address
					return extract.Answer{Ref: q.Ref, Found: extract.None}, nil
				}
				if q.Subject != "ada" || q.Email != "" {
					t.Errorf("asked about %+v", q)
				}
				return extract.Answer{Ref: q.Ref, Found: tt.found, State: tt.state}, tt.problem
			})
			err = w.confirm(cookie, code)
			if w.linked(a.ID) != tt.linked || (err == nil) != tt.linked {
				t.Fatalf("linked %v, %v", w.linked(a.ID), err)
			}
			refused, _ := linking.RefusalOf(err)
			switch {
			case tt.linked:
			case tt.problem != nil && !is(err, fault.Unavailable):
				t.Errorf("while nobody can say: %v", err)
			case tt.problem == nil && refused != linking.IdentityEnded:
				t.Errorf("it is refused as %q: %v", refused, err)
			}
			if n := len(w.Events("link.refused")); tt.problem == nil && !tt.linked && n != 1 {
				t.Errorf("%d events of the refusal", n)
			}
			if tt.problem != nil { // the code is not used up
				w.linker.Asker = nil
				w.Must(w.confirm(cookie, code))
			}
		})
	}
}
