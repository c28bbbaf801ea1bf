package directory

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// OrganisationText names an organisation by its name and its ODS code, or by the code alone if nothing has been
// imported about it. No code gives an empty text.
func OrganisationText(ctx context.Context, r db.R, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	name, err := db.Value[string](ctx, r, `SELECT name FROM ods_organisation WHERE code = $1`, code)
	switch {
	case absent(err):
		return code, nil
	case err != nil:
		return "", fmt.Errorf("read organisation %s: %w", code, err)
	}
	return name + " (" + code + ")", nil
}
