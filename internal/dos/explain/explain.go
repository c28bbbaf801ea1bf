// Package explain says why somebody can come in with an account now or cannot, and why the account can be linked or
// cannot: by the same decisions that are made when they try, with what these rest on.
//
// It changes nothing, and asks no other system: what CIS2 says of somebody is known when they log in.
package explain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// Fact is one thing that decides.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Answer is one decision: whether something works now, and why not.
type Answer struct {
	What string `json:"what"`
	Yes  bool   `json:"yes"`
	Why  string `json:"why"`
	Cure string `json:"cure,omitempty"`
}

// Explanation is what decides about an account, and the decisions.
type Explanation struct {
	Username string   `json:"username"`
	Name     string   `json:"name"`
	Linked   bool     `json:"linked"`
	Facts    []Fact   `json:"facts"`
	Answers  []Answer `json:"answers"`
}

// Text gives the answer in words: yes or no, why, and what to do about it.
func (a Answer) Text() string {
	text := yesOrNo(a.Yes) + ". " + a.Why
	if a.Cure != "" {
		text += " " + a.Cure
	}
	return text
}

// Find reads the account with a username, or the individual one with an email address.
func Find(ctx context.Context, r db.R, typed string) (account.Account, error) {
	a, err := account.ByUsername(ctx, r, typed)
	if !errors.Is(err, fault.NotFound) {
		return a, err
	}
	address, problem := email.Parse(typed)
	if problem != nil {
		return a, err
	}
	key, _ := address.Canonical()
	return account.ByEmail(ctx, r, key)
}

// Login explains how somebody can log in with an account.
func Login(ctx context.Context, r db.R, a account.Account) (Explanation, error) {
	e, err := begin(ctx, r, a)
	if err != nil {
		return e, err
	}
	d, err := decide(ctx, r, a)
	if err != nil {
		return e, err
	}
	e.answer("Log in with the username and password", d.password, d, "The right password opens the account.")
	e.answer("Log in with the Care Identity", d.careIdentity, d, "It opens the account if CIS2 says that the identity "+
		"is active and checked to level 3, and has the position for the Directory of Services at the account’s "+
		"organisation.")
	return e, nil
}

// Link explains whether an account can be linked to a Care Identity.
func Link(ctx context.Context, r db.R, a account.Account) (Explanation, error) {
	e, err := begin(ctx, r, a)
	if err != nil {
		return e, err
	}
	if err := e.addressFacts(ctx, r, a); err != nil {
		return e, err
	}
	if err := e.reviewFacts(ctx, r, a); err != nil {
		return e, err
	}
	d, err := decide(ctx, r, a)
	if err != nil {
		return e, err
	}
	const fine = "It can be linked to a Care Identity that is linked to no other account and has level 3, unless a " +
		"link review stops it."
	e.answer("Link with the username and password", d.linkByPassword, d, fine)
	e.answer("Link with a code from an administrator", d.linkByCode, d, fine)
	return e, nil
}

// addressFacts notes where codes for a link go, and whether that address is confirmed.
func (e *Explanation) addressFacts(ctx context.Context, r db.R, a account.Account) error {
	settled, err := mailbox.SettledOf(ctx, r, a)
	if err != nil {
		return err
	}
	e.fact("Codes for a link go to", settled)
	proved := "Not in the last 30 days"
	if !a.EmailProved.IsZero() && r.Now().Sub(a.EmailProved) < mailbox.ProofLasts {
		proved = "On " + when.Date(a.EmailProved)
	}
	e.fact("Address confirmed", proved)
	return nil
}

// begin notes what both explanations rest on.
func begin(ctx context.Context, r db.R, a account.Account) (e Explanation, err error) {
	e = Explanation{Username: a.Username, Name: a.Name(), Answers: []Answer{}}
	current, err := wave.Of(ctx, r, a.ID)
	if err != nil {
		return e, err
	}
	wrong, locked, err := signin.WrongPasswords(ctx, r, a.ID)
	if err != nil {
		return e, err
	}
	last, err := account.LastLogin(ctx, r, a.ID)
	if err != nil {
		return e, err
	}
	e.fact("Kind of account", kinds[a.Kind])
	active, err := activeText(ctx, r, a)
	if err != nil {
		return e, err
	}
	e.fact("Active", active)
	e.fact("Email address", a.Email)
	e.fact("Wave", waveText(current))
	if !current.Exception.IsZero() {
		e.fact("Exception: the password works until", when.DateTime(current.Exception))
	}
	e.fact("Password", passwordText(a))
	left, err := signin.DaysLeft(ctx, r, a, current)
	if err != nil {
		return e, err
	}
	if left > 0 {
		e.fact("Days of work on which the password still opens it", fmt.Sprint(left))
	}
	e.fact("Wrong passwords since the last right one", fmt.Sprint(wrong))
	if !locked.IsZero() {
		e.fact("Locked until", when.DateTime(locked))
	}
	e.fact("Last login", timeText(last))
	if err := e.emergencyFact(ctx, r, a); err != nil {
		return e, err
	}
	return e, e.linkFacts(ctx, r, a)
}

