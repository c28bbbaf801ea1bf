package organisation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// What a search is held to.
const (
	MaxFound     = 20   // organisations that it gives
	maxTextBytes = 200  // that it takes
	minLetters   = 3    // of its longest word: fewer find nearly everything
	maxWithWord  = 5000 // organisations that may have its rarest word
)

// Why a search gives nothing. Its page says what to type instead.
var (
	ErrVague  = errors.New("no word of the search is long enough")
	ErrCommon = errors.New("too many organisations have every word of the search")
)

const selectFound = selectOrganisation + ` WHERE code = $1 OR postcode = $2 ORDER BY name, code LIMIT $3`

// Find lists the organisations with a code, with a postcode, near it if none has it, or with words in their name that
// begin as given, in any order: at most 20, sorted by name, and whether there are more. A search for too little is
// ErrVague or ErrCommon.
func Find(ctx context.Context, r db.R, text string) (list []Organisation, more bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxTextBytes {
		return nil, false, nil
	}
	list, err = db.All(ctx, r, scanOrganisation, selectFound, strings.ToUpper(text), plainPostcode(text), MaxFound+1)
	if err != nil {
		return nil, false, fmt.Errorf("find organisations: %w", err)
	}
	if len(list) == 0 {
		if list, err = inDistrict(ctx, r, text); err != nil {
			return nil, false, err
		}
	}
	if len(list) == 0 {
		if list, err = byWords(ctx, r, text); err != nil {
			return nil, false, err
		}
	}
	return list[:min(len(list), MaxFound)], len(list) > MaxFound, nil
}

const selectInDistrict = selectOrganisation + ` WHERE postcode LIKE $1 ORDER BY name, code LIMIT $2`

// inDistrict lists one organisation more than a search gives of those in a postcode district, which was typed alone or
// as a part of a postcode that no organisation has.
func inDistrict(ctx context.Context, r db.R, text string) ([]Organisation, error) {
	district, err := postcode.ParseOutward(text)
	if full, whole := postcode.Parse(text); err != nil && whole == nil {
		district = full.Outward()
		err = nil
	}
	if err != nil {
		return nil, nil //nolint:nilerr // what was typed is no postcode
	}
	list, err := db.All(ctx, r, scanOrganisation, selectInDistrict, district+" %", MaxFound+1)
	if err != nil {
		return nil, fmt.Errorf("find organisations in a postcode district: %w", err)
	}
	return list, nil
}

// plainPostcode returns a postcode in its stored form, however it was typed. Other texts stay as they are.
func plainPostcode(text string) string {
	if p, err := postcode.Parse(text); err == nil {
		return string(p)
	}
	return text
}

// byWords lists one organisation more than a search gives.
func byWords(ctx context.Context, r db.R, text string) ([]Organisation, error) {
	if !searchname.HasWord(text, minLetters) {
		return nil, ErrVague
	}
	words, rows, err := wordTable.Rarest(ctx, r, searchname.Typed(text), maxWithWord)
	if err != nil {
		return nil, err
	}
	if rows > maxWithWord {
		return nil, ErrCommon
	}
	var a db.Arguments
	sql := selectOrganisation + ` WHERE ` + wordTable.Condition(&a, "organisation.code", words) +
		` UNION ` + selectOrganisation + ` WHERE unfolded` // which have no words in their table yet
	for _, pattern := range searchname.Patterns(text) {
		sql += ` AND words LIKE ` + a.Add(pattern) + ` ESCAPE '!'`
	}
	sql += fmt.Sprintf(` ORDER BY name, code LIMIT %d`, MaxFound+1)
	list, err := db.All(ctx, r, scanOrganisation, sql, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("find organisations by name: %w", err)
	}
	return list, nil
}
