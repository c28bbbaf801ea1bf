package extract

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// ErrFormat says that a message is not well formed; the text around it says where.
var ErrFormat = errors.New("not a well-formed extract message")

// The longest values that are accepted.
const (
	maxRef     = 64
	maxEmail   = 320
	maxSubject = 255
	maxRole    = 64
	maxText    = 200
)

// Check reports what is wrong with a request, if anything: the version, the number of questions, or
// the first question that names nobody, is too long or repeats a reference.
func (r Request) Check() error {
	if r.Version != Version {
		return malformed("version is %d, this is version %d", r.Version, Version)
	}
	if len(r.Questions) == 0 || len(r.Questions) > MaxBatch {
		return malformed("%d questions, must be 1 to %d", len(r.Questions), MaxBatch)
	}
	seen := make(map[string]bool, len(r.Questions))
	for i, q := range r.Questions {
		if err := q.check(); err != nil {
			return fmt.Errorf("question %d: %w", i+1, err)
		}
		if seen[q.Ref] {
			return malformed("question %d: ref is used twice", i+1)
		}
		seen[q.Ref] = true
	}
	return nil
}

func (q Question) check() error {
	switch {
	case !text(q.Ref, 1, maxRef):
		return malformed("ref must be 1 to %d bytes", maxRef)
	case q.Email == "" && q.Subject == "":
		return malformed("neither email nor subject")
	case !text(q.Email, 0, maxEmail):
		return malformed("email is over %d bytes or not text", maxEmail)
	case !text(q.Subject, 0, maxSubject):
		return malformed("subject is over %d bytes or not text", maxSubject)
	case !text(q.Role, 0, maxRole) || !text(q.Organisation, 0, maxRole):
		return malformed("role or organisation is over %d bytes or not text", maxRole)
	case (q.Role == "") != (q.Organisation == ""):
		return malformed("role and organisation belong together")
	}
	return q.Compare.check()
}

func (c *Compare) check() error {
	switch {
	case c == nil:
		return nil
	case !text(c.Given, 0, maxText) || !text(c.Family, 0, maxText):
		return malformed("a name is over %d bytes or not text", maxText)
	case len(c.Former) > MaxFormer:
		return malformed("%d former addresses, must be at most %d", len(c.Former), MaxFormer)
	}
	for _, address := range c.Former {
		if !text(address, 1, maxEmail) {
			return malformed("a former address is empty, over %d bytes or not text", maxEmail)
		}
	}
	return nil
}

func (c *Compared) check(asked Question) error {
	switch {
	case c == nil:
		return nil
	case asked.Compare == nil:
		return malformed("compared, yet nobody asked for it")
	case !slices.Contains([]By{BySubject, ByAddress, ByFormer, ByName}, c.By):
		return malformed("compared by %q", c.By)
	case !slices.Contains([]Name{NameSame, NamePart, NameOther, NameUnknown}, c.Name):
		return malformed("name is %q", c.Name)
	case !slices.Contains([]State{Active, NotActive, Closed}, c.State):
		return malformed("state is %q", c.State)
	case !text(c.Email, 0, maxEmail) || !text(c.Staff, 0, maxEmail):
		return malformed("an address is over %d bytes or not text", maxEmail)
	}
	return nil
}

// Check reports what is wrong with a response to the request, if anything. The asker calls it before it uses
// anything that another machine sent.
func (r Response) Check(to Request) error {
	if r.Version != Version {
		return malformed("version is %d, this is version %d", r.Version, Version)
	}
	if r.AsOf <= 0 {
		return malformed("as_of is missing")
	}
	if len(r.Answers) != len(to.Questions) {
		return malformed("%d answers to %d questions", len(r.Answers), len(to.Questions))
	}
	for i, a := range r.Answers {
		if a.Ref != to.Questions[i].Ref {
			return malformed("answer %d: ref is not that of the question", i+1)
		}
		if err := errors.Join(a.check(), a.Compared.check(to.Questions[i])); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		if a.Role != "" && to.Questions[i].Role == "" {
			return malformed("answer %d: role was not asked about", i+1)
		}
	}
	return nil
}

func (a Answer) check() error {
	if !slices.Contains([]Found{None, One, Several}, a.Found) {
		return malformed("found is %q", a.Found)
	}
	if len(a.Handles) > MaxHandles {
		return malformed("%d handles, must be at most %d", len(a.Handles), MaxHandles)
	}
	if err := errors.Join(a.Authority.check(), checkHandles(a.Handles)); err != nil {
		return err
	}
	if a.Found != One {
		if a.State != "" || a.Email != "" || a.Authenticator != nil || a.Position != "" ||
			a.Role != "" || a.ActiveAgain != 0 {
			return malformed("found is %q, yet more is said", a.Found)
		}
		return nil
	}
	return a.checkOne()
}

func (a Answer) checkOne() error {
	switch {
	case !slices.Contains([]State{Active, NotActive, Closed}, a.State):
		return malformed("state is %q", a.State)
	case !slices.Contains([]EmailMatch{EmailEqual, EmailUnverified, EmailDifferent, EmailUnknown}, a.Email):
		return malformed("email is %q", a.Email)
	case a.Position != Yes && a.Position != No:
		return malformed("position is %q", a.Position)
	case a.Role != "" && a.Role != Yes && a.Role != No:
		return malformed("role is %q", a.Role)
	case a.ActiveAgain < 0:
		return malformed("active_again is before all times")
	case a.Authenticator == nil:
		return malformed("authenticator is missing")
	}
	level := a.Authenticator.Level
	if level != 0 && level != 2 && level != 3 {
		return malformed("authenticator level is %d", level)
	}
	if level == 0 && a.Authenticator.Approved {
		return malformed("no authenticator, yet approved")
	}
	return nil
}

func (o *Authority) check() error {
	if o == nil {
		return nil
	}
	if !text(o.Organisation, 1, maxText) || !text(o.Code, 0, maxText) || !text(o.Contact, 0, maxText) {
		return malformed("registration_authority must name its organisation in up to %d bytes", maxText)
	}
	return nil
}

func text(s string, minBytes, maxBytes int) bool {
	return len(s) >= minBytes && len(s) <= maxBytes && utf8.ValidString(s)
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}
