package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
)

// Invitation is whom somebody invites, as they typed it.
type Invitation struct {
	GivenName, MiddleNames, FamilyName string // as they stand on the photo document

	Email        string
	Mobile       string
	Organisation string // ODS code
	Reason       string // why they need a Care Identity, and who asked for it
}

const (
	maxReason    = 500  // characters
	maxOfDay     = 1000 // invitations of one inviter
	linkPath     = "/apply-for-care-id/link/"
	fieldMobile  = "mobile"
	fieldEmail   = "email"
	fieldAddress = "organisation"
)

var (
	errNoMobile = fault.OfField(fieldMobile, "Enter the number of their own mobile telephone")
	errNoReason = fault.OfField("reason", "Enter why they need a Care Identity")
	errLong     = fault.OfField("reason", fmt.Sprintf("Enter the reason in %d characters or fewer", maxReason))
	errUnknown  = fault.OfField(fieldAddress, "Enter the ODS code of an organisation that is known here")
	errHas      = fault.SayOfField(fieldEmail, fault.Conflict,
		"Somebody with this email address has a Care Identity. Find them among the people")
	errInvited = fault.SayOfField(fieldEmail, fault.Conflict,
		"Somebody with this email address has been invited already")
	errNoTexts = fault.SayCure(fault.Conflict, "Nobody can be invited: text messages are not set up here.",
		"Ask whoever runs this system to set them up. Until then people are seen face to face.")
	errMany = fault.SayCure(fault.TooMany, "You have invited 1,000 people within a day.", "Go on tomorrow.")
	errOwn  = fault.SayOfField(fieldEmail, fault.Conflict,
		"This is your own email address. Enter that of the applicant")
)

// Read makes of what was typed what is stored, or says what is wrong with it.
func (i Invitation) Read() (Invitation, error) {
	for field, text := range map[string]string{"given_name": i.GivenName, "family_name": i.FamilyName} {
		if text == "" {
			return i, fault.OfField(field, "Enter the name as it stands on the photo document")
		}
	}
	for field, text := range map[string]string{
		"given_name": i.GivenName, "middle_names": i.MiddleNames, "family_name": i.FamilyName,
	} {
		if problem := name.Problem(text); problem != "" {
			return i, fault.OfField(field, problem)
		}
	}
	address, err := email.ParseNew(i.Email)
	if err != nil {
		return i, fault.OfField(fieldEmail,
			"Enter their own work email address: it has a name, an @ and the organisation’s domain")
	}
	i.Email = address.String()
	if i.Mobile, err = detail.ParseMobile(i.Mobile); err != nil {
		return i, err
	}
	if i.Mobile == "" {
		return i, errNoMobile
	}
	code, err := ods.Parse(i.Organisation)
	if err != nil {
		return i, errUnknown
	}
	i.Organisation = string(code)
	i.Reason = strings.TrimSpace(i.Reason)
	switch {
	case i.Reason == "":
		return i, errNoReason
	case utf8.RuneCountInString(i.Reason) > maxReason:
		return i, errLong
	}
	return i, nil
}

// at is the invitation for people of an organisation.
func (i Invitation) at(code string) Invitation {
	i.Organisation = code
	return i
}

// keyOf is that by which an email address is found.
func keyOf(address string) string {
	parsed, err := email.Parse(address)
	if err != nil {
		return ""
	}
	key, _ := parsed.Canonical()
	return key
}

// Invite invites somebody to apply, and mails them the link.
func (d *Desk) Invite(ctx context.Context, by actor.Actor, typed Invitation) (Application, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (Application, error) { return d.InviteIn(ctx, w, typed) })
}

// InviteIn is Invite as a part of an Update.
func (d *Desk) InviteIn(ctx context.Context, w *db.W, typed Invitation) (none Application, err error) {
	if d.NoTexts {
		return none, errNoTexts
	}
	i, err := typed.Read()
	if err != nil {
		return none, err
	}
	if err := requireInviter(ctx, w, i.Organisation); err != nil {
		return none, err
	}
	if err := i.check(ctx, w); err != nil {
		return none, err
	}
	a := Application{
		ID: random.ID(), Number: random.Code(), Organisation: i.Organisation, Inviter: w.Actor().ID,
		GivenName: i.GivenName, MiddleNames: i.MiddleNames, FamilyName: i.FamilyName, Email: i.Email,
		Mobile: i.Mobile, Reason: i.Reason, State: Invited, Invited: w.Now(), Moved: w.Now(),
		LinkEnds: w.Now().Add(d.Policy.Link), Refusals: document.Refusals{},
	}
	token := random.Secret()
	if err := d.insert(ctx, w, a, token); err != nil {
		return none, err
	}
	if err := d.mailLink(ctx, w, a, token); err != nil {
		return none, err
	}
	return a, w.Record(ctx, audit.Event{Kind: eventInvited, Subject: Ref(a.ID), Reason: a.Reason,
		After: map[string]any{"number": a.Number, "organisation": a.Organisation, "link_ends": a.LinkEnds}})
}

const insertApplication = `INSERT INTO application (id, number, organisation, inviter, given_name, middle_names,
	family_name, email, email_key, mobile, reason, state, invited_at, moved_at, link_digest, link_ends_at, codes_sent,
	codes_wrong, pictures, look_by, decided_by, refusals, notes, uuid, over_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, 0, 0, 0, '', '', '{}', '', '', $16)`

func (d *Desk) insert(ctx context.Context, w *db.W, a Application, token string) error {
	_, err := w.Exec(ctx, insertApplication, a.ID, a.Number, a.Organisation, a.Inviter, a.GivenName, a.MiddleNames,
		a.FamilyName, a.Email, keyOf(a.Email), a.Mobile, a.Reason, string(a.State), a.Invited, random.Digest(token),
		a.LinkEnds, d.over(a, a.State, w.Now()))
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	return nil
}

