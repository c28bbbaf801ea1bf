// Package telling tells people what was done to their Care Identity, at every address that is known to be theirs:
// whoever takes over one of them, or adds one, keeps nothing from the owner.
//
// It knows what was done by its name alone; the words are the sign-in service's.
package telling

import (
	"context"
	"errors"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// eventTold is recorded when somebody was told.
const eventTold audit.Kind = "authenticator.told"

// Letter writes the mail about a change to an authenticator.
type Letter func(to string, n authenticator.Notice, a authenticator.Authenticator) mail.Message

// Work registers the worker that tells people of changes to their authenticators.
func Work(ws *job.Workers, d *db.DB, post *mail.Post, write Letter) {
	job.Retired(ws, "authenticator.unlocked")
	job.Work(ws, func(ctx context.Context, n authenticator.Notice) error {
		return d.Update(ctx, actor.ForJob(n.Kind(), n.UUID), func(w *db.W) error {
			return tell(ctx, w, post, write, n)
		})
	})
}

// tell sends the mails of one notice.
func tell(ctx context.Context, w *db.W, post *mail.Post, write Letter, n authenticator.Notice) error {
	about := identity.Ref(n.UUID)
	a := authenticator.Authenticator{}
	if n.AuthenticatorID != "" {
		about = authenticator.Ref(n.AuthenticatorID)
		found, err := authenticator.ByID(ctx, w, n.AuthenticatorID)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		a = found
	}
	sent, err := Everywhere(ctx, w, post, n.UUID, n.Proved, func(to string) mail.Message {
		return write(to, n, a)
	})
	if err != nil || sent == 0 {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventTold, Subject: about,
		After: map[string]any{"change": n.Change, "addresses": sent}})
}

// Everywhere sends a letter to every address of a care identity, as a part of an Update, and counts them. proved is an
// address of which its owner has just shown that they read it; empty if there is none.
func Everywhere(
	ctx context.Context, w *db.W, post *mail.Post, uuid, proved string, write func(to string) mail.Message,
) (sent int, err error) {
	addresses, err := Addresses(ctx, w, uuid, proved)
	if err != nil {
		return 0, err
	}
	for _, to := range addresses {
		if err := post.Send(ctx, w, write(to)); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

// Addresses lists the addresses at which a care identity is told, each once: the one on its profile if that was proved,
// those that were before it and were proved, for a while, and the one that the employer's staff record has, if there is
// one. None that somebody only typed is among them.
func Addresses(ctx context.Context, r db.R, uuid, proved string) ([]string, error) {
	list, err := identity.ProvedEmails(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	records, err := esr.ByUUIDs(ctx, r, []string{uuid})
	if err != nil {
		return nil, err
	}
	if record := records[uuid]; record.EmailKey != "" && record.Left.IsZero() {
		list = append(list, record.Email)
	}
	if proved != "" {
		list = append(list, proved)
	}
	return email.EachOnce(list), nil
}
