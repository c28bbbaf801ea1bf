package extract

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
)

// facts are all that the answers to a batch of questions need. They are read together: the number of statements does
// not grow with the questions.
type facts struct {
	now            time.Time
	byNumber       map[string]identity.Identity
	byEmail        map[string][]identity.Identity
	assignments    map[string][]access.Assignment
	authenticators map[string][]authenticator.Authenticator
	policies       map[string]organisation.Policy
	authorities    map[string]organisation.Organisation
	compared       map[string]*wire.Compared // by the reference of the question
	meantBy        map[string]string         // the numbers of whom comparisons found, likewise
}

// gather reads the facts for questions.
func gather(ctx context.Context, r db.R, questions []wire.Question) (*facts, error) {
	f := &facts{now: r.Now()}
	if err := f.readPeople(ctx, r, questions); err != nil {
		return nil, err
	}
	if err := f.compareAll(ctx, r, questions); err != nil {
		return nil, err
	}
	var uuids, organisations []string
	for _, q := range questions {
		found := f.find(q)
		for _, i := range found {
			organisations = append(organisations, i.Organisation)
		}
		if len(found) == 1 {
			uuids = append(uuids, found[0].UUID)
		}
	}
	var err error
	if f.assignments, err = access.OfIdentities(ctx, r, uuids); err != nil {
		return nil, err
	}
	if f.authenticators, err = authenticator.OfIdentities(ctx, r, uuids); err != nil {
		return nil, err
	}
	if f.policies, err = organisation.PoliciesBy(ctx, r, f.workplaces(organisations)); err != nil {
		return nil, err
	}
	f.authorities, err = hosting.RegistrationAuthorities(ctx, r, organisations)
	return f, err
}

// workplaces lists the organisations where people are registered or hold positions.
func (f *facts) workplaces(registered []string) []string {
	codes := slices.Clone(registered)
	for _, held := range f.assignments {
		for _, a := range held {
			codes = append(codes, a.Position.Organisation)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(codes)))
}

// policiesOf gives the policies of where somebody works.
func (f *facts) policiesOf(profiles []access.RoleProfile, i identity.Identity) (list organisation.Policies) {
	for _, code := range access.Workplaces(profiles, i.Organisation) {
		list = append(list, f.policies[code])
	}
	return list
}

// readPeople reads the people whom questions are about, and those with the addresses that are compared.
func (f *facts) readPeople(ctx context.Context, r db.R, questions []wire.Question) (err error) {
	var numbers, addresses []string
	for _, q := range questions {
		if (q.Subject == "" || q.Compare != nil) && matchesAutomatically(q.Email) {
			addresses = append(addresses, q.Email)
		}
		if identity.IsNumber(q.Subject) {
			numbers = append(numbers, q.Subject)
		}
	}
	if f.byNumber, err = identity.ByUUIDs(ctx, r, numbers); err != nil {
		return err
	}
	f.byEmail, err = identity.ByEmails(ctx, r, addresses)
	return err
}

// find gives the people whom a question may be about, by the subject if it has one, else by the address.
func (f *facts) find(q wire.Question) []identity.Identity {
	if q.Subject == "" {
		return f.byEmail[q.Email]
	}
	if i, known := f.byNumber[q.Subject]; known {
		return []identity.Identity{i}
	}
	return nil
}

func (f *facts) answer(q wire.Question) wire.Answer {
	a := wire.Answer{Ref: q.Ref, Compared: f.compared[q.Ref]}
	found := f.find(q)
	switch len(found) {
	case 0:
		a.Found = wire.None
	case 1:
		a.Found = wire.One
		f.describe(found[0], q, &a)
	default:
		a.Found = wire.Several
		a.Authority = f.authorityOf(found)
	}
	return a
}

// authorityOf names the registration authority that looks after all of some people; nil where they do not have the
// same.
func (f *facts) authorityOf(people []identity.Identity) *wire.Authority {
	first, known := f.authorities[people[0].Organisation]
	for _, one := range people {
		known = known && f.authorities[one.Organisation].Code == first.Code
	}
	if !known {
		return nil
	}
	return &wire.Authority{Organisation: first.Name, Code: first.Code, Contact: first.Contact}
}

// describe answers a question about somebody.
func (f *facts) describe(i identity.Identity, q wire.Question, a *wire.Answer) {
	a.State = stateOf(i.Status)
	if !i.ActiveAgain.IsZero() {
		a.ActiveAgain = i.ActiveAgain.UnixMilli()
	}
	a.Email = emailOf(i, q.Email)
	profiles := access.Effective(f.assignments[i.UUID], f.now)
	a.Position = yesNo(access.HoldsDirectoryPosition(profiles))
	if q.Role != "" {
		a.Role = yesNo(access.OpensDirectory(profiles, q.Role, q.Organisation))
	}
	a.Authenticator = bestOf(f.authenticators[i.UUID], f.policiesOf(profiles, i))
	a.Authority = f.authorityOf([]identity.Identity{i})
}

func yesNo(is bool) wire.YesNo {
	if is {
		return wire.Yes
	}
	return wire.No
}
