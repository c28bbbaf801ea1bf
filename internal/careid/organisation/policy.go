package organisation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// ModelRule says what the models that a policy lists mean.
type ModelRule string

// The rules. OnlyModels is for kinds whose models their makers attest: the model of any other authenticator is but what
// it says of itself.
const (
	AnyModel     ModelRule = ""
	OnlyModels   ModelRule = "only"   // these models and no others
	ExceptModels ModelRule = "except" // every model but these
)

// Policy is which authenticators an organisation has approved.
type Policy struct {
	Kinds  []authn.Kind `json:"kinds"` // sorted; empty where it has not decided
	Rule   ModelRule    `json:"model_rule,omitempty"`
	Models []string     `json:"models,omitempty"` // AAGUIDs, sorted
}

// takesModel reports whether the policy takes an authenticator of a kind for its model.
func (p Policy) takesModel(kind authn.Kind, m authn.Model) bool {
	listed := slices.Contains(p.Models, m.AAGUID)
	switch p.Rule {
	case OnlyModels:
		return !kind.ModelAttested() || m.Proven && listed
	case ExceptModels:
		return !listed
	}
	return true
}

// Policies are those of the organisations where somebody works.
type Policies []Policy

// Kinds lists the kinds that at least one of the organisations has approved. If none has decided, all kinds count as
// approved.
func (p Policies) Kinds() (kinds []authn.Kind) {
	for _, one := range p.deciding() {
		kinds = append(kinds, one.Kinds...)
	}
	if len(kinds) == 0 {
		return authn.Kinds()
	}
	return kinds
}

// deciding are the policies that count: those that name kinds, if one does.
func (p Policies) deciding() Policies {
	named := slices.DeleteFunc(slices.Clone(p), func(one Policy) bool { return len(one.Kinds) == 0 })
	if len(named) == 0 {
		return p
	}
	return named
}

// Take reports whether at least one of the organisations has approved authenticators of a kind and a model. Where
// nobody has decided, every authenticator counts as approved.
func (p Policies) Take(kind authn.Kind, m authn.Model) bool {
	counting := p.deciding()
	return len(counting) == 0 || slices.ContainsFunc(counting, func(one Policy) bool {
		return (len(one.Kinds) == 0 || slices.Contains(one.Kinds, kind)) && one.takesModel(kind, m)
	})
}

// Decision is a policy as it was set once.
type Decision struct {
	Policy
	Number   int // counts up from 1 within an organisation; 0 where nothing was ever decided
	Reason   string
	By       string    // the number of the care identity that set it; empty for whoever runs the system
	At       time.Time // zero where it was set before times were kept
	Replaced time.Time // zero for the one in force
}

const (
	selectDecision = `SELECT p.number, p.kinds, p.model_rule, p.models, p.reason, p.set_by, p.set_at, p.replaced_at
		FROM organisation_policy p WHERE p.code = $1`
	selectInForce = selectDecision + ` AND p.replaced_at IS NULL`
)

func scanDecision(scan db.Scanner) (d Decision, err error) {
	var kinds, models string
	err = scan(&d.Number, &kinds, &d.Rule, &models, &d.Reason, &d.By, db.At(&d.At), db.At(&d.Replaced))
	d.read(kinds, models)
	return d, err
}

// read reads the lists as they are kept.
func (p *Policy) read(kinds, models string) {
	p.Kinds = nil
	for kind := range strings.FieldsSeq(kinds) {
		p.Kinds = append(p.Kinds, authn.Kind(kind))
	}
	slices.Sort(p.Kinds)
	p.Models = strings.Fields(models)
}

// InForce gives the policy of an organisation that is in force; the zero Decision where nothing was decided.
func InForce(ctx context.Context, r db.R, code string) (Decision, error) {
	d, err := db.One(ctx, r, scanDecision, selectInForce, code)
	if errors.Is(err, fault.NotFound) {
		return Decision{}, nil
	}
	if err != nil {
		return d, fmt.Errorf("read approved authenticators: %w", err)
	}
	return d, nil
}

// Decisions lists the newest decisions of an organisation, the newest first.
func Decisions(ctx context.Context, r db.R, code string, limit int) ([]Decision, error) {
	list, err := db.All(ctx, r, scanDecision, selectDecision+` ORDER BY p.number DESC LIMIT $2`, code, limit)
	if err != nil {
		return nil, fmt.Errorf("list decisions on authenticators: %w", err)
	}
	return list, nil
}

// PoliciesBy gives the policies in force of several organisations, by their codes. One that has not decided is left
// out.
func PoliciesBy(ctx context.Context, r db.R, codes []string) (map[string]Policy, error) {
	type row struct {
		code string
		Policy
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		var kinds, models string
		err = scan(&one.code, &kinds, &one.Rule, &models)
		one.read(kinds, models)
		return one, err
	}, `SELECT code, kinds, model_rule, models FROM organisation_policy
		WHERE replaced_at IS NULL AND code IN (`+db.AddEach(&args, codes)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list approved authenticators: %w", err)
	}
	policies := map[string]Policy{}
	for _, one := range list {
		policies[one.code] = one.Policy
	}
	return policies, nil
}

// PoliciesAt gives the policies of organisations for somebody who works there.
func PoliciesAt(ctx context.Context, r db.R, codes []string) (policies Policies, err error) {
	by, err := PoliciesBy(ctx, r, codes)
	for _, code := range codes {
		if one, decided := by[code]; decided {
			policies = append(policies, one)
		}
	}
	return policies, err
}

// eventPolicy is recorded when an organisation decided which authenticators it approves.
const eventPolicy audit.Kind = "organisation.policy"

// ErrDecidedMeanwhile says that somebody else decided since the policy was looked at.
var ErrDecidedMeanwhile = fault.SayCure(fault.Conflict,
	"Somebody else has changed which authenticators are approved here since you opened the page.",
	"Look at what is approved now, and change it again if it still needs to be changed.")

const (
	replaceDecision = `UPDATE organisation_policy SET replaced_at = $3
		WHERE code = $1 AND number = $2 AND replaced_at IS NULL`
	insertDecision = `INSERT INTO organisation_policy (code, number, kinds, model_rule, models, reason, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// Decide sets the policy of an organisation in the place of the decision with the number before, as a part of an
// Update. It fails with ErrDecidedMeanwhile where another is in force by now.
func Decide(ctx context.Context, w *db.W, code string, before int, p Policy, reason string) error {
	was, err := InForce(ctx, w, code)
	if err != nil {
		return err
	}
	if was.Number != before {
		return ErrDecidedMeanwhile
	}
	if before > 0 {
		if _, err := w.Exec(ctx, replaceDecision, code, before, w.Now()); err != nil {
			return fmt.Errorf("replace decision on authenticators: %w", err)
		}
	}
	if err := insertPolicy(ctx, w, code, before+1, p, reason); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventPolicy, Subject: Ref(code), Before: was.Policy, After: p, Reason: reason,
	})
}

func insertPolicy(ctx context.Context, w *db.W, code string, number int, p Policy, reason string) error {
	var kinds []string
	for _, kind := range slices.Sorted(slices.Values(p.Kinds)) {
		kinds = append(kinds, string(kind))
	}
	_, err := w.Exec(ctx, insertDecision, code, number, strings.Join(kinds, " "), string(p.Rule),
		strings.Join(slices.Sorted(slices.Values(p.Models)), " "), reason, w.Actor().ID, w.Now())
	if errors.Is(err, db.ErrUnique) {
		return ErrDecidedMeanwhile
	}
	if err != nil {
		return fmt.Errorf("keep decision on authenticators: %w", err)
	}
	return nil
}
