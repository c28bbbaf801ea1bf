// Package upstream binds and proves accounts that people have elsewhere, such as at NHS.net Connect: the browser logs
// in there by OpenID Connect, and this package knows whose account it is.
//
// An account is known by the issuer that vouches for it and by the subject that the issuer names, or, where an operator
// says so, by its object in the one tenant that counts. Its email address
// says nothing, as another provider may claim the same. Each provider has a callback of its own, so that the answer of
// one is never taken for that of another.
//
// It shows no pages.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/tries"
)

// CallbackPath gives the path to which a provider sends browsers back.
func CallbackPath(name string) string { return "/upstream/" + name + "/callback" }

// Keeper binds and proves accounts at some providers.
type Keeper struct{ Providers []authenticator.Elsewhere }

// Kinds gives the one kind that there is, if there is a provider.
func (k *Keeper) Kinds() []authn.Kind {
	if len(k.Providers) == 0 {
		return nil
	}
	return []authn.Kind{authn.NHSMail}
}

// The fields of the forms: which provider somebody chose, and what it answered.
const (
	ProviderField = "provider"
	AnswerField   = "account"
)

// ceremony is the state of a proof or a binding.
type ceremony struct {
	Provider string          `json:"upstream"`
	Address  string          `json:"address"` // to which the browser goes
	Pending  relying.Pending `json:"pending"`
}

func (k *Keeper) byName(name string) (authenticator.Elsewhere, bool) {
	for _, p := range k.Providers {
		if p.Name == name {
			return p, true
		}
	}
	return authenticator.Elsewhere{}, false
}

// chosen gives the provider that somebody chose, or the only one.
func (k *Keeper) chosen(a authenticator.Attempt) (authenticator.Elsewhere, bool) {
	if len(k.Providers) == 1 {
		return k.Providers[0], true
	}
	return k.byName(a.Form.Get(ProviderField))
}

func (k *Keeper) begin(ctx context.Context, a authenticator.Attempt) (c authenticator.Ceremony, err error) {
	p, found := k.chosen(a)
	if !found {
		return c, errNoProvider
	}
	// A login there that is hours old may be somebody else's, on a computer that many share.
	address, pending, err := p.Client.Start(ctx, relying.Ask{Prompt: "login"})
	if err != nil {
		return c, inWords(err)
	}
	if c.State, err = json.Marshal(ceremony{Provider: p.Name, Address: address, Pending: pending}); err != nil {
		return c, fmt.Errorf("encode ceremony of an account elsewhere: %w", err)
	}
	return c, nil
}

// BeginProof begins a sign-in by the owner of any account at the provider that was chosen.
func (k *Keeper) BeginProof(ctx context.Context, a authenticator.Attempt) (authenticator.Ceremony, error) {
	return k.begin(ctx, a)
}

// BeginBinding begins to add an account to a care identity.
func (k *Keeper) BeginBinding(
	ctx context.Context, a authenticator.Attempt, owner identity.Identity,
) (authenticator.Ceremony, error) {
	if p, found := k.chosen(a); found && !p.Offers(owner.Organisation) {
		return authenticator.Ceremony{}, errOnTrial
	}
	return k.begin(ctx, a)
}

