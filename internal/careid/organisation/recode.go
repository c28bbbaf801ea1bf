package organisation

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// recode moves what this package keeps of an organisation to another code. A new row comes first and the old one goes
// last, as others refer to both.
var recode = []string{
	`INSERT INTO organisation (code, name, words, role, postcode, contact, status, unfolded)
		SELECT CAST($2 AS TEXT), name, words, role, postcode, contact, status, unfolded FROM organisation
		WHERE code = $1`,
	`UPDATE organisation_policy SET code = $2 WHERE code = $1`,
	`UPDATE ra_hosting SET host = $2 WHERE host = $1`,
	`UPDATE ra_hosting SET code = $2 WHERE code = $1`,
}

// Recode gives an organisation another code, which no organisation has, as a part of an Update. What it approved, the
// words of its name and the organisations below it follow. Whoever calls it has what other packages keep follow too,
// and records it.
func Recode(ctx context.Context, w *db.W, from, to string) error {
	renamed, err := ByCode(ctx, w, from)
	if err != nil {
		return err
	}
	if err := wordTable.Replace(ctx, w, from, nil); err != nil {
		return err
	}
	if err := wordTable.Put(ctx, w, to, searchname.Words(renamed.Name)); err != nil {
		return err
	}
	for _, sql := range recode {
		if _, err := w.Exec(ctx, sql, from, to); err != nil {
			return fmt.Errorf("change code %s of organisation: %w", from, err)
		}
	}
	if err := w.Change(ctx, `DELETE FROM organisation WHERE code = $1`, from); err != nil {
		return fmt.Errorf("end code %s of organisation: %w", from, err)
	}
	return nil
}
