// Package identity keeps care identities: who a person is, how sure we are of that, whether the identity is
// usable, and its email address.
//
// It does not know what a person may do (access), where they work (organisation) or how they prove who they are
// (authenticator).
package identity

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Identity is one person's care identity.
type Identity struct {
	UUID           string // 12 digits, opaque
	Kind           Kind
	Origin         Origin
	Title          string
	PreferredName  string // by which pages and mails call the person; empty where it is their given and family name
	GivenName      string
	MiddleNames    string
	FamilyName     string
	Email          string // as it was typed; mail goes here
	EmailCanonical string // for searching; see platform/email
	EmailSince     time.Time
	EmailVerified  Verification
	Status         Status
	ActiveAgain    time.Time // since when it is active again, if it was suspended or closed before
	Verified       bool      // documents were seen; false for migrated and self-created profiles
	AssuranceLevel int       // 0 to 3; services ask for 3
	Organisation   string
	Created        time.Time
}

// Verification says when and how the person's email address was confirmed. The zero value means that it was not.
type Verification struct {
	At  time.Time
	How string
}

// Done reports whether the address was confirmed.
func (v Verification) Done() bool { return !v.At.IsZero() }

// Settled is how long an address that was changed waits before it may be used to link an account or to add an
// authenticator: its owner, who was told, has that long to object.
const Settled = 72 * time.Hour

// EmailUsableFrom says from when the address may be used to link an account or to add an authenticator. The first
// address, which a registration authority typed with the identity, may at once. Of one that was brought here with the
// identity nobody knows when it was last changed there.
func (i Identity) EmailUsableFrom() time.Time {
	if i.Origin != ByMigration && !i.EmailSince.After(i.Created) {
		return i.Created
	}
	return i.EmailSince.Add(Settled)
}

// EmailUsable reports whether there is an address that may be used so by a time.
func (i Identity) EmailUsable(now time.Time) bool {
	return i.Email != "" && !now.Before(i.EmailUsableFrom())
}

// DisplayName returns the name by which pages call the person.
func (i Identity) DisplayName() string { return cmp.Or(i.PreferredName, i.documentName()) }

// FullName returns all names, as they stand on the identity document.
func (i Identity) FullName() string {
	return strings.Join(strings.Fields(i.Title+" "+i.GivenName+" "+i.MiddleNames+" "+i.FamilyName), " ")
}

func (i Identity) documentName() string { return strings.TrimSpace(i.GivenName + " " + i.FamilyName) }

// searchedName has every name by which the person is found.
func (i Identity) searchedName() string {
	return i.GivenName + " " + i.MiddleNames + " " + i.FamilyName + " " + i.PreferredName
}

// Initials returns the first letters of the middle names, as CIS2 gives them.
func (i Identity) Initials() string {
	var letters strings.Builder
	for word := range strings.FieldsSeq(i.MiddleNames) {
		letters.WriteRune([]rune(word)[0])
	}
	return letters.String()
}

// The kinds of events that this package records.
const (
	eventCreated            audit.Kind = "identity.created"
	eventAmended            audit.Kind = "identity.amended"
	eventRenamed            audit.Kind = "identity.renamed"
	eventEmailAskedTooOften audit.Kind = "identity.email-asked-too-often"
	eventEmailAsked         audit.Kind = "identity.email-asked"
	eventEmailCodeWrong     audit.Kind = "identity.email-code-wrong"
	eventEmailChanged       audit.Kind = "identity.email-changed"
	eventRegistration       audit.Kind = "identity.registration"
	eventMoveRefused        audit.Kind = "identity.move-refused"
	eventMoved              audit.Kind = "identity.moved"
)

// Ref names an identity in events.
func Ref(uuid string) audit.Ref { return audit.Ref{Kind: "identity", ID: uuid} }

const selectIdentity = `SELECT uuid, title, given_name, middle_names, family_name, email, email_canonical, email_since,
	email_verified_at, email_verified_how, status, verified, assurance_level, organisation, created_at,
	active_again_at, kind, origin, preferred_name FROM identity`

const selectOne = selectIdentity + ` WHERE uuid = $1`

// Ask makes the query for one identity, to be sent together with others.
func Ask(uuid string) *db.Answer[Identity] { return db.Ask(scanIdentity, selectOne, uuid) }

// AskStatus makes the query for the status of one identity, to be sent together with others.
func AskStatus(uuid string) *db.Answer[Status] {
	return db.Ask(db.Column[Status], `SELECT status FROM identity WHERE uuid = $1`, uuid)
}

// ByUUID reads one identity, or fault.NotFound.
func ByUUID(ctx context.Context, r db.R, uuid string) (Identity, error) {
	if !IsNumber(uuid) {
		return Identity{}, fmt.Errorf("read identity: not a number of ours: %w", fault.NotFound)
	}
	i, err := db.One(ctx, r, scanIdentity, selectOne, uuid)
	if err != nil {
		return i, fmt.Errorf("read identity: %w", err)
	}
	return i, nil
}

// ByUUIDs reads several identities, by their numbers. Unknown ones are left out.
func ByUUIDs(ctx context.Context, r db.R, uuids []string) (map[string]Identity, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanIdentity, selectIdentity+` WHERE uuid IN (`+db.AddEach(&args, uuids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	found := map[string]Identity{}
	for _, i := range list {
		found[i.UUID] = i
	}
	return found, nil
}

// ByEmails lists the identities with each of several addresses as ByEmail does, by the address.
func ByEmails(ctx context.Context, r db.R, canonical []string) (map[string][]Identity, error) {
	var args db.Arguments
	where := ` WHERE email_canonical <> '' AND email_canonical IN (` + db.AddEach(&args, canonical) + `) ORDER BY uuid`
	list, err := db.All(ctx, r, scanIdentity, selectIdentity+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("find identities by email: %w", err)
	}
	found := map[string][]Identity{}
	for _, i := range list {
		found[i.EmailCanonical] = append(found[i.EmailCanonical], i)
	}
	return found, nil
}

const selectByEmail = selectIdentity + ` WHERE email_canonical = $1 AND email_canonical <> '' ORDER BY uuid`

// ByEmail lists the identities with an email address, given in canonical form. There may be several: nationally,
// two people, or two profiles of one person, may have the same address.
func ByEmail(ctx context.Context, r db.R, canonical string) ([]Identity, error) {
	list, err := db.All(ctx, r, scanIdentity, selectByEmail, canonical)
	if err != nil {
		return nil, fmt.Errorf("find identities by email: %w", err)
	}
	return list, nil
}

func scanIdentity(scan db.Scanner) (i Identity, err error) {
	var level int64
	err = scan(&i.UUID, &i.Title, &i.GivenName, &i.MiddleNames, &i.FamilyName, &i.Email, &i.EmailCanonical,
		db.At(&i.EmailSince), db.At(&i.EmailVerified.At), &i.EmailVerified.How, &i.Status, &i.Verified, &level,
		&i.Organisation, db.At(&i.Created), db.At(&i.ActiveAgain), &i.Kind, &i.Origin,
		&i.PreferredName)
	i.AssuranceLevel = int(level)
	return i, err
}
