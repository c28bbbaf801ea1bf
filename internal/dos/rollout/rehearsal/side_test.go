package rehearsal_test

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
)

const issuer = "https://issuer.example"

// identity is a Care Identity as its registration authority has made it so far.
type identity struct {
	subject, name, email string
	position, key        bool // the directory's position, and an authenticator
	authority            string
	organisation         string
}

// person is the holder as CIS2 tells of them after they signed in.
func (i *identity) person() cis2.Person {
	p := cis2.Person{Issuer: issuer, Subject: i.subject, Name: i.name, Email: i.email, EmailVerified: true,
		IdentityLevel: 3, AMR: []string{"FIDO2"}}
	if i.position {
		p.Roles = []cis2.NationalRole{{PersonRoleID: "role" + i.subject, OrgCode: i.organisation,
			RoleCode: "S0080:G0450:R8008", ActivityCodes: []string{"B0166"}}}
	}
	return p
}

// authority is a registration authority. It does some pieces of work a day, in the order in which they came.
type authority struct {
	code   string
	perDay int
	away   bool
	work   []func()
}

func (a *authority) day() {
	if a.away {
		return
	}
	n := min(a.perDay, len(a.work))
	for _, do := range a.work[:n] {
		do()
	}
	a.work = a.work[n:]
}

// side is the care identity side: everybody who is known there.
type side struct {
	all         map[string]*identity // by subject
	byEmail     map[string]*identity
	byName      map[string]*identity
	authorities map[string]*authority
}

func newSide() *side {
	return &side{all: map[string]*identity{}, byEmail: map[string]*identity{}, byName: map[string]*identity{},
		authorities: map[string]*authority{}}
}

func (s *side) add(i *identity) *identity {
	i.subject = fmt.Sprintf("5%011d", len(s.all))
	s.all[i.subject] = i
	s.byEmail[i.email] = i
	s.byName[i.name] = i
	return i
}

// move gives an identity another address, as when the domain of an organisation changes.
func (s *side) move(i *identity, domain string) {
	delete(s.byEmail, i.email)
	local, _, _ := strings.Cut(i.email, "@")
	i.email = local + "@" + domain
	s.byEmail[i.email] = i
}

// Ask answers about one person.
func (s *side) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	return s.answer(q), nil
}

// AskAll answers about many.
func (s *side) AskAll(_ context.Context, questions []extract.Question) (answers []extract.Answer, err error) {
	for _, q := range questions {
		answers = append(answers, s.answer(q))
	}
	return answers, nil
}

func (s *side) answer(q extract.Question) extract.Answer {
	a := extract.Answer{Ref: q.Ref, Found: extract.None}
	found, by := s.all[q.Subject], extract.BySubject
	if found == nil {
		found, by = s.byEmail[q.Email], extract.ByAddress
	}
	if found != nil {
		s.tell(&a, q, found)
	} else if q.Compare != nil {
		found, by = s.byName[q.Compare.Given+" "+q.Compare.Family], extract.ByName
	}
	if q.Compare != nil && found != nil {
		a.Compared = &extract.Compared{By: by, Name: extract.NameSame, State: extract.Active, Email: found.email}
	}
	return a
}

func (s *side) tell(a *extract.Answer, q extract.Question, found *identity) {
	a.Found = extract.One
	a.State = extract.Active
	a.Email = extract.EmailDifferent
	switch q.Email {
	case "":
		a.Email = extract.EmailUnknown
	case found.email:
		a.Email = extract.EmailEqual
	}
	a.Position = extract.No
	if found.position {
		a.Position = extract.Yes
	}
	a.Authenticator = &extract.Authenticator{}
	if found.key {
		a.Authenticator = &extract.Authenticator{Level: 3, Approved: true}
	}
	a.Authority = &extract.Authority{Organisation: found.authority, Code: found.authority}
}
