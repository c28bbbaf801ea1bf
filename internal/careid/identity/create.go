package identity

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// New is a care identity about to be made.
type New struct {
	UUID string // from a file, such as a double's; if empty, the next of our numbers

	Kind   Kind   `json:",omitempty"` // if empty, of a person: verified or brought from elsewhere
	Origin Origin `json:",omitempty"`

	Title, GivenName, MiddleNames, FamilyName string // a robot has a family name alone, as a card
	Email                                     string
	EmailVerified                             string // how the address was confirmed; empty if it was not
	Verified                                  bool
	AssuranceLevel                            int
	Organisation                              string // ODS code of where the person was registered
}

const insertIdentity = `INSERT INTO identity (uuid, title, given_name, middle_names, family_name, email,
	email_canonical, email_since, email_verified_at, email_verified_how, status, verified, assurance_level,
	organisation, created_at, kind, origin, unfolded)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, FALSE)`

// Add makes an active care identity, as a part of an Update.
func Add(ctx context.Context, w *db.W, n New) (Identity, error) {
	i, err := n.identity()
	if err != nil {
		return Identity{}, err
	}
	if i.UUID == "" {
		if i.UUID, err = Number(ctx, w); err != nil {
			return Identity{}, err
		}
	}
	i.Created = w.Now()
	i.EmailSince = w.Now()
	if n.EmailVerified != "" {
		i.EmailVerified = Verification{At: w.Now(), How: n.EmailVerified}
	}
	_, err = w.Exec(ctx, insertIdentity,
		i.UUID, i.Title, i.GivenName, i.MiddleNames, i.FamilyName, i.Email, i.EmailCanonical, i.EmailSince,
		i.EmailVerified.At, i.EmailVerified.How, string(i.Status), i.Verified, i.AssuranceLevel, i.Organisation,
		i.Created, string(i.Kind), string(i.Origin))
	if err != nil {
		return Identity{}, fmt.Errorf("create identity: %w", err)
	}
	if err := putWords(ctx, w, i.UUID, i.searchedName()); err != nil {
		return Identity{}, err
	}
	if err := noteAddresses(ctx, w, i.UUID, "", i.EmailCanonical); err != nil {
		return Identity{}, err
	}
	return i, w.Record(ctx, audit.Event{Kind: eventCreated, Subject: Ref(i.UUID), After: n})
}

func (n New) identity() (Identity, error) {
	n.Kind = cmp.Or(n.Kind, personOf(n.Verified))
	if !slices.Contains(Kinds(), n.Kind) {
		return Identity{}, fault.OfField("kind", "Select what sort of Care Identity it is")
	}
	if err := n.named(); err != nil {
		return Identity{}, err
	}
	if n.AssuranceLevel < 0 || n.AssuranceLevel > 3 {
		return Identity{}, fault.OfField("assurance_level", "Enter an assurance level from 0 to 3")
	}
	if n.UUID != "" && !IsNumber(n.UUID) {
		return Identity{}, fault.OfField("uuid", "Enter a number of 12 digits")
	}
	i := Identity{
		UUID: n.UUID, Kind: n.Kind, Origin: n.Origin, Title: n.Title, GivenName: n.GivenName,
		MiddleNames: n.MiddleNames, FamilyName: n.FamilyName,
		Status: Active, Verified: n.Verified, AssuranceLevel: n.AssuranceLevel, Organisation: n.Organisation,
	}
	if n.Email == "" {
		return i, nil
	}
	address, err := email.ParseNew(n.Email)
	if err != nil {
		return Identity{}, err
	}
	i.Email = address.String()
	i.EmailCanonical, _ = address.Canonical()
	return i, nil
}

// personOf is the kind of a person whose documents were seen, or not.
func personOf(verified bool) Kind {
	if verified {
		return Standard
	}
	return Migrated
}

// named says what is wrong with the names. A temporary card gets its full one.
func (n *New) named() error {
	if n.Kind.Organisational() {
		if n.GivenName != "" || n.FamilyName == "" {
			return fault.OfField("name", "Enter one name")
		}
	} else if n.GivenName == "" || n.FamilyName == "" {
		return fault.OfField("name", "Enter the given name and the family name as they stand on the identity document")
	}
	for _, text := range []string{n.Title, n.GivenName, n.MiddleNames, n.FamilyName} {
		if problem := name.Problem(text); problem != "" {
			return fault.OfField("name", problem)
		}
	}
	if n.Kind != Card {
		return nil
	}
	full, err := CardName(n.Organisation, n.FamilyName)
	n.FamilyName = full
	return err
}
