package linking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
	"signpost/internal/platform/worldtest"
)

// many makes individual accounts in the choose phase, all in one Update.
func (w *world) many(n int) []account.Account {
	w.Helper()
	var all []account.Account
	w.Update(func(ctx context.Context, u *db.W) error {
		for range n {
			name := fmt.Sprintf("pair%d", w.made)
			w.made++
			a, err := account.Add(ctx, u,
				account.New{
					Username:     name,
					FirstName:    "P",
					Email:        name + "@example.nhs.uk",
					EmailProved:  true,
					PasswordHash: w.Hash,
				})
			if err != nil {
				return err
			}
			if err := wave.Join(ctx, u, a.ID, w.Waves[path.Choose]); err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	w.settle()
	return all
}

// ceremonies begins one ceremony for each account, with a subject named after it.
func (w *world) ceremonies(all []account.Account, subject string) []string {
	w.Helper()
	return w.ceremoniesOf(all, func(c *linking.Ceremony) { c.Subject = subject + c.Subject })
}

// ceremoniesOf begins one ceremony for each account, whose subject is its username unless that is changed.
func (w *world) ceremoniesOf(all []account.Account, change func(c *linking.Ceremony)) []string {
	w.Helper()
	var cookies []string
	w.Must(w.DB.Keep(w.Context(), func(k *db.K) error {
		for _, a := range all {
			claim, err := w.linker.StartClaim(w.Context(), k, a)
			if err != nil {
				return err
			}
			c := linking.Ceremony{
				AccountID:    a.ID,
				AccountEmail: a.Email,
				Issuer:       issuer,
				Subject:      a.Username,
				Control:      linking.ByTyping,
				Session:      claim,
			}
			change(&c)
			id, secret, err := linking.Ceremonies.Start(w.Context(), k, c)
			if err != nil {
				return err
			}
			cookies = append(cookies, session.Cookie(id, secret))
		}
		return nil
	}))
	return cookies
}

// race runs two functions at once for each i, in either order, and many i at a time.
func race(n int, first, second func(i int)) {
	work := make(chan int)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range work {
				var both sync.WaitGroup
				acts := []func(int){first, second}
				both.Go(func() { acts[i%2](i) })
				both.Go(func() { acts[1-i%2](i) })
				both.Wait()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
}

// outcomes counts the results of a race. An error that people should not see fails the test.
type outcomes struct {
	t    *testing.T
	mu   sync.Mutex
	done map[string]int
}

func (o *outcomes) add(name string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		o.done[name]++
		return
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		o.t.Errorf("%s: %v", name, err)
	}
}

func newOutcomes(t *testing.T) *outcomes { return &outcomes{t: t, done: map[string]int{}} }

// L17: if two people link one account at once, exactly one succeeds.
func TestTwoPeopleLinkOneAccountAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOutcomes(t)
	all := w.many(pairs)
	one := w.ceremonies(all, "one")
	two := w.ceremonies(all, "two")
	race(pairs, func(i int) { o.add("linked", w.confirm(one[i], "")) }, func(i int) {
		o.add("linked", w.confirm(two[i], ""))
	})
	links := w.Count(`SELECT COUNT(*) FROM account_link`)
	events := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.linked'`)
	worldtest.Linking(t, "L17: %d pairs, %d links, %d second links", pairs, links, o.done["linked"]-pairs)
	if links != int64(pairs) || events != int64(pairs) || o.done["linked"] != pairs {
		t.Errorf("links %d, events %d, told so %d; want %d of each", links, events, o.done["linked"], pairs)
	}
}

// R10: one Care Identity never gets two accounts.
func TestOneCareIdentityLinksTwoAccountsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOutcomes(t)
	all := w.many(200)
	var cookies []string
	w.Must(w.DB.Keep(t.Context(), func(k *db.K) error {
		for i, a := range all {
			claim, err := w.linker.StartClaim(t.Context(), k, a)
			if err != nil {
				return err
			}
			c := linking.Ceremony{
				AccountID:    a.ID,
				AccountEmail: a.Email,
				Issuer:       issuer,
				Subject:      fmt.Sprint("both", i/2),
				Control:      linking.ByTyping,
				Session:      claim,
			}
			id, secret, err := linking.Ceremonies.Start(t.Context(), k, c)
			if err != nil {
				return err
			}
			cookies = append(cookies, session.Cookie(id, secret))
		}
		return nil
	}))
	race(100, func(i int) { o.add("linked", w.confirm(cookies[2*i], "")) }, func(i int) {
		o.add("linked", w.confirm(cookies[2*i+1], ""))
	})
	if links := w.Count(`SELECT COUNT(*) FROM account_link`); links != 100 || o.done["linked"] != 100 {
		t.Errorf("links %d, told so %d; want 100", links, o.done["linked"])
	}
}

// L18: if an account is linked while its address changes, one of the two succeeds and the other fails.
func TestLinkAgainstEmailChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOutcomes(t)
	all := w.many(pairs)
	codes := make([]string, pairs)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i, a := range all {
			write := func(code string) mail.Message {
				codes[i] = code
				return mail.Message{Kind: "account.email-code", To: "new-" + a.Email}
			}
			purpose := account.ForEmail.Within("one")
			if err := mailcode.Ask(ctx, u, w.linker.Post, purpose, account.Ref(a.ID), write); err != nil {
				return err
			}
		}
		return nil
	})
	links := w.ceremonies(all, "subject")
	race(pairs, func(i int) { o.add("linked", w.confirm(links[i], "")) }, func(i int) {
		me := actor.Actor{Kind: actor.Person, ID: all[i].ID, Session: "one"}
		o.add("changed", mailbox.Confirm(t.Context(), w.DB, me, w.linker.Post, all[i].ID, codes[i]))
	})
	both := w.Count(`SELECT COUNT(*) FROM account a JOIN account_link l ON l.account_id = a.id
		WHERE a.email LIKE 'new-%'`)
	neither := w.Count(`SELECT COUNT(*) FROM account a WHERE a.email NOT LIKE 'new-%'
		AND NOT EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id)`)
	worldtest.Linking(t, "L18: %d pairs, %d linked, %d changed, both %d, neither %d", pairs, o.done["linked"],
		o.done["changed"], both, neither)
	if both != 0 || neither != 0 || o.done["linked"]+o.done["changed"] != pairs {
		t.Error("a link and a change of address went together, or neither did")
	}
}

