// Package organisation keeps the ODS organisations that care identities work for, whose registration
// authority serves whom, and which authenticators each has approved.
//
// It does not know who works there or what they may do.
package organisation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"signpost/internal/national/authn"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// Organisation is one organisation of the Organisation Data Service.
type Organisation struct {
	Code     string // ODS code
	Name     string
	Role     string // primary role, as "RO182"
	Postcode string
	RAParent string // code of the organisation whose registration authority serves it, if not its own
	Contact  string // how its registration authority is reached; empty if it has none
}

// eventAdded is recorded when an organisation was added.
const eventAdded audit.Kind = "organisation.added"

// Ref names an organisation in events.
func Ref(code string) audit.Ref { return audit.Ref{Kind: "organisation", ID: code} }

const insertOrganisation = `INSERT INTO organisation (code, name, words, role, postcode, ra_parent, contact) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Add makes an organisation and approves the given kinds of authenticator there, as a part of an Update.
func Add(ctx context.Context, w *db.W, o Organisation, approved ...authn.Kind) error {
	_, err := w.Exec(ctx, insertOrganisation, o.Code, o.Name, searchname.Of(o.Name), o.Role, plainPostcode(o.Postcode), o.RAParent, o.Contact)
	if err != nil {
		return fmt.Errorf("add organisation %s: %w", o.Code, err)
	}
	for _, kind := range approved {
		if err := approve(ctx, w, o.Code, kind); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventAdded, Subject: Ref(o.Code), After: map[string]any{"organisation": o, "approved": approved}})
}

func approve(ctx context.Context, w *db.W, code string, kind authn.Kind) error {
	_, err := w.Exec(ctx, `INSERT INTO organisation_authenticator (code, kind) VALUES ($1, $2) ON CONFLICT (code, kind) DO NOTHING`, code, string(kind))
	if err != nil {
		return fmt.Errorf("approve %s at %s: %w", kind, code, err)
	}
	return nil
}

const selectApproved = `SELECT kind FROM organisation_authenticator WHERE code = $1 ORDER BY kind`

// Approved lists the kinds of authenticator that an organisation has approved.
func Approved(ctx context.Context, r db.R, code string) ([]authn.Kind, error) {
	kinds, err := db.All(ctx, r, db.Column[authn.Kind], selectApproved, code)
	if err != nil {
		return nil, fmt.Errorf("list approved authenticators: %w", err)
	}
	return kinds, nil
}

func askApproved(code string) *db.Asked[authn.Kind] {
	return db.Ask(db.Column[authn.Kind], selectApproved, code)
}

// ApprovedAt lists the kinds that one of some organisations has approved. Where none of them has said
// anything, all kinds are approved.
func ApprovedAt(ctx context.Context, r db.R, codes []string) ([]authn.Kind, error) {
	approved, queries := askEach(codes, askApproved)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("list approved authenticators: %w", err)
	}
	return approvedByOne(approved), nil
}

// askEach makes a query for each code.
func askEach[T any](codes []string, ask func(code string) *db.Asked[T]) (asked []*db.Asked[T], queries []db.Query) {
	for _, code := range codes {
		query := ask(code)
		asked = append(asked, query)
		queries = append(queries, query)
	}
	return asked, queries
}

func approvedByOne(approved []*db.Asked[authn.Kind]) (kinds []authn.Kind) {
	for _, of := range approved {
		kinds = append(kinds, of.All()...)
	}
	if len(kinds) == 0 {
		return authn.Kinds()
	}
	return kinds
}

const selectOrganisation = `SELECT code, name, role, postcode, ra_parent, contact FROM organisation`

const selectByCode = selectOrganisation + ` WHERE code = $1`

// ByCode reads one organisation, or fault.NotFound.
func ByCode(ctx context.Context, r db.R, code string) (Organisation, error) {
	o, err := db.One(ctx, r, scanOrganisation, selectByCode, code)
	if err != nil {
		return o, fmt.Errorf("read organisation: %w", err)
	}
	return o, nil
}

func askByCode(code string) *db.Asked[Organisation] {
	return db.Ask(scanOrganisation, selectByCode, code)
}

// ByCodes reads several organisations in one journey, in the order of their codes. One that we do not know is named
// by its code.
func ByCodes(ctx context.Context, r db.R, codes []string) ([]Organisation, error) {
	asked, queries := askEach(codes, askByCode)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	return named(codes, asked), nil
}

// ByCodesWithApproved reads several organisations as ByCodes does, and in the same journey the kinds of authenticator
// that ApprovedAt lists for them.
func ByCodesWithApproved(ctx context.Context, r db.R, codes []string) ([]Organisation, []authn.Kind, error) {
	asked, queries := askEach(codes, askByCode)
	approved, further := askEach(codes, askApproved)
	if err := db.Together(ctx, r, append(queries, further...)...); err != nil {
		return nil, nil, fmt.Errorf("read organisations: %w", err)
	}
	return named(codes, asked), approvedByOne(approved), nil
}

func named(codes []string, asked []*db.Asked[Organisation]) (list []Organisation) {
	for n, code := range codes {
		o, err := asked[n].One()
		if err != nil {
			o = Organisation{Code: code, Name: code}
		}
		list = append(list, o)
	}
	return list
}

// What a search finds at most, and the longest text, in bytes, that can find anything.
const (
	mostFound = 20
	mostText  = 200
)

// Find lists organisations by code, by postcode, or by the beginnings of words of their name, in any
// order; at most 20, by name.
func Find(ctx context.Context, r db.R, text string) ([]Organisation, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > mostText {
		return nil, nil
	}
	list, err := db.All(ctx, r, scanOrganisation, selectOrganisation+` WHERE code = $1 OR postcode = $2 ORDER BY name, code LIMIT $3`,
		strings.ToUpper(text), plainPostcode(text), mostFound)
	if err != nil {
		return nil, fmt.Errorf("find organisations: %w", err)
	}
	if len(list) > 0 {
		return list, nil
	}
	return byWords(ctx, r, text)
}

// plainPostcode is a postcode as it is kept, however it was typed; anything else stays as it is.
func plainPostcode(text string) string {
	if p, err := postcode.Parse(text); err == nil {
		return string(p)
	}
	return text
}

func byWords(ctx context.Context, r db.R, text string) ([]Organisation, error) {
	where, args := "", []any{}
	for _, pattern := range searchname.Patterns(text) {
		args = append(args, pattern)
		where += fmt.Sprintf(" AND words LIKE $%d ESCAPE '!'", len(args))
	}
	if len(args) == 0 {
		return nil, nil
	}
	sql := selectOrganisation + ` WHERE 1 = 1` + where + fmt.Sprintf(" ORDER BY name, code LIMIT %d", mostFound)
	list, err := db.All(ctx, r, scanOrganisation, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find organisations by name: %w", err)
	}
	return list, nil
}

func scanOrganisation(scan db.Scanner) (o Organisation, err error) {
	err = scan(&o.Code, &o.Name, &o.Role, &o.Postcode, &o.RAParent, &o.Contact)
	return o, err
}

// farthest bounds the walk upwards; a longer chain is a mistake in the data.
const farthest = 10

// RegistrationAuthority finds whose registration authority serves an organisation: its own if it has
// one, else its parent's, and so on up. fault.NotFound if the walk finds none.
func RegistrationAuthority(ctx context.Context, r db.R, code string) (Organisation, error) {
	for range farthest {
		o, err := ByCode(ctx, r, code)
		if err != nil {
			return Organisation{}, err
		}
		if o.Contact != "" {
			return o, nil
		}
		if o.RAParent == "" || o.RAParent == code {
			break
		}
		code = o.RAParent
	}
	return Organisation{}, errors.Join(fmt.Errorf("registration authority of %s", code), fault.NotFound)
}
