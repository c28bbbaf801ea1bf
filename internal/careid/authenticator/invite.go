package authenticator

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// invitationLife is how long a binding link may be used. The national guides name no time; a day lets people use a link
// that came in the evening the next afternoon.
const invitationLife = 24 * time.Hour

// BindPath is where binding links lead, on the sign-in service's own origin.
const BindPath = "/bind/"

// Witness says how whoever makes a link sees the person whom it is for.
type Witness string

// The witnesses. A link that the system's operators make, or a sample world, has none.
const (
	InPerson Witness = "in-person"
	ByVideo  Witness = "by-video"
)

// Valid reports whether it is one of the witnesses.
func (x Witness) Valid() bool { return x == InPerson || x == ByVideo }

// Invitation lets a care identity bind one more authenticator, once.
type Invitation struct {
	ID        string
	UUID      string
	Kinds     []authn.Kind // the person chooses one of them
	By        string       // number of the care identity of whoever made it; empty if nobody who has one did
	Witness   Witness
	Made      time.Time
	Ends      time.Time
	Opened    time.Time // when a code was first mailed to its owner, who began with it; zero until then
	Withdrawn time.Time // zero unless it was
	Used      time.Time // zero until then
	Locked    time.Time // when wrong codes ended it; zero if they did not, and where InvitationsOf did not read it
}

// InvitationState says what became of an invitation.
type InvitationState string

// The states of an invitation.
const (
	Sent      InvitationState = "sent"
	Opened    InvitationState = "opened"
	Bound     InvitationState = "bound"
	Expired   InvitationState = "expired"
	Withdrawn InvitationState = "withdrawn"
	LockedOut InvitationState = "locked" // by wrong codes
)

// StateAt gives the state at a time, and since when it is in it.
func (i Invitation) StateAt(now time.Time) (InvitationState, time.Time) {
	switch {
	case !i.Used.IsZero():
		return Bound, i.Used
	case !i.Withdrawn.IsZero():
		return Withdrawn, i.Withdrawn
	case !now.Before(i.Ends):
		return Expired, i.Ends
	case !i.Locked.IsZero():
		return LockedOut, i.Locked
	case !i.Opened.IsZero():
		return Opened, i.Opened
	}
	return Sent, i.Made
}

const insertInvitation = `INSERT INTO authenticator_invitation (id, uuid, kinds, token_digest, made_at, ends_at, mails,
	made_by, witness) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)`

const endOlderInvitations = `UPDATE authenticator_invitation SET ends_at = $2, withdrawn_at = $2
	WHERE uuid = $1 AND used_at IS NULL AND ends_at > $2`

// Invite makes a one-time link by which a care identity binds one authenticator of the given kinds, and gives its path
// on the sign-in service. Older unused links of that identity end. It is a part of an Update whose caller has made sure
// that its actor may do this.
func Invite(ctx context.Context, w *db.W, uuid string, kinds ...authn.Kind) (path string, err error) {
	return InviteBefore(ctx, w, "", uuid, kinds...)
}

// InviteBefore is Invite by somebody who sees the owner.
func InviteBefore(
	ctx context.Context, w *db.W, witness Witness, uuid string, kinds ...authn.Kind,
) (path string, err error) {
	return invite(ctx, w, witness, invitationLife, uuid, kinds)
}

func invite(
	ctx context.Context, w *db.W, witness Witness, life time.Duration, uuid string, kinds []authn.Kind,
) (path string, err error) {
	if len(kinds) == 0 || slices.ContainsFunc(kinds, func(k authn.Kind) bool { return !k.Valid() }) {
		return "", fmt.Errorf("invite %s to bind %v", uuid, kinds)
	}
	if err := EndInvitations(ctx, w, uuid); err != nil {
		return "", err
	}
	id := random.ID()
	token := random.Secret()
	ends := w.Now().Add(life)
	by := ""
	if w.Actor().Kind == actor.Person {
		by = w.Actor().ID
	}
	_, err = w.Exec(ctx, insertInvitation, id, uuid, joined(kinds), random.Digest(token), w.Now(), ends, by,
		string(witness))
	if err != nil {
		return "", fmt.Errorf("make invitation: %w", err)
	}
	err = w.Record(ctx, audit.Event{Kind: eventInvited, Subject: audit.Ref{Kind: "identity", ID: uuid},
		After: map[string]any{"invitation": id, "kinds": kinds, "ends": ends, "witness": witness}})
	return BindPath + token, err
}