// L16: if an account is linked while it is deactivated, it is deactivated in the end and nobody can sign in.
func TestLinkAgainstDeactivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOutcomes(t)
	all := w.many(pairs)
	links := w.ceremonies(all, "leaver")
	race(pairs, func(i int) { o.add("linked", w.confirm(links[i], "")) }, func(i int) {
		o.add("deactivated", w.DB.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
			return account.Deactivate(t.Context(), u, all[i].ID, "left")
		}))
	})
	entered := 0
	for _, a := range all {
		p := person("leaver"+a.Username, a.Email)
		if outcome, _ := w.enter(p); outcome == signin.Enter {
			entered++
		}
	}
	active := w.Count(`SELECT COUNT(*) FROM account WHERE active`)
	sessions := w.Count(`SELECT COUNT(*) FROM session`)
	worldtest.Linking(t, "L16: %d pairs, %d linked, %d deactivated, active %d, sessions %d, entered %d", pairs,
		o.done["linked"], o.done["deactivated"], active, sessions, entered)
	if o.done["deactivated"] != pairs || active != 0 || sessions != 0 || entered != 0 {
		t.Error("a deactivated account is alive")
	}
}

// L19: of a thousand clicks exactly one links the account, with one chain of events.
func TestAThousandClicksLinkOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := newOutcomes(t)
	a := w.many(1)
	cookie := w.ceremonies(a, "subject")[0]
	click := func(int) { o.add("linked", w.confirm(cookie, "")) }
	race(500, click, click)
	events := w.Count(`SELECT COUNT(*) FROM event WHERE subject_id = $1 AND kind = 'account.linked'`, a[0].ID)
	refused := w.Count(`SELECT COUNT(*) FROM event WHERE subject_id = $1 AND kind = 'link.refused'`, a[0].ID)
	mails := w.Mailed("link.made", a[0].Email)
	worldtest.Linking(t, "L19: 1000 clicks, %d links, %d events of a link, %d of a refusal, %d mails", o.done["linked"],
		events, refused, mails)
	if o.done["linked"] != 1 || events != 1 || refused != 0 || mails != 1 {
		t.Error("want one of each, and no refusal")
	}
}
