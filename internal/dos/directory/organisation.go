package directory

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// AllOrganisations gives the names of all organisations, by ODS code. It is for imports and exports.
func AllOrganisations(ctx context.Context, r db.R) (map[string]string, error) {
	type pair struct{ code, name string }
	list, err := db.All(ctx, r, func(scan db.Scanner) (p pair, err error) {
		err = scan(&p.code, &p.name)
		return p, err
	}, `SELECT code, name FROM ods_organisation`)
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	names := make(map[string]string, len(list))
	for _, p := range list {
		names[p.code] = p.name
	}
	return names, nil
}

// OrganisationName gives the name of an organisation by its ODS code; empty if nothing has been imported about it.
func OrganisationName(ctx context.Context, r db.R, code string) (string, error) {
	name, err := db.Value[string](ctx, r, `SELECT name FROM ods_organisation WHERE code = $1`, code)
	if err != nil && !absent(err) {
		return "", fmt.Errorf("read organisation %s: %w", code, err)
	}
	return name, nil
}

// OrganisationText names an organisation by its name and its ODS code, or by the code alone if nothing has been
// imported about it. No code gives an empty text.
func OrganisationText(ctx context.Context, r db.R, code string) (string, error) {
	name, err := OrganisationName(ctx, r, code)
	if err != nil || name == "" {
		return code, err
	}
	return name + " (" + code + ")", nil
}

// OrganisationTexts names several organisations by their codes, each as OrganisationText does.
func OrganisationTexts(ctx context.Context, r db.R, codes []string) (map[string]string, error) {
	texts := map[string]string{}
	for _, code := range codes {
		texts[code] = code
	}
	if len(texts) == 0 {
		return texts, nil
	}
	type named struct{ code, name string }
	var a db.Arguments
	known, err := db.All(ctx, r, func(scan db.Scanner) (o named, err error) {
		err = scan(&o.code, &o.name)
		return o, err
	}, `SELECT code, name FROM ods_organisation WHERE code IN (`+db.AddEach(&a, codes)+`)`, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	for _, o := range known {
		texts[o.code] = o.name + " (" + o.code + ")"
	}
	return texts, nil
}