// EndInvitations ends the unused links and passes of a care identity, as a part of an Update.
func EndInvitations(ctx context.Context, w *db.W, uuid string) error {
	if _, err := w.Exec(ctx, endOlderInvitations, uuid, w.Now()); err != nil {
		return fmt.Errorf("end older invitations: %w", err)
	}
	if _, err := w.Exec(ctx, endPasses, uuid, w.Now()); err != nil {
		return fmt.Errorf("end older passes: %w", err)
	}
	return nil
}

const withdrawInvitation = `UPDATE authenticator_invitation SET ends_at = $3, withdrawn_at = $3
	WHERE id = $1 AND uuid = $2 AND used_at IS NULL AND ends_at > $3`

// WithdrawInvitation ends one unused link of a care identity, as a part of an Update. One that has ended is a conflict.
func WithdrawInvitation(ctx context.Context, w *db.W, uuid, id, reason string) error {
	n, err := w.Exec(ctx, withdrawInvitation, id, uuid, w.Now())
	if err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("withdraw invitation: it is over, or another's: %w", fault.Conflict)
	}
	return w.Record(ctx, audit.Event{Kind: eventInvitationWithdrawn, Subject: audit.Ref{Kind: "identity", ID: uuid},
		Reason: reason, After: map[string]any{"invitation": id}})
}

const openInvitation = `UPDATE authenticator_invitation SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL`

// NoteOpened notes that the owner of a link began with it: a code is on its way to them. To look at the link is not to
// open it, since scanners of mail do that.
func NoteOpened(ctx context.Context, w *db.W, id string) error {
	if _, err := w.Exec(ctx, openInvitation, id, w.Now()); err != nil {
		return fmt.Errorf("note opened invitation: %w", err)
	}
	return nil
}

// InvitationsOf lists the newest invitations of a care identity, live or not, the newest first.
func InvitationsOf(ctx context.Context, r db.R, uuid string, limit int) ([]Invitation, error) {
	list, err := db.All(ctx, r, scanInvitation, selectInvitation+
		` WHERE uuid = $1 ORDER BY made_at DESC, id DESC LIMIT $2`, uuid, limit)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	for n, i := range list {
		if i.problem(r.Now()) != nil {
			continue
		}
		wrong, err := db.Counted(ctx, r, WrongCode.Kind, i.ID)
		if err != nil {
			return nil, err
		}
		if wrong.N >= MaxWrongCodes {
			list[n].Locked = wrong.Last
		}
	}
	return list, nil
}

func joined(kinds []authn.Kind) string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, " ")
}

// The faults of links that cannot be used.
var (
	DeadLink = fault.Keyed("dead-link", fault.SayCure(fault.Expired,
		"This link is not complete, or it was typed wrongly.",
		"Open it from the email or message you were sent, or ask your registration authority for a new link."))
	LinkUsed = fault.Keyed("link-used", fault.SayCure(fault.Expired,
		"This link has been used: an authenticator was added with it.",
		"Log in with that authenticator. If you did not add it, tell your registration authority at once."))
	LinkExpired = fault.Keyed("link-expired", fault.SayCure(fault.Expired,
		"This link has expired or was withdrawn, or a newer link was made for you. A link works for 24 hours at most.",
		"Use the newest link you were sent, or ask your registration authority for a new one."))
	LinkLocked = fault.Keyed("link-locked", fault.SayCure(fault.Expired,
		"Wrong codes were entered too many times, so this link does not work any more.",
		"Ask your registration authority for a new link."))

	errMails = fault.Keyed("link-mails", fault.SayCure(fault.TooMany,
		"No more codes are sent for this link: there were 5 already.",
		"Use the code in the newest email, or ask your registration authority for a new link."))
)

