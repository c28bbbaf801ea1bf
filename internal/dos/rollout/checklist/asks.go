// Package checklist holds what the checklists of people have to remember: whom somebody asked and when, and what their
// list said last, so that they get a mail when it says something else.
//
// It does not decide what is to be done: path.NowOf does.
package checklist

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// eventAsked is recorded when somebody asked others to do a step of theirs.
const eventAsked audit.Kind = "checklist.asked"

const (
	// patience is how long a person waits for whom they asked. After that their list has them ask again.
	patience = 7 * 24 * time.Hour
	// againAfter is how long after a mail about a step another one can be sent about it.
	againAfter = 24 * time.Hour
)

// Ask says whom somebody asked to do a step, and when.
type Ask struct {
	What   path.What
	Of     string // whom, as it was called that day
	ByMail bool   // we sent the mail; otherwise they said that they have asked
	At     time.Time
}

const selectAsks = `SELECT what, asked_of, by_mail, asked_at FROM checklist_ask WHERE account_id = $1 ORDER BY asked_at`

// Asks reads what the holder of an account asked of others, the first first.
func Asks(ctx context.Context, r db.R, accountID string) ([]Ask, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (a Ask, err error) {
		err = scan(&a.What, &a.Of, &a.ByMail, db.At(&a.At))
		return a, err
	}, selectAsks, accountID)
	if err != nil {
		return nil, fmt.Errorf("read asks: %w", err)
	}
	return list, nil
}

// AsksOf reads what the holders of some accounts asked of others, by the accounts' ids.
func AsksOf(ctx context.Context, r db.R, accountIDs []string) (map[string][]Ask, error) {
	of := map[string][]Ask{}
	var args db.Arguments
	err := r.Each(ctx, func(scan db.Scanner) error {
		var id string
		var a Ask
		err := scan(&id, &a.What, &a.Of, &a.ByMail, db.At(&a.At))
		of[id] = append(of[id], a)
		return err
	}, `SELECT account_id, what, asked_of, by_mail, asked_at FROM checklist_ask WHERE account_id IN (`+
		db.AddEach(&args, accountIDs)+`) ORDER BY asked_at`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read asks of accounts: %w", err)
	}
	return of, nil
}

// AskOf gives the ask about a step.
func AskOf(asks []Ask, what path.What) (a Ask, is bool) {
	i := slices.IndexFunc(asks, func(a Ask) bool { return a.What == what })
	if i < 0 {
		return Ask{}, false
	}
	return asks[i], true
}

// Now says what somebody has to do now, who asked for some of it. looked is that an administrator looks at their link.
func Now(f path.Facts, asks []Ask, looked bool, now time.Time) path.Now {
	return path.NowOf(f, func(what path.What) bool {
		if what == path.Link {
			return looked
		}
		a, is := AskOf(asks, what)
		return is && now.Sub(a.At) < patience
	})
}

// Letter is a mail that somebody has sent to those who do their steps.
type Letter struct {
	To      string // email address
	Of      string // what the reader is called
	Subject string
	Text    string
}

// Desk sends what people ask of others.
type Desk struct {
	DB   *db.DB
	Post *mail.Post
}

var errNotYours = fault.SayCure(fault.Conflict, "Nothing can be asked for this account any more.",
	"Open your checklist again.")

// Send sends a letter about some steps for the holder of an account, to whom its answers go. It refuses to send
// another about one of them on the same day.
func (d Desk) Send(ctx context.Context, by actor.Actor, accountID string, whats []path.What, l Letter) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := holder(ctx, w, accountID)
		if err != nil {
			return err
		}
		if err := notToday(ctx, w, accountID, whats); err != nil {
			return err
		}
		err = d.Post.Send(ctx, w, mail.Message{
			Kind: "checklist.asked", To: l.To, ReplyTo: a.Email, Subject: l.Subject, Text: l.Text,
		})
		if err != nil {
			return err
		}
		return note(ctx, w, accountID, whats, Ask{Of: l.Of, ByMail: true})
	})
}

// Note takes down that the holder of an account has asked others themselves.
func (d Desk) Note(ctx context.Context, by actor.Actor, accountID string, whats []path.What, of string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		if _, err := holder(ctx, w, accountID); err != nil {
			return err
		}
		return note(ctx, w, accountID, whats, Ask{Of: of})
	})
}

// holder reads the account of one person. What a team asked would be nobody's.
func holder(ctx context.Context, w *db.W, accountID string) (account.Account, error) {
	a, err := account.ByID(ctx, w, accountID)
	if err == nil && (!a.Active || a.Kind != account.Individual) {
		return a, errNotYours
	}
	return a, err
}

func notToday(ctx context.Context, w *db.W, accountID string, whats []path.What) error {
	asks, err := Asks(ctx, w, accountID)
	if err != nil {
		return err
	}
	for _, a := range asks {
		if a.ByMail && slices.Contains(whats, a.What) && w.Now().Sub(a.At) < againAfter {
			return fault.SayCure(fault.Conflict, "The email to "+a.Of+" was sent on "+when.DateTime(a.At)+".",
				"If you hear nothing, telephone them, or send it again after a day.")
		}
	}
	return nil
}

const putAsk = `INSERT INTO checklist_ask (account_id, what, asked_of, by_mail, asked_at) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (account_id, what) DO UPDATE SET asked_of = $3, by_mail = $4, asked_at = $5`

func note(ctx context.Context, w *db.W, accountID string, whats []path.What, a Ask) error {
	for _, what := range whats {
		if _, err := w.Exec(ctx, putAsk, accountID, string(what), a.Of, a.ByMail, w.Now()); err != nil {
			return fmt.Errorf("note ask: %w", err)
		}
	}
	return w.Record(ctx, audit.Event{
		Kind: eventAsked, Subject: account.Ref(accountID),
		After: map[string]any{"what": whats, "of": a.Of, "mailed": a.ByMail},
	})
}
