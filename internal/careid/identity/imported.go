package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/careid/identity/equipment"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/searchname/wordtable"
)

// Imported is a care identity of another system.
type Imported struct {
	UUID           string    `json:"uuid"`
	Title          string    `json:"title,omitempty"`
	GivenName      string    `json:"given_name"`
	MiddleNames    string    `json:"middle_names,omitempty"`
	FamilyName     string    `json:"family_name"`
	PreferredName  string    `json:"preferred_name,omitempty"`
	Email          string    `json:"email,omitempty"`
	EmailCanonical string    `json:"email_canonical,omitempty"`
	EmailVerified  bool      `json:"email_verified,omitempty"`
	Status         Status    `json:"status"`
	Verified       bool      `json:"verified,omitempty"`
	AssuranceLevel int       `json:"assurance_level"`
	Organisation   string    `json:"organisation"`
	Created        time.Time `json:"created,omitzero"` // zero if it is not known
}

// Problem says what is wrong with the names, the number or the level; nil if nothing is.
func (i Imported) Problem() error {
	if i.UUID != "" && !IsNumber(i.UUID) {
		return fault.OfField("uuid", "Enter a number of 12 digits")
	}
	if i.GivenName == "" || i.FamilyName == "" {
		return fault.OfField("given_name",
			"Enter the given name and the family name as they stand on the identity document")
	}
	for column, text := range map[string]string{
		"title": i.Title, "given_name": i.GivenName, "middle_names": i.MiddleNames, "family_name": i.FamilyName,
		"preferred_name": i.PreferredName,
	} {
		if problem := name.Problem(text); problem != "" {
			return fault.OfField(column, "In "+fault.Quoted(text)+": "+problem)
		}
	}
	if i.AssuranceLevel < 0 || i.AssuranceLevel > 3 {
		return fault.OfField("assurance_level", "Enter an assurance level from 0 to 3")
	}
	return nil
}

// importHow is how an address was confirmed that another system says was.
const importHow = "import"

const importIdentities = `INSERT INTO identity (uuid, title, given_name, middle_names, family_name, email,
	email_canonical, email_since, email_verified_at, email_verified_how, status, verified, assurance_level,
	organisation, created_at, kind, origin, unfolded, preferred_name)`

// ImportedTables are the tables into which AddImported writes.
var ImportedTables = []string{"identity", "identity_word"}

// AddImported adds care identities of another system as a part of an import's Update. If one of the numbers was taken
// since the file was read, it adds none and is fault.Conflict.
func AddImported(ctx context.Context, w *db.W, list []Imported) error {
	if err := refuseTaken(ctx, w, list); err != nil {
		return err
	}
	identities := db.Inserting(importIdentities)
	var words []wordtable.Pair
	for _, one := range list {
		i := one.identity(w.Now())
		identities.Add(i.UUID, i.Title, i.GivenName, i.MiddleNames, i.FamilyName, i.Email, i.EmailCanonical,
			i.EmailSince, i.EmailVerified.At, i.EmailVerified.How, string(i.Status), i.Verified, i.AssuranceLevel,
			i.Organisation, i.Created, string(i.Kind), string(i.Origin), false, i.PreferredName)
		for _, word := range searchname.Words(i.searchedName()) {
			words = append(words, wordtable.Pair{Word: word, ID: i.UUID})
		}
	}
	if err := identities.Write(ctx, w); err != nil {
		return fmt.Errorf("add imported identities: %w", err)
	}
	if err := wordTable.PutAll(ctx, w, words); err != nil {
		return err
	}
	return change.Note(ctx, w, change.OfAll())
}

func (i Imported) identity(now time.Time) Identity {
	created := i.Created
	if created.IsZero() || created.After(now) {
		created = now
	}
	full := Identity{
		UUID: i.UUID, Kind: personOf(i.Verified), Origin: ByMigration, Title: i.Title, PreferredName: i.PreferredName,
		GivenName: i.GivenName, MiddleNames: i.MiddleNames, FamilyName: i.FamilyName, EmailSince: now,
		Status: i.Status, Verified: i.Verified, AssuranceLevel: i.AssuranceLevel, Organisation: i.Organisation,
		Created: created, Email: i.Email, EmailCanonical: i.EmailCanonical,
	}
	if i.EmailVerified {
		full.EmailVerified = Verification{At: now, How: importHow}
	}
	return full
}

// maxAskedAbout is how many identities one query asks about.
const maxAskedAbout = 512

// refuseTaken refuses identities whose numbers others have by now.
func refuseTaken(ctx context.Context, r db.R, list []Imported) error {
	for some := range slices.Chunk(list, maxAskedAbout) {
		var uuids []string
		for _, one := range some {
			uuids = append(uuids, one.UUID)
		}
		var args db.Arguments
		taken, err := db.All(ctx, r, db.Column[string],
			`SELECT uuid FROM identity WHERE uuid IN (`+db.AddEach(&args, uuids)+`) ORDER BY uuid`, args.List()...)
		if err != nil {
			return fmt.Errorf("look who has the numbers of an import: %w", err)
		}
		if len(taken) > 0 {
			return fault.SayCure(fault.Conflict, "Care Identities were made since the file was read that have numbers "+
				"of it: "+strings.Join(taken[:min(len(taken), maxTold)], ", ")+".",
				"Undo this import and import the file again: its rows about them are then refused by name.")
		}
	}
	return nil
}

// maxTold is how many identities a message names.
const maxTold = 5

// Known is what an import holds a row of its file against.
type Known struct {
	UUID, GivenName, FamilyName, EmailCanonical string
}

// EachKnown gives every care identity to fn, in no particular order. It is for imports, which look at the whole
// population once.
func EachKnown(ctx context.Context, r db.R, fn func(Known)) error {
	err := r.Each(ctx, func(scan db.Scanner) error {
		var one Known
		if err := scan(&one.UUID, &one.GivenName, &one.FamilyName, &one.EmailCanonical); err != nil {
			return err
		}
		fn(one)
		return nil
	}, `SELECT uuid, given_name, family_name, email_canonical FROM identity`)
	if err != nil {
		return fmt.Errorf("read identities: %w", err)
	}
	return nil
}

// Touched reports whether anything happened to a care identity, or by its holder, that was not refused.
func Touched(ctx context.Context, r db.R, uuid string) (bool, error) {
	return audit.Touched(ctx, r, Ref(uuid))
}

// RemoveImported removes a care identity that an import added and with which nothing has happened since.
func RemoveImported(ctx context.Context, w *db.W, uuid string) error {
	i, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, remove := range []string{
		`DELETE FROM identity_word WHERE uuid = $1`, `DELETE FROM identity WHERE uuid = $1`,
	} {
		if _, err := w.Exec(ctx, remove, uuid); err != nil {
			return fmt.Errorf("remove imported identity: %w", err)
		}
	}
	if err := equipment.Forget(ctx, w, uuid); err != nil {
		return err
	}
	return noteAddresses(ctx, w, uuid, i.EmailCanonical, "")
}
