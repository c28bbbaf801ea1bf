package detail

import (
	"context"
	"encoding/hex"
	"fmt"

	"signpost/internal/platform/db"
	"signpost/internal/platform/seal"
)

// Imported are the details of somebody whom another system knows. The National Insurance number is sealed already.
type Imported struct {
	BirthDate BirthDate `json:"birth_date,omitempty"`
	Mobile    string    `json:"mobile,omitempty"`
	NISealed  []byte    `json:"ni_sealed,omitempty"`
	NIDigest  []byte    `json:"ni_digest,omitempty"`
	NIEnding  string    `json:"ni_ending,omitempty"`
}

func (i Imported) none() bool { return i.BirthDate == "" && i.Mobile == "" && i.NIEnding == "" }

// SealNI puts the National Insurance number of somebody with a care identity among their details.
func (i *Imported) SealNI(box *seal.Box, uuid string, n NINumber) {
	i.NISealed = box.Seal([]byte(n), contextOf(uuid))
	i.NIDigest = digestOf(box, n)
	i.NIEnding = n.ending()
}

const importDetails = `INSERT INTO identity_detail (uuid, birth_date, card_name, mobile, ni_sealed, ni_digest,
	ni_ending)`

// AddImported stores the details of people, by the numbers of their care identities, as a part of an import's Update.
func AddImported(ctx context.Context, w *db.W, uuids []string, list []Imported) error {
	rows := db.Inserting(importDetails)
	for i, one := range list {
		if !one.none() {
			rows.Add(uuids[i], string(one.BirthDate), "", one.Mobile, one.NISealed, one.NIDigest, one.NIEnding)
		}
	}
	if err := rows.Write(ctx, w); err != nil {
		return fmt.Errorf("add imported details: %w", err)
	}
	return nil
}

// RemoveImported removes the details of somebody whose care identity is about to be removed.
func RemoveImported(ctx context.Context, w *db.W, uuid string) error {
	if _, err := w.Exec(ctx, `DELETE FROM identity_detail WHERE uuid = $1`, uuid); err != nil {
		return fmt.Errorf("remove imported details: %w", err)
	}
	return nil
}

// Digest is by what a National Insurance number is found.
func Digest(box *seal.Box, n NINumber) string { return hex.EncodeToString(digestOf(box, n)) }

// Known is what an import holds a row of its file against.
type Known struct {
	UUID, GivenName, FamilyName string
	BirthDate                   BirthDate
	NIDigest                    string // as Digest gives it; empty where no number is known
}

// EachKnown gives everybody of whom details are known to fn, in no particular order. It is for imports, which look at
// the whole population once.
func EachKnown(ctx context.Context, r db.R, fn func(Known)) error {
	err := r.Each(ctx, func(scan db.Scanner) error {
		var one Known
		var digest []byte
		if err := scan(&one.UUID, &one.GivenName, &one.FamilyName, &one.BirthDate, &digest); err != nil {
			return err
		}
		one.NIDigest = hex.EncodeToString(digest)
		fn(one)
		return nil
	}, `SELECT i.uuid, i.given_name, i.family_name, d.birth_date, d.ni_digest FROM identity_detail d
		JOIN identity i ON i.uuid = d.uuid`)
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	return nil
}
