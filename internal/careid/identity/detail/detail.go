// Package detail keeps what is known of a person beside their care identity: the birth date, the National Insurance
// number, the name on their smartcard and their mobile number.
//
// The National Insurance number is sealed and found again by its digest. Neither it nor a birth date ever stands in an
// event. The package does not know who may read or change any of it.
package detail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventChanged audit.Kind = "identity.detail-changed"
	eventShown   audit.Kind = "identity.ni-shown"
)

// Details are those of one person. What is not known is empty.
type Details struct {
	BirthDate BirthDate
	CardName  string // on the smartcard; the full name if empty
	Mobile    string
	NIEnding  string // the last letter of the National Insurance number
}

// HasNI reports whether the National Insurance number is known.
func (d Details) HasNI() bool { return d.NIEnding != "" }

const selectDetails = `SELECT COALESCE(d.birth_date, ''), COALESCE(d.card_name, ''), COALESCE(d.mobile, ''),
	COALESCE(d.ni_ending, '') FROM identity i LEFT JOIN identity_detail d ON d.uuid = i.uuid WHERE i.uuid = $1`

// Of reads somebody's details.
func Of(ctx context.Context, r db.R, uuid string) (Details, error) {
	d, err := db.One(ctx, r, func(scan db.Scanner) (d Details, err error) {
		err = scan(&d.BirthDate, &d.CardName, &d.Mobile, &d.NIEnding)
		return d, err
	}, selectDetails, uuid)
	if err != nil {
		return d, fmt.Errorf("read details: %w", err)
	}
	return d, nil
}

// SetBirthDate stores somebody's birth date, as a part of an Update.
func SetBirthDate(ctx context.Context, w *db.W, uuid string, date BirthDate) error {
	return set(ctx, w, uuid, "birth_date", "birth date", string(date))
}

// SetCardName stores the name on somebody's smartcard; empty for the full name.
func SetCardName(ctx context.Context, w *db.W, uuid, typed string) error {
	typed = strings.TrimSpace(typed)
	if problem := name.Problem(typed); typed != "" && problem != "" {
		return fault.OfField("card_name", problem)
	}
	return set(ctx, w, uuid, "card_name", "name on smartcard", typed)
}

// SetMobile stores somebody's mobile number; empty for none.
func SetMobile(ctx context.Context, w *db.W, uuid, typed string) error {
	number, err := ParseMobile(typed)
	if err != nil {
		return err
	}
	return set(ctx, w, uuid, "mobile", "mobile number", number)
}

// set stores one of the columns that are text. The event says which it was, and not what stands there.
func set(ctx context.Context, w *db.W, uuid, column, said, value string) error {
	if err := ensure(ctx, w, uuid); err != nil {
		return err
	}
	if err := w.Change(ctx, `UPDATE identity_detail SET `+column+` = $2 WHERE uuid = $1`, uuid, value); err != nil {
		return fmt.Errorf("change %s: %w", said, err)
	}
	return changed(ctx, w, uuid, said)
}

func ensure(ctx context.Context, w *db.W, uuid string) error {
	const insert = `INSERT INTO identity_detail (uuid, birth_date, card_name, mobile, ni_ending)
		VALUES ($1, '', '', '', '') ON CONFLICT (uuid) DO NOTHING`
	if _, err := w.Exec(ctx, insert, uuid); err != nil {
		return fmt.Errorf("add details: %w", err)
	}
	return nil
}

func changed(ctx context.Context, w *db.W, uuid, said string) error {
	return w.Record(ctx, audit.Event{Kind: eventChanged, Subject: identity.Ref(uuid),
		After: map[string]string{"detail": said}})
}

func contextOf(uuid string) string { return "identity_detail/" + uuid + "/ni" }

func digestOf(box *seal.Box, n NINumber) []byte { return box.Digest("identity_detail/ni/" + string(n)) }

// SetNI seals somebody's National Insurance number, as a part of an Update; an empty one forgets it.
func SetNI(ctx context.Context, w *db.W, box *seal.Box, uuid string, n NINumber) error {
	var sealed Imported
	if n != "" {
		sealed.SealNI(box, uuid, n)
	}
	return SetSealedNI(ctx, w, uuid, sealed)
}

// SetSealedNI stores somebody's National Insurance number that SealNI sealed for them, as a part of an Update; none
// forgets it.
func SetSealedNI(ctx context.Context, w *db.W, uuid string, i Imported) error {
	if err := ensure(ctx, w, uuid); err != nil {
		return err
	}
	err := w.Change(ctx, `UPDATE identity_detail SET ni_sealed = $2, ni_digest = $3, ni_ending = $4 WHERE uuid = $1`,
		uuid, i.NISealed, i.NIDigest, i.NIEnding)
	if err != nil {
		return fmt.Errorf("change National Insurance number: %w", err)
	}
	return changed(ctx, w, uuid, "National Insurance number")
}

// ShowNI opens somebody's National Insurance number for the actor and records that they looked at it.
func ShowNI(ctx context.Context, w *db.W, box *seal.Box, uuid string) (NINumber, error) {
	sealed, err := db.Value[[]byte](ctx, w,
		`SELECT ni_sealed FROM identity_detail WHERE uuid = $1 AND ni_sealed IS NOT NULL`, uuid)
	if err != nil {
		return "", fmt.Errorf("read National Insurance number: %w", err)
	}
	plain, err := box.Open(sealed, contextOf(uuid))
	if err != nil {
		return "", err
	}
	return NINumber(plain), w.Record(ctx, audit.Event{Kind: eventShown, Subject: identity.Ref(uuid)})
}

const maxOfNI = 20 // people with one number: more are a mistake of whoever brought them here

// WithNI lists the numbers of the care identities with a National Insurance number.
func WithNI(ctx context.Context, r db.R, box *seal.Box, n NINumber) ([]string, error) {
	return WithDigest(ctx, r, digestOf(box, n))
}

// WithDigest is WithNI for a National Insurance number of which only the digest is at hand, as Imported has it.
func WithDigest(ctx context.Context, r db.R, digest []byte) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string],
		`SELECT uuid FROM identity_detail WHERE ni_digest = $1 ORDER BY uuid LIMIT $2`, digest, maxOfNI)
	if err != nil {
		return nil, fmt.Errorf("find by National Insurance number: %w", err)
	}
	return list, nil
}

// DigestOf gives the digest of somebody's National Insurance number; none where the number is not known.
func DigestOf(ctx context.Context, r db.R, uuid string) ([]byte, error) {
	digest, err := db.Value[[]byte](ctx, r, `SELECT ni_digest FROM identity_detail WHERE uuid = $1`, uuid)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read digest of a National Insurance number: %w", err)
	}
	return digest, nil
}

// Born lists those of several care identities whose birth date is known to be a date.
func Born(ctx context.Context, r db.R, date BirthDate, uuids []string) ([]string, error) {
	if len(uuids) == 0 || date == "" {
		return nil, nil
	}
	var a db.Arguments
	list, err := db.All(ctx, r, db.Column[string], `SELECT uuid FROM identity_detail WHERE birth_date = `+
		a.Add(string(date))+` AND uuid IN (`+db.AddEach(&a, uuids)+`) ORDER BY uuid`, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("find by birth date: %w", err)
	}
	return list, nil
}
