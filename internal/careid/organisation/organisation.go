// Package organisation keeps the ODS organisations that people work for, the registration authority that serves
// each, and the authenticators that each has approved.
//
// It does not know who works there or what they may do.
package organisation

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/national/authn"
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
func (o Organisation) Typed() bool { return o.Role == "" }

// eventAdded is recorded when an organisation was added.
const eventAdded audit.Kind = "organisation.added"

// Ref names an organisation in events.
func Ref(code string) audit.Ref { return audit.Ref{Kind: "organisation", ID: code} }

const insertOrganisation = `INSERT INTO organisation (code, name, words, role, postcode, ra_parent, contact, unfolded)
	VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)`

// Add makes an organisation and approves the given kinds of authenticator there, as a part of an Update.
func Add(ctx context.Context, w *db.W, o Organisation, approved ...authn.Kind) error {
	if err := name.Check("name", o.Name); err != nil {
		return err
	}
	_, err := w.Exec(ctx, insertOrganisation, o.Code, o.Name, searchname.Of(o.Name), o.Role, plainPostcode(o.Postcode),
		o.RAParent, o.Contact)
	if err != nil {
		return fmt.Errorf("add organisation %s: %w", o.Code, err)
	}
	if err := wordTable.Put(ctx, w, o.Code, searchname.Words(o.Name)); err != nil {
		return err
	}
	for _, kind := range approved {
		if err := approve(ctx, w, o.Code, kind); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{
		Kind: eventAdded, Subject: Ref(o.Code), After: map[string]any{"organisation": o, "approved": approved},
	})
}

func approve(ctx context.Context, w *db.W, code string, kind authn.Kind) error {
	_, err := w.Exec(ctx, `INSERT INTO organisation_authenticator (code, kind) VALUES ($1, $2)
		ON CONFLICT (code, kind) DO NOTHING`, code, string(kind))
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

// ApprovedBy lists the kinds that each of several organisations has approved, by their codes.
func ApprovedBy(ctx context.Context, r db.R, codes []string) (map[string][]authn.Kind, error) {
	type approval struct {
		code string
		kind authn.Kind
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (a approval, err error) {
		err = scan(&a.code, &a.kind)
		return a, err
	}, `SELECT code, kind FROM organisation_authenticator WHERE code IN (`+db.AddEach(&args, codes)+`) ORDER BY kind`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list approved authenticators: %w", err)
	}
	kinds := map[string][]authn.Kind{}
	for _, a := range list {
		kinds[a.code] = append(kinds[a.code], a.kind)
	}
	return kinds, nil
}

func askApproved(code string) *db.Answer[authn.Kind] {
	return db.Ask(db.Column[authn.Kind], selectApproved, code)
}

// ApprovedAt lists the kinds that at least one of the organisations has approved. If none has approved any, all
// kinds count as approved.
func ApprovedAt(ctx context.Context, r db.R, codes []string) ([]authn.Kind, error) {
	approved, queries := askEach(codes, askApproved)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("list approved authenticators: %w", err)
	}
	return approvedByAny(approved), nil
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

func approvedByAny(approved []*db.Answer[authn.Kind]) (kinds []authn.Kind) {
	for _, answer := range approved {
		kinds = append(kinds, answer.All()...)
	}
	return approvedOrAll(kinds)
}

func approvedOrAll(kinds []authn.Kind) []authn.Kind {
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

const selectWithApproved = `SELECT o.code, o.name, o.role, o.postcode, o.ra_parent, o.contact, COALESCE(a.kind, '')
	FROM organisation o LEFT JOIN organisation_authenticator a ON a.code = o.code WHERE o.code = $1 ORDER BY a.kind`

// approving is an organisation with one of the kinds of authenticator that it has approved; empty if there is none.
type approving struct {
	organisation Organisation
	kind         authn.Kind
}

func askWithApproved(code string) *db.Answer[approving] {
	scan := func(scan db.Scanner) (a approving, err error) {
		o := &a.organisation
		err = scan(&o.Code, &o.Name, &o.Role, &o.Postcode, &o.RAParent, &o.Contact, &a.kind)
		return a, err
	}
	return db.Ask(scan, selectWithApproved, code)
}

// ByCodesWithApproved reads several organisations as ByCodes does, and with them the kinds of authenticator that
// ApprovedAt lists.
func ByCodesWithApproved(
	ctx context.Context, r db.R, codes []string,
) (list []Organisation, kinds []authn.Kind, err error) {
	answers, queries := askEach(codes, askWithApproved)
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, nil, fmt.Errorf("read organisations: %w", err)
	}
	for n, code := range codes {
		found, err := answers[n].One()
		list = append(list, orCode(found.organisation, code, err))
		for _, a := range answers[n].All() {
			if a.kind != "" {
				kinds = append(kinds, a.kind)
			}
		}
	}
	return list, approvedOrAll(kinds), nil
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
	err = scan(&o.Code, &o.Name, &o.Role, &o.Postcode, &o.RAParent, &o.Contact)
	return o, err
}