var errNotThere = fault.OfField(fieldAddress, "You may not invite people of this organisation")

// mayInvite reports whether the actor may invite people of an organisation, as far as can be said before they do.
func mayInvite(ctx context.Context, w *db.W, code string) (bool, error) {
	return officer.MayAt(ctx, w, w.Actor(), permission.Invite, code)
}

// requireInviter refuses whoever may not invite people of an organisation.
func requireInviter(ctx context.Context, w *db.W, code string) error {
	about := organisation.Ref(code)
	if _, err := organisation.ByCode(ctx, w, code); errors.Is(err, fault.NotFound) {
		return errUnknown
	} else if err != nil {
		return err
	}
	_, err := officer.Require(ctx, w, officer.Asked{Act: permission.Invite, About: about, At: []string{code}})
	return err
}

const countOfDay = `SELECT COUNT(*) FROM application WHERE inviter = $1 AND invited_at > $2`

// check says why somebody is not invited.
func (i Invitation) check(ctx context.Context, w *db.W) error {
	key := keyOf(i.Email)
	inviter, err := identity.ByUUID(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	if key == inviter.EmailCanonical {
		return errOwn
	}
	same, err := identity.ByEmail(ctx, w, key)
	if err != nil {
		return err
	}
	if len(same) > 0 {
		return errHas
	}
	const others = `SELECT COUNT(*) FROM application WHERE email_key = $1
		AND state NOT IN ('approved', 'rejected', 'withdrawn')`
	n, err := db.Value[int64](ctx, w, others, key)
	if err == nil && n > 0 {
		err = errInvited
	}
	if err != nil {
		return err
	}
	n, err = db.Value[int64](ctx, w, countOfDay, w.Actor().ID, w.Now().Add(-24*time.Hour))
	if err == nil && n >= maxOfDay {
		err = errMany
	}
	return err
}

var errNotYours = fault.SayCure(fault.Forbidden, "Only whoever invited this person can do that.",
	"Ask them, or invite the person yourself once the application is withdrawn.")

// invited reads an application that the actor made, and may still look after.
func invited(ctx context.Context, w *db.W, id string) (Application, error) {
	a, err := ByID(ctx, w, id)
	if err != nil {
		return a, err
	}
	if a.Inviter != w.Actor().ID {
		return a, refuse(ctx, w, id, "the actor did not invite the applicant", errNotYours)
	}
	return a, requireInviter(ctx, w, a.Organisation)
}

const putInvitation = `UPDATE application SET given_name = $2, middle_names = $3, family_name = $4, email = $5,
	email_key = $6, mobile = $7, reason = $8, link_digest = $9, link_ends_at = $10, codes_sent = 0, codes_wrong = 0,
	code_digest = NULL WHERE id = $1`

// Resend mails another link, after which the one before does not work, and corrects what the inviter typed. Of an
// application with another address or telephone nothing is kept that was answered: it was somebody else's.
func (d *Desk) Resend(ctx context.Context, by actor.Actor, id string, typed Invitation) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := invited(ctx, w, id)
		if err != nil {
			return err
		}
		i, err := typed.at(a.Organisation).Read()
		if err != nil {
			return err
		}
		if keyOf(i.Email) != keyOf(a.Email) {
			if err := i.check(ctx, w); err != nil {
				return err
			}
		}
		return d.resend(ctx, w, a, i)
	})
}

func (d *Desk) resend(ctx context.Context, w *db.W, a Application, i Invitation) error {
	starts := i.Email != a.Email || i.Mobile != a.Mobile
	a.LinkEnds = w.Now().Add(d.Policy.Link)
	at := a.At(w.Now())
	if err := d.move(ctx, w, &a, sendLink, Inviter); err != nil {
		return err
	}
	if starts || at == Duplicate || at == NoNumber {
		if err := d.forget(ctx, w, &a); err != nil {
			return err
		}
	}
	token := random.Secret()
	err := w.Change(ctx, putInvitation, a.ID, i.GivenName, i.MiddleNames, i.FamilyName, i.Email, keyOf(i.Email),
		i.Mobile, i.Reason, random.Digest(token), a.LinkEnds)
	if err != nil {
		return fmt.Errorf("invite again: %w", err)
	}
	a.GivenName, a.MiddleNames, a.FamilyName, a.Email = i.GivenName, i.MiddleNames, i.FamilyName, i.Email
	if err := d.mailLink(ctx, w, a, token); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventResent, Subject: Ref(a.ID),
		After: map[string]any{"link_ends": a.LinkEnds, "from_the_start": starts}})
}

// forget takes an application back to its beginning, without what was answered and sent.
func (d *Desk) forget(ctx context.Context, w *db.W, a *Application) error {
	_, err := w.Exec(ctx, `DELETE FROM application_part WHERE application = $1`, a.ID)
	if err == nil {
		err = w.Change(ctx, `UPDATE application SET state = 'invited', refusals = '{}', notes = '', ni_digest = NULL
			WHERE id = $1`, a.ID)
	}
	if err != nil {
		return fmt.Errorf("begin application again: %w", err)
	}
	a.State = Invited
	a.Refusals = document.Refusals{}
	return nil
}

// WithdrawFor ends an application at the wish of its inviter, who is the actor, and tells the applicant.
func (d *Desk) WithdrawFor(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := invited(ctx, w, id)
		if err != nil {
			return err
		}
		if err := d.move(ctx, w, &a, withdraw, Inviter); err != nil {
			return err
		}
		if err := d.mailWithdrawn(ctx, w, a); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(a.ID), Reason: "by the inviter"})
	})
}
