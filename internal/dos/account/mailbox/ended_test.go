package mailbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

// amended is an event about what a test does to an account.
func amended(a account.Account) audit.Event {
	return audit.Event{Kind: "account.amended", Subject: account.Ref(a.ID)}
}

// What an account may not become is asked again when the code is typed: much can happen in the 15 minutes before.
func TestAChangeIsRefusedThatCameToBeWrong(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]string{
		"ada": `UPDATE account SET email_since = $2 WHERE id = $1`, // by somebody else, just now
		"bo":  `UPDATE account SET shared = TRUE, deactivated_at = $2 WHERE id = $1`,
	} {
		a := w.account(name, name+"@nhs.net")
		w.Clock.Advance(10 * 24 * time.Hour)
		to := name + ".new@nhs.net"
		w.Must(w.ask(a.ID, to))
		w.Update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, change, a.ID, u.Now())
			return errors.Join(err, u.Record(ctx, amended(a)))
		})
		if err := w.confirm(a.ID, w.code(to)); err == nil {
			t.Errorf("%s: the address was changed all the same", name)
		}
		if now, _ := w.read(a.ID); now.Email != a.Email {
			t.Errorf("%s: the address is %s", name, now.Email)
		}
	}
}

// L5: codes that were mailed to the former address prove nothing once it is another.
func TestAChangeEndsCodesToTheFormerAddress(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	w.Clock.Advance(10 * 24 * time.Hour)
	ask := func(p mailcode.Purpose) string {
		return worldtest.Must(db.Write(t.Context(), w.DB, holder(a.ID), func(u *db.W) (string, error) {
			mailed := ""
			err := mailcode.Ask(t.Context(), u, w.Post, p, account.Ref(a.ID), func(code string) mail.Message {
				mailed = code
				return mail.Message{Kind: "test", To: a.Email, Subject: "test", Text: code + "\n"}
			})
			return mailed, errors.Join(err, u.Record(t.Context(), amended(a)))
		}))(t)
	}
	use := func(p mailcode.Purpose, code string) error {
		return w.DB.Update(t.Context(), holder(a.ID), func(u *db.W) error {
			if _, err := mailcode.Use(t.Context(), u, w.Post, p, account.Ref(a.ID), code); err != nil {
				return err
			}
			return u.Record(t.Context(), amended(a))
		})
	}
	codes := map[string]string{}
	purposes := map[string]mailcode.Purpose{
		"link": account.ForLink.Within("f"), "password": account.ForPassword.Within("f"),
	}
	for name, p := range purposes {
		w.Must(use(p, ask(p))) // the honest twin
		codes[name] = ask(p)
	}
	w.change(a.ID, "new@nhs.net")
	for name, p := range purposes {
		if err := use(p, codes[name]); err == nil {
			t.Errorf("a code for %s still works", name)
		}
	}
}

// A code shows that somebody reads the mailbox to which the act's codes go now: where that changed meanwhile, it shows
// nothing.
func TestAnActEndsWithTheAddressOfItsCode(t *testing.T) {
	for _, changes := range []bool{false, true} {
		w := newWorld(t)
		a := w.account("ada", "ada@nhs.net")
		to := a.Email
		errOver := errors.New("over")
		act := mailbox.Act{DB: w.DB, Post: w.Post, Crowd: &session.Crowd{}, Rules: mailbox.Rules{
			Flows:   session.Flows[mailbox.Acting]{Name: "test", Life: 15 * time.Minute},
			Purpose: account.ForUndo, Asked: "account.amended", ErrOver: errOver,
			To: func(context.Context, db.R, account.Account) (string, error) { return to, nil },
			Mail: func(to, _, code string) mail.Message {
				return mail.Message{Kind: "test", To: to, Subject: "test", Text: "Your code is " + code + "\n"}
			},
		}}
		cookie, err := act.Begin(t.Context(), actor.Actor{Kind: actor.Stranger}, a.Username, tries.Browser{})
		w.Must(err)
		code := w.code(a.Email)
		if changes {
			to = "ada.new@nhs.net"
		}
		err = w.DB.Update(t.Context(), holder(a.ID), func(u *db.W) error {
			if _, _, err := act.Use(t.Context(), u, cookie, code); err != nil {
				return err
			}
			return u.Record(t.Context(), amended(a))
		})
		if errors.Is(err, errOver) != changes || !changes && err != nil {
			t.Errorf("the address changed: %t, %v", changes, err)
		}
	}
}

// R7: the address of one person leaves a tombstone; a team's, which many had, and none leave nothing.
func TestWhoseAddressLeavesATombstone(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		kind account.Kind
		has  bool
		want int
	}{
		"ada": {account.Individual, true, 1}, "team": {account.Shared, true, 0}, "bo": {account.Individual, false, 0},
	} {
		a := w.Account(account.New{Username: name, Email: name + "@nhs.net", Kind: tt.kind}, "")
		if !tt.has {
			a.EmailKey = ""
		}
		w.Update(func(ctx context.Context, u *db.W) error {
			return errors.Join(mailbox.Bury(ctx, u, w.Post, a), u.Record(ctx, amended(a)))
		})
		if n := w.Count(`SELECT COUNT(*) FROM email_tombstone WHERE account_id = $1`, a.ID); int(n) != tt.want {
			t.Errorf("%s: %d tombstones", name, n)
		}
	}
}