// Address gives the address of the provider for a ceremony, which sends the browser back with a mark: back says where
// it then goes on.
func Address(state json.RawMessage, back string) (string, error) {
	var c ceremony
	if err := json.Unmarshal(state, &c); err != nil {
		return "", fmt.Errorf("read ceremony of an account elsewhere: %w", err)
	}
	u, err := url.Parse(c.Address)
	if err != nil {
		return "", fmt.Errorf("address of a provider: %w", err)
	}
	query := u.Query()
	query.Set("state", back+"."+query.Get("state"))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// Back takes from the query of a callback where the browser goes on, and gives what it brings there as the answer.
func Back(name string, query url.Values) (back, answer string) {
	back, state, _ := strings.Cut(query.Get("state"), ".")
	came := url.Values{}
	for key, values := range query {
		came[key] = values
	}
	if len(query["state"]) == 1 {
		came.Set("state", state)
	}
	return back, name + "?" + came.Encode()
}

// account is an account elsewhere that somebody logged in to.
type account struct{ issuer, subject string }

// claims are what an ID token says of the account and of how its owner proved themselves.
type claims struct {
	Subject string   `json:"sub"`
	Object  string   `json:"oid"`
	Tenant  string   `json:"tid"`
	AMR     []string `json:"amr"`
	ACR     string   `json:"acr"`
}

// subjectAt gives by what the provider tells the account from its others; empty if it says nothing.
func (said claims) subjectAt(p authenticator.Elsewhere) string {
	if p.ByObject {
		return said.Object
	}
	return said.Subject
}

// redeem gives the account that the browser logged in to, from what it brought back.
func (k *Keeper) redeem(ctx context.Context, a authenticator.Attempt) (authenticator.Elsewhere, account, error) {
	var c ceremony
	if err := json.Unmarshal(a.State, &c); err != nil {
		return authenticator.Elsewhere{}, account{}, fmt.Errorf("read ceremony of an account elsewhere: %w", err)
	}
	p, found := k.byName(c.Provider)
	if !found {
		return p, account{}, errNoProvider
	}
	came, text, _ := strings.Cut(a.Form.Get(AnswerField), "?")
	if came != p.Name { // the answer of one provider at the callback of another (RFC 9700 §4.4)
		return p, account{}, errNotAccepted
	}
	query, err := url.ParseQuery(text)
	if err != nil {
		return p, account{}, errNotAccepted
	}
	answer, err := p.Client.Redeem(ctx, c.Pending, query)
	if err != nil {
		return p, account{}, inWords(err)
	}
	var said claims
	if err := json.Unmarshal(answer.Claims, &said); err != nil {
		return p, account{}, errNotAccepted
	}
	subject := said.subjectAt(p)
	if subject == "" || p.Tenant != "" && said.Tenant != p.Tenant {
		return p, account{}, errNotAccepted
	}
	if !twoFactors(p, said) {
		return p, account{}, errOneFactor
	}
	return p, account{issuer: p.Client.Issuer(), subject: subject}, nil
}

// twoFactors reports whether an ID token shows what is AAL2 here.
func twoFactors(p authenticator.Elsewhere, said claims) bool {
	return slices.ContainsFunc(said.AMR, func(one string) bool { return slices.Contains(p.AMR, one) }) ||
		said.ACR != "" && slices.Contains(p.ACR, said.ACR)
}

// counted makes the WrongAnswer of an account that is not accepted in a sign-in, which is counted for the account, or
// for all those that nobody vouches for.
func counted(at account, problem error) error {
	if f, is := fault.From(problem); !is || f.Code == fault.Unavailable {
		return problem
	}
	subject := "no-account"
	if at.subject != "" {
		subject = fmt.Sprintf("account-%x", random.Digest(at.issuer+"\n"+at.subject))
	}
	return authenticator.NewWrongTry(tries.At{Subject: authenticator.Ref(subject)}, "account elsewhere", problem)
}

// FinishProof gives the Proof that accepts the account that the browser logged in to.
func (k *Keeper) FinishProof(ctx context.Context, a authenticator.Attempt) (authenticator.Proof, error) {
	p, at, err := k.redeem(ctx, a)
	if err != nil {
		return authenticator.Proof{}, counted(at, err)
	}
	return authenticator.Proof{Accept: func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		return accept(ctx, w, a, p, at)
	}}, nil
}

const selectAccount = `SELECT authenticator_id FROM upstream_account WHERE issuer = $1 AND subject = $2`

func accept(
	ctx context.Context, w *db.W, attempt authenticator.Attempt, p authenticator.Elsewhere, at account,
) (authenticator.Proven, error) {
	none := authenticator.Proven{}
	id, err := db.One(ctx, w, db.Column[string], selectAccount, at.issuer, at.subject)
	if errors.Is(err, fault.NotFound) {
		return none, counted(at, errUnbound)
	}
	if err != nil {
		return none, fmt.Errorf("find account elsewhere: %w", err)
	}
	a, err := authenticator.MayProve(ctx, w, id, attempt.Browser)
	if errors.Is(err, authenticator.Unusable) {
		return none, authenticator.NewBarred(authenticator.At(id, attempt.Browser), err)
	}
	if err != nil {
		return none, err
	}
	owner, err := identity.ByUUID(ctx, w, a.UUID)
	if err != nil {
		return none, err
	}
	if !p.Offers(owner.Organisation) {
		return none, counted(at, errOnTrial)
	}
	return authenticator.Accept(ctx, w, a)
}

// FinishBinding adds the account that the browser logged in to.
func (k *Keeper) FinishBinding(
	ctx context.Context, a authenticator.Attempt, uuid string,
) (authenticator.Binding, error) {
	p, at, err := k.redeem(ctx, a)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *db.W) (string, error) { return bind(ctx, w, uuid, a.Kind, p, at) }, nil
}

const (
	forgetRemoved = `DELETE FROM upstream_account WHERE issuer = $1 AND subject = $2
		AND authenticator_id IN (SELECT id FROM authenticator WHERE status = 'removed')`
	insertAccount = `INSERT INTO upstream_account (issuer, subject, authenticator_id, uuid) VALUES ($1, $2, $3, $4)`
)

// bind adds an account to a care identity and gives the id of the authenticator. One that was removed may be added to
// another.
func bind(
	ctx context.Context, w *db.W, uuid string, kind authn.Kind, p authenticator.Elsewhere, at account,
) (string, error) {
	owner, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return "", err
	}
	if !p.Offers(owner.Organisation) {
		return "", errOnTrial
	}
	id, err := authenticator.Bind(ctx, w, authenticator.New{UUID: uuid, Kind: kind, Level: authn.AAL2, Name: p.Label})
	if err != nil {
		return "", err
	}
	if _, err := w.Exec(ctx, forgetRemoved, at.issuer, at.subject); err != nil {
		return "", fmt.Errorf("forget removed account elsewhere: %w", err)
	}
	_, err = w.Exec(ctx, insertAccount, at.issuer, at.subject, id, uuid)
	if errors.Is(err, db.ErrUnique) {
		return "", errBound
	}
	if err != nil {
		return "", fmt.Errorf("keep account elsewhere: %w", err)
	}
	return id, nil
}
