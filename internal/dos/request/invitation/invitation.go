// Package invitation asks colleagues to request accounts of their own. It reads lists of them as people have them, and
// mails each a link that fills in the form.
//
// Nothing is made for anybody who is invited; what they send is a request like any other.
package invitation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Invitation asks a colleague to request an account. Nothing is made for them before they do.
type Invitation struct {
	ID                         string
	FirstName, LastName, Email string
	InvitedBy                  string // account id
}

const (
	// MaxAtOnce is how many colleagues are invited at once, and in a day by one person.
	MaxAtOnce = 50
	// Lasts is how long an invitation can be followed.
	Lasts = 28 * 24 * time.Hour
)

const (
	eventInvited audit.Kind = "request.invited"
	eventRefused audit.Kind = "request.invitation-refused"
)

// Invitations sends invitations, and finds those that are followed.
type Invitations struct {
	DB   *db.DB
	Post *mail.Post
	Home string // address of the site, for links in mails
}

const (
	insertInvitation = `INSERT INTO request_invitation (id, digest, first_name, last_name, email, email_key, invited_by,
		created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	countInvited = `SELECT COUNT(*) FROM request_invitation WHERE invited_by = $1 AND created_at > $2`
)

func refuse(ctx context.Context, w *db.W, err error) error {
	if !errors.Is(err, fault.Forbidden) {
		return err
	}
	refused := audit.Event{Kind: eventRefused, Subject: account.Ref(w.Actor().ID), Reason: err.Error()}
	return w.Refuse(ctx, refused, err)
}

func (i *Invitations) invite(ctx context.Context, w *db.W, c Colleague) error {
	address, err := email.ParseNew(c.Email)
	if err != nil {
		return err
	}
	key, _ := address.Canonical()
	id := random.ID()
	secret := random.Secret()
	_, err = w.Exec(ctx, insertInvitation, id, random.Digest(secret), c.FirstName, c.LastName, address.String(), key,
		w.Actor().ID, w.Now(), w.Now().Add(Lasts))
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	link := i.Home + "/request-account?invitation=" + id + "." + secret
	return i.Post.Send(ctx, w, invitationMail(c, address.String(), w.Actor().Name, link))
}

const selectInvitation = `SELECT id, first_name, last_name, email, invited_by FROM request_invitation
	WHERE id = $1 AND digest = $2 AND ends_at > $3`

// Followed gives the invitation of a link, or none if there is none. It only fills in a form: whoever has the link
// confirms the address as all do.
func (i *Invitations) Followed(ctx context.Context, token string) (Invitation, error) {
	id, secret, _ := strings.Cut(token, ".")
	found, err := db.Read(ctx, i.DB, func(r db.R) (Invitation, error) {
		return db.One(ctx, r, scanInvitation, selectInvitation, id, random.Digest(secret), r.Now())
	})
	if errors.Is(err, fault.NotFound) {
		return Invitation{}, nil
	}
	return found, err
}

func scanInvitation(scan db.Scanner) (i Invitation, err error) {
	err = scan(&i.ID, &i.FirstName, &i.LastName, &i.Email, &i.InvitedBy)
	return i, err
}

func invitationMail(c Colleague, to, inviter, link string) mail.Message {
	return mail.Message{
		Kind: "request.invitation", To: to, Subject: "Request your own Directory of Services account",
		Text: "Dear " + strings.TrimSpace(c.FirstName+" "+c.LastName) + ",\n\n" +
			inviter + " asks you to request a Directory of Services account of your own. It takes about 5 minutes. " +
			"Have your Care Identity ready, if you have one.\n\n" + link + "\n\n" +
			"Nothing is made for you before you do. The link works for 28 days. If you have an account of your own, " +
			"you need no other.\n",
	}
}
