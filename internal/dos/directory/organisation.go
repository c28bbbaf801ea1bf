package directory

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
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

const knowsOrganisation = `SELECT COUNT(*) FROM (SELECT 1 AS one WHERE
	EXISTS (SELECT 1 FROM ods_organisation WHERE code = $1) OR NOT EXISTS (SELECT 1 FROM ods_organisation)) known`

// KnowsOrganisation reports whether an organisation with an ODS code was imported. Before any was, nobody can say that
// a code is not one.
func KnowsOrganisation(ctx context.Context, r db.R, code string) (bool, error) {
	n, err := db.Value[int64](ctx, r, knowsOrganisation, code)
	if err != nil {
		return false, fmt.Errorf("look for organisation %s: %w", code, err)
	}
	return n > 0, nil
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

// TypedText is what an administrator reads of an organisation whose code somebody typed: its text, and that nobody
// knows it where it has none but its code.
func TypedText(text, code string) string {
	if code == "" || text != code {
		return text
	}
	return code + " (no organisation with this code is known here)"
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

// PostalAddress is where an organisation gets its post.
type PostalAddress struct{ Name, Address, Postcode string }

// PostalAddresses gives where organisations get their post, by their codes, of those that were imported.
func PostalAddresses(ctx context.Context, r db.R, codes []string) (map[string]PostalAddress, error) {
	of := map[string]PostalAddress{}
	if len(codes) == 0 {
		return of, nil
	}
	var args db.Arguments
	err := r.Each(ctx, func(scan db.Scanner) error {
		var code string
		var at PostalAddress
		err := scan(&code, &at.Name, &at.Address, &at.Postcode)
		of[code] = at
		return err
	}, `SELECT code, name, address, postcode FROM ods_organisation WHERE code IN (`+db.AddEach(&args, codes)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read addresses of organisations: %w", err)
	}
	return of, nil
}

// FoundOrganisation is one that somebody may mean.
type FoundOrganisation struct{ Code, Name string }

// Limits of a search for organisations by name.
const (
	MaxOrganisations    = 20   // that it gives
	maxWithWord         = 5000 // organisations that may have its rarest word
	minOrganisationWord = 2    // letters or digits of its longest word
)

var errManyOrganisations = fault.OfField("organisation",
	"Too many organisations have this. Add a word, or enter the ODS code")

// FindOrganisations lists the organisations that have accounts within a reach and words in their name that begin as
// typed, at most 20, by name; and whether there are more. Words that too many have are fault.Invalid.
func FindOrganisations(
	ctx context.Context, r db.R, typed string, within account.Reach,
) (list []FoundOrganisation, more bool, err error) {
	if !searchname.HasWord(typed, minOrganisationWord) {
		return nil, false, nil
	}
	words, rows, err := organisationWords.Rarest(ctx, r, searchname.Typed(typed), maxWithWord)
	if err == nil && rows > maxWithWord {
		err = errManyOrganisations
	}
	if err != nil {
		return nil, false, err
	}
	var a db.Arguments
	text := `SELECT o.code, o.name FROM ods_organisation o WHERE ` + organisationWords.Condition(&a, "o.code", words) +
		` AND ` + within.HasAccountAt(&a, "o.code") + ` ORDER BY o.name, o.code LIMIT ` + a.Add(MaxOrganisations+1)
	list, err = db.All(ctx, r, scanOrganisation, text, a.List()...)
	if err != nil {
		return nil, false, fmt.Errorf("find organisations by name: %w", err)
	}
	old, err := unfoldedOrganisations(ctx, r, typed)
	list = append(list, old...)
	return list[:min(len(list), MaxOrganisations)], len(list) > MaxOrganisations, err
}

// unfoldedOrganisations are those that have no words yet, as in the minutes after an upgrade.
func unfoldedOrganisations(ctx context.Context, r db.R, typed string) ([]FoundOrganisation, error) {
	const old = `SELECT code, name FROM ods_organisation WHERE unfolded ORDER BY code`
	list, err := db.All(ctx, r, scanOrganisation, old)
	if err != nil {
		return nil, fmt.Errorf("list organisations of before: %w", err)
	}
	return slices.DeleteFunc(list, func(o FoundOrganisation) bool { return !searchname.Match(o.Name, typed) }), nil
}

func scanOrganisation(scan db.Scanner) (o FoundOrganisation, err error) {
	err = scan(&o.Code, &o.Name)
	return o, err
}
