// Package organisation keeps the ODS organisations that people work for, the registration authority that serves
// each, and the authenticators that each has approved.
//
// It does not know who works there or what they may do.
package organisation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/searchname"
)

// Organisation is one organisation of the Organisation Data Service.
type Organisation struct {
	Code     string // ODS code
	Name     string
	Role     string // primary role, as "RO182"
	Postcode string
	RAParent string // code of the organisation whose registration authority serves this one, if another does
	Contact  string // how to reach its registration authority; empty if it has none

	Status ods.Status // of the Organisation Data Service; empty of one that was typed
}

// Text names the organisation by its name and its ODS code.
func (o Organisation) Text() string {
	if o.Name == o.Code {
		return o.Code
	}
	return o.Name + " (" + o.Code + ")"
}

// Typed reports whether the organisation was described by a person. The role of one from a list of the Organisation
// Data Service is known.
func (o Organisation) Typed() bool { return o.Role == "" && o.Status == "" }

// Closed reports whether the organisation has closed.
func (o Organisation) Closed() bool { return o.Status == ods.Closed }

// eventAdded is recorded when an organisation was added.
const eventAdded audit.Kind = "organisation.added"

// Ref names an organisation in events.
func Ref(code string) audit.Ref { return audit.Ref{Kind: "organisation", ID: code} }

const insertOrganisation = `INSERT INTO organisation (code, name, words, role, postcode, contact, unfolded)
	VALUES ($1, $2, $3, $4, $5, $6, FALSE)`

// Add makes an organisation and approves the given kinds of authenticator there, as a part of an Update.
func Add(ctx context.Context, w *db.W, o Organisation, approved ...authn.Kind) error {
	if err := name.Check("name", o.Name); err != nil {
		return err
	}
	_, err := w.Exec(ctx, insertOrganisation, o.Code, o.Name, searchname.Of(o.Name), o.Role, plainPostcode(o.Postcode),
		o.Contact)
	if err != nil {
		return fmt.Errorf("add organisation %s: %w", o.Code, err)
	}
	if err := wordTable.Put(ctx, w, o.Code, searchname.Words(o.Name)); err != nil {
		return err
	}
	if o.RAParent != "" {
		if err := link(ctx, w, o.Code, o.RAParent, ""); err != nil {
			return err
		}
	}
	if len(approved) > 0 {
		if err := insertPolicy(ctx, w, o.Code, 1, Policy{Kinds: approved}, ""); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{
		Kind: eventAdded, Subject: Ref(o.Code), After: map[string]any{"organisation": o, "approved": approved},
	})
}

// askEach makes a query for each code.
func askEach[T any](codes []string, ask func(code string) *db.Answer[T]) (answers []*db.Answer[T], queries []db.Query) {
	for _, code := range codes {
		query := ask(code)
		answers = append(answers, query)
		queries = append(queries, query)
	}
	return answers, queries
}

const selectOrganisation = `SELECT code, name, role, postcode, COALESCE((SELECT h.host FROM ra_hosting h
	WHERE h.code = organisation.code AND h.to_at IS NULL), ''), contact, status FROM organisation`

const selectByCode = selectOrganisation + ` WHERE code = $1`

// ByCode reads one organisation, or fault.NotFound.
func ByCode(ctx context.Context, r db.R, code string) (Organisation, error) {
	o, err := db.One(ctx, r, scanOrganisation, selectByCode, code)
	if err != nil {
		return o, fmt.Errorf("read organisation: %w", err)
	}
	return o, nil
}

// Text names the organisation with a code by its name and the code, or by the code alone if it is not known.
func Text(ctx context.Context, r db.R, code string) (string, error) {
	o, err := ByCode(ctx, r, code)
	switch {
	case errors.Is(err, fault.NotFound):
		return code, nil
	case err != nil:
		return "", err
	}
	return o.Text(), nil
}

// Texts gives the texts of several organisations, by their codes. An unknown one is its code.
func Texts(ctx context.Context, r db.R, codes []string) (map[string]string, error) {
	var a db.Arguments
	list, err := db.All(ctx, r, scanOrganisation, selectOrganisation+` WHERE code IN (`+db.AddEach(&a, codes)+`)`,
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	texts := map[string]string{}
	for _, code := range codes {
		texts[code] = code
	}
	for _, o := range list {
		texts[o.Code] = o.Text()
	}
	return texts, nil
}

// maxAskedAbout is how many organisations one query asks about.
const maxAskedAbout = 512

// Known gives those of some codes whose organisations are here. It is for imports, which ask about many.
func Known(ctx context.Context, r db.R, codes []string) (known map[string]bool, err error) {
	known = map[string]bool{}
	for some := range slices.Chunk(codes, maxAskedAbout) {
		var a db.Arguments
		list, err := db.All(ctx, r, db.Column[string],
			`SELECT code FROM organisation WHERE code IN (`+db.AddEach(&a, some)+`)`, a.List()...)
		if err != nil {
			return nil, fmt.Errorf("look which organisations are here: %w", err)
		}
		for _, code := range list {
			known[code] = true
		}
	}
	return known, nil
}

func askByCode(code string) *db.Answer[Organisation] {
	return db.Ask(scanOrganisation, selectByCode, code)
}

// ByCodes reads several organisations together, in the order of the codes. An unknown one has its code as its name.
func ByCodes(ctx context.Context, r db.R, codes []string) ([]Organisation, error) {
	answers, queries := askEach(codes, askByCode)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	return withCodes(codes, answers), nil
}

const selectWithPolicy = `SELECT o.code, o.name, o.role, o.postcode, o.contact, COALESCE(p.kinds, ''),
	COALESCE(p.model_rule, ''), COALESCE(p.models, '')
	FROM organisation o LEFT JOIN organisation_policy p ON p.code = o.code AND p.replaced_at IS NULL WHERE o.code = $1`

// governed is an organisation with its policy; the zero Policy where it has not decided.
type governed struct {
	organisation Organisation
	policy       Policy
}

func askWithPolicy(code string) *db.Answer[governed] {
	scan := func(scan db.Scanner) (g governed, err error) {
		var kinds, models string
		o := &g.organisation
		err = scan(&o.Code, &o.Name, &o.Role, &o.Postcode, &o.Contact, &kinds, &g.policy.Rule, &models)
		g.policy.read(kinds, models)
		return g, err
	}
	return db.Ask(scan, selectWithPolicy, code)
}

// ByCodesWithPolicies reads several organisations as ByCodes does, and with them their policies.
func ByCodesWithPolicies(ctx context.Context, r db.R, codes []string) (list []Organisation, p Policies, err error) {
	answers, queries := askEach(codes, askWithPolicy)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, nil, fmt.Errorf("read organisations: %w", err)
	}
	for n, code := range codes {
		found, err := answers[n].One()
		list = append(list, orCode(found.organisation, code, err))
		p = append(p, found.policy)
	}
	return list, p, nil
}

func withCodes(codes []string, answers []*db.Answer[Organisation]) (list []Organisation) {
	for n, code := range codes {
		o, err := answers[n].One()
		list = append(list, orCode(o, code, err))
	}
	return list
}

// orCode gives an organisation that was looked for, or one that has its code as its name.
func orCode(o Organisation, code string, err error) Organisation {
	if err != nil {
		return Organisation{Code: code, Name: code}
	}
	return o
}

func scanOrganisation(scan db.Scanner) (o Organisation, err error) {
	err = scan(&o.Code, &o.Name, &o.Role, &o.Postcode, &o.RAParent, &o.Contact, &o.Status)
	return o, err
}
