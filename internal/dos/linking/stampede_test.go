package linking_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
)

const stampede = 16

// atOnce does one thing many times at once and gives the error of each.
func atOnce(act func(i int) error) []error {
	results := make([]error, stampede)
	var all sync.WaitGroup
	for i := range stampede {
		all.Go(func() { results[i] = act(i) })
	}
	all.Wait()
	return results
}

// succeeded counts the results that are no error. Each of the others has to be one that people can be told.
func succeeded(t *testing.T, results []error) (n int) {
	t.Helper()
	for _, err := range results {
		var told *fault.Fault
		switch {
		case err == nil:
			n++
		case !errors.As(err, &told):
			t.Errorf("one that lost: %v", err)
		}
	}
	return n
}

// Whoever says many times at once that both names are theirs has said so, once.
func TestNamesAreAcceptedAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.account("oliver", path.Choose, func(n *account.New) { n.FirstName = "Oliver" })
	w.settle()
	p := person("leila", a.Email)
	p.Name = "Leila Haddad"
	cookie, err := w.claim(p, "oliver", goodPass)
	w.Must(err)
	results := atOnce(func(int) error { return w.linker.AcceptNames(t.Context(), stranger, cookie) })
	if n := succeeded(t, results); n != stampede {
		t.Errorf("%d of %d are told that it is done: %v", n, stampede, errors.Join(results...))
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'link.names-differ'`); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	w.Must(w.confirm(cookie, w.code(a.Email)))
}

// Of many who claim one account at once, each with the right password and a Care Identity of their own, one links it.
func TestOneAccountIsClaimedAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	n := succeeded(t, atOnce(func(i int) error {
		cookie, err := w.claim(person(fmt.Sprint("rival", i), a.Email), "ada", goodPass)
		if err != nil {
			return err
		}
		return w.confirm(cookie, "")
	}))
	w.linkedOnce(a, n)
}

// Of many who claim one account at once with an administrator's code, one links it: the code works once.
func TestOneRelinkCodeIsUsedAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	w.settle()
	handed := w.allow(admin, a)
	cookies := make([]string, stampede)
	results := atOnce(func(i int) (err error) {
		cookies[i], err = w.claimByRelinkCode(person(fmt.Sprint("rival", i), a.Email), "ada", handed)
		return err
	})
	if n := succeeded(t, results); n != stampede {
		t.Errorf("%d of %d may go on to the code in the mailbox: %v", n, stampede, errors.Join(results...))
	}
	code := w.code(a.Email)
	n := succeeded(t, atOnce(func(i int) error { return w.confirm(cookies[i], code) }))
	w.linkedOnce(a, n)
	if _, err := w.claimByRelinkCode(person("late", a.Email), "ada", handed); err == nil {
		t.Error("the administrator's code worked again")
	}
}

// linkedOnce makes sure that one link was made and recorded, and that one person was told so.
func (w *world) linkedOnce(a account.Account, told int) {
	w.Helper()
	links := w.Count(`SELECT COUNT(*) FROM account_link`)
	events := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.linked'`)
	mails := w.Mailed("link.made", a.Email)
	if links != 1 || events != 1 || mails != 1 || told != 1 {
		w.Errorf("links %d, events %d, mails %d, told so %d; want one of each", links, events, mails, told)
	}
}

// Wrong claims at once count as they would one after the other: none more than the limit is tried.
func TestWrongClaimsAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	p := person("guesser", a.Email)
	for kind, claim := range map[string]func(i int) error{
		"signin.password-wrong": func(i int) error {
			_, err := w.linker.Claim(t.Context(), stranger, arrived(p),
				signin.Typed{Username: "ada", Password: fmt.Sprint("wrong", i)})
			return err
		},
		"link.leave-wrong": func(i int) error {
			_, err := w.linker.ClaimByRelinkCode(t.Context(), stranger, arrived(p), "ada", fmt.Sprint("wrong", i))
			return err
		},
	} {
		if n := succeeded(t, atOnce(claim)); n != 0 {
			t.Errorf("%s: %d wrong claims were taken", kind, n)
		}
		if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = $1`, kind); n != 10 {
			t.Errorf("%s: %d tries were checked, want 10", kind, n)
		}
	}
}
