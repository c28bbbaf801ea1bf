package account

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"signpost/internal/dos/account/namesake"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const eventPhoneChanged audit.Kind = "account.phone-changed"

// loginEvery is how often the last login is written at most.
const loginEvery = time.Minute

const noteLogin = `INSERT INTO account_login (account_id, at) VALUES ($1, $2)
	ON CONFLICT (account_id) DO UPDATE SET at = $2 WHERE account_login.at <= $3`

// NoteLogin notes that somebody logs in with an account, as a part of the Update in which they do.
func NoteLogin(ctx context.Context, w *db.W, id string) error {
	if err := w.Soon(ctx, noteLogin, id, w.Now(), w.Now().Add(-loginEvery)); err != nil {
		return fmt.Errorf("note login: %w", err)
	}
	return nil
}

const selectLogins = `SELECT account_id, at FROM account_login WHERE account_id IN `

type login struct {
	account string
	at      time.Time
}

func scanLogin(scan db.Scanner) (l login, err error) {
	err = scan(&l.account, db.At(&l.at))
	return l, err
}

// LastLogins reads when somebody last logged in with each of several accounts. Accounts with which nobody
// ever did are left out.
func LastLogins(ctx context.Context, r db.R, ids []string) (map[string]time.Time, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanLogin, selectLogins+`(`+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read last logins: %w", err)
	}
	last := map[string]time.Time{}
	for _, l := range list {
		last[l.account] = l.at
	}
	return last, nil
}

// LastLogin reads when somebody last logged in with an account; zero if nobody ever did.
func LastLogin(ctx context.Context, r db.R, id string) (time.Time, error) {
	at, err := db.One(ctx, r, scanLogin, selectLogins+`($1)`, id)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return time.Time{}, fmt.Errorf("read last login: %w", err)
	}
	return at.at, nil
}

// maxPhone is the longest telephone number, in characters, with spaces and an extension.
const maxPhone = 40

var phoneForm = regexp.MustCompile(`^\+?[0-9 ()./-]{5,}( ?(x|ext|extension)\.? ?[0-9]{1,6})?$`)

// PhoneProblem refuses what is no telephone number. Nothing is one that is not known.
func PhoneProblem(phone string) error {
	if phone == "" || len(phone) <= maxPhone && phoneForm.MatchString(strings.ToLower(phone)) {
		return nil
	}
	return fault.OfField("phone", "Enter a telephone number, like 01632 960 001 or +44 1632 960 001 ext 12")
}

var errSharedPhone = fault.SayCure(fault.Forbidden,
	"This is a shared account, so its telephone number is not one person's.", "Ask for an account of your own.")

// ChangePhone changes the telephone number of the actor's own account, which is one person's.
func ChangePhone(ctx context.Context, d *db.DB, by actor.Actor, phone string) error {
	phone = strings.TrimSpace(phone)
	if err := PhoneProblem(phone); err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		a, err := ByID(ctx, w, by.ID)
		if err != nil {
			return err
		}
		if a.Kind != Individual {
			return errSharedPhone
		}
		if err := w.Change(ctx, `UPDATE account SET phone = $2 WHERE id = $1`, a.ID, phone); err != nil {
			return fmt.Errorf("change telephone number: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventPhoneChanged, Subject: Ref(a.ID), Before: a.Phone, After: phone})
	})
}

// SetDrifted notes of accounts whether their address is that of their holder's Care Identity, as a part of the Update
// that found it out.
func SetDrifted(ctx context.Context, w *db.W, drifted bool, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	var args db.Arguments
	text := `UPDATE account SET drifted = ` + args.Add(drifted) + ` WHERE id IN (` + db.AddEach(&args, ids) + `)`
	if _, err := w.Exec(ctx, text, args.List()...); err != nil {
		return fmt.Errorf("note whose address differs: %w", err)
	}
	return nil
}

// ListNamesakes lists pairs of accounts within a reach that have one name at one organisation, at most limit.
func ListNamesakes(ctx context.Context, r db.R, within Reach, limit int) ([]namesake.Pair, error) {
	var args db.Arguments
	condition := within.Condition(&args)
	return namesake.List(ctx, r, condition, args, limit)
}