// WrongCode is the event of a wrong code for an invitation, whose count ends the link. Whoever asks for the code
// records it about InvitationRef.
var WrongCode = audit.Event{Kind: WrongTry, Reason: "mailed code"}

// MaxWrongCodes is how many wrong codes end a link.
const MaxWrongCodes = MaxWrongTries

// InvitationRef names an invitation in events.
func InvitationRef(id string) audit.Ref { return audit.Ref{Kind: "invitation", ID: id} }

// problem gives the fault of an invitation that cannot be used any more, or nil.
func (i Invitation) problem(now time.Time) error {
	switch {
	case !i.Used.IsZero():
		return LinkUsed
	case !now.Before(i.Ends):
		return LinkExpired
	}
	return nil
}

const selectInvitation = `SELECT id, uuid, kinds, made_by, witness, made_at, ends_at, opened_at, withdrawn_at, used_at
	FROM authenticator_invitation`

// ByToken finds the live invitation that a link's token belongs to. It changes nothing, so mail scanners may follow the
// link.
func ByToken(ctx context.Context, r db.R, token string) (Invitation, error) {
	return invitation(ctx, r, ` WHERE token_digest = $1`, random.Digest(token))
}

// InvitationByID finds a live invitation by its id.
func InvitationByID(ctx context.Context, r db.R, id string) (Invitation, error) {
	return invitation(ctx, r, ` WHERE id = $1`, id)
}

func invitation(ctx context.Context, r db.R, where string, key any) (Invitation, error) {
	list, err := db.All(ctx, r, scanInvitation, selectInvitation+where, key)
	if err != nil {
		return Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	if len(list) == 0 {
		return Invitation{}, DeadLink
	}
	if err := list[0].problem(r.Now()); err != nil {
		return Invitation{}, err
	}
	wrong, err := db.Counted(ctx, r, WrongCode.Kind, list[0].ID)
	if err != nil {
		return Invitation{}, err
	}
	if wrong.N >= MaxWrongCodes {
		return Invitation{}, LinkLocked // for good: another link is quickly made
	}
	return list[0], nil
}

func scanInvitation(scan db.Scanner) (i Invitation, err error) {
	var kinds string
	err = scan(&i.ID, &i.UUID, &kinds, &i.By, &i.Witness, db.At(&i.Made), db.At(&i.Ends), db.At(&i.Opened),
		db.At(&i.Withdrawn), db.At(&i.Used))
	for k := range strings.FieldsSeq(kinds) {
		i.Kinds = append(i.Kinds, authn.Kind(k))
	}
	return i, err
}

const useInvitation = `UPDATE authenticator_invitation SET used_at = $2
	WHERE id = $1 AND used_at IS NULL AND ends_at > $2`

// Redeem uses an invitation up, within the Update that binds the authenticator. However many requests try, one
// succeeds; the others get LinkUsed.
func Redeem(ctx context.Context, w *db.W, id string) error {
	n, err := w.Exec(ctx, useInvitation, id, w.Now())
	if err != nil {
		return fmt.Errorf("use invitation: %w", err)
	}
	if n != 1 {
		return LinkUsed
	}
	return nil
}

// maxMails is how many codes may be mailed for one invitation.
const maxMails = 5

const countMail = `UPDATE authenticator_invitation SET mails = mails + 1 WHERE id = $1 AND mails < $2`

// CountMail counts a code that is mailed for an invitation, and refuses it once there were maxMails.
func CountMail(ctx context.Context, w *db.W, id string) error {
	n, err := w.Exec(ctx, countMail, id, maxMails)
	if err != nil {
		return fmt.Errorf("count mail of invitation: %w", err)
	}
	if n != 1 {
		return errMails
	}
	return nil
}