// activeText says whether an account is active, and into which other one it was merged.
func activeText(ctx context.Context, r db.R, a account.Account) (string, error) {
	if a.Active {
		return yesOrNo(true), nil
	}
	d, err := account.DeactivationOf(ctx, r, a.ID)
	if err != nil || d.MergedInto == "" {
		return yesOrNo(false), err
	}
	into, err := account.ByID(ctx, r, d.MergedInto)
	return "No, merged into " + into.Username + " on " + when.Date(d.At), err
}

// emergencyFact notes that the account has emergency rights now.
func (e *Explanation) emergencyFact(ctx context.Context, r db.R, a account.Account) error {
	latest := widening.Latest(a.ID, r.Now())
	if err := db.Together(ctx, r, latest); err != nil {
		return fmt.Errorf("read emergency rights: %w", err)
	}
	found, err := latest.One()
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	scope := account.Scope{Kind: account.ScopeKind(found.ScopeKind), ID: found.ScopeID}
	where, err := directory.ScopeText(ctx, r, scope, a)
	e.fact("Emergency rights", "Open until "+when.DateTime(found.Ends)+", "+where)
	return err
}

// linkFacts notes to which Care Identity the account is linked, and when that was refused last.
func (e *Explanation) linkFacts(ctx context.Context, r db.R, a account.Account) error {
	link, err := account.LinkOf(ctx, r, a.ID)
	if errors.Is(err, fault.NotFound) {
		e.fact("Care Identity", "Not linked")
		return nil
	}
	if err != nil {
		return err
	}
	e.Linked = true
	text := link.Subject + " at " + link.Issuer + ", linked " + when.DateTime(link.Linked)
	if !link.Moved.IsZero() {
		text += ", moved here from another account " + when.DateTime(link.Moved)
	}
	e.fact("Care Identity", text)
	refused, err := signin.LastRefusal(ctx, r, link)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if r, known := signin.RefusedIn(refused); known {
		e.fact("Last refused at the door", when.DateTime(refused.At)+": "+reasonOf(r.Outcome).Message)
	}
	return err
}

func (e *Explanation) fact(name, value string) { e.Facts = append(e.Facts, Fact{name, value}) }

// answer notes a decision: what is in the way and what removes it, or that nothing is.
func (e *Explanation) answer(what string, problem error, d decisions, fine string) {
	a := Answer{What: what, Yes: problem == nil, Why: fine}
	if problem != nil {
		a.Why, a.Cure = d.words(problem)
	}
	e.Answers = append(e.Answers, a)
}

// Lines gives the explanation as text.
func (e Explanation) Lines() (lines []string) {
	lines = append(lines, e.Name+" ("+e.Username+")")
	for _, a := range e.Answers {
		lines = append(lines, a.What+": "+a.Text())
	}
	for _, f := range e.Facts {
		lines = append(lines, "  "+f.Name+": "+f.Value)
	}
	return lines
}

var kinds = map[account.Kind]string{
	account.Individual: "Individual", account.Shared: "Shared", account.Machine: "For a program",
}

func yesOrNo(is bool) string {
	if is {
		return "Yes"
	}
	return "No"
}

var phases = map[path.Phase]string{
	path.Prepare: "passwords work and linking has not opened",
	path.Choose:  "passwords work and accounts can be linked",
	path.Require: "passwords serve only to link",
	path.Closed:  "passwords are no longer used",
}

func waveText(w wave.Wave) string {
	means := phases[w.Phase]
	if w.Phase == path.Require && w.Allowance > 0 {
		means = "passwords open an account on a few more days of work, and then serve only to link"
	}
	if w.ID == "" {
		return "In none: " + means
	}
	return w.Name + ": " + means
}

func passwordText(a account.Account) string {
	if a.PasswordHash == "" {
		return "None"
	}
	return "Set"
}

func timeText(at time.Time) string {
	if at.IsZero() {
		return "Never"
	}
	return when.DateOrTime(at)
}
