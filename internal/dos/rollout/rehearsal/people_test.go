package rehearsal_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
)

// somebody is one of the people who move.
type somebody struct {
	account  account.Account
	identity *identity // nil until a registration authority has made it
	seldom   bool      // they log in once in some weeks
	linked   bool
}

// class is how far people are when the rollout begins, and how many of a hundred are so.
type class struct {
	percent int
	make    func(r *rollout, s *somebody, i *identity, of *authority)
}

// classes are those of every wave.
var classes = []class{
	{10, func(r *rollout, s *somebody, i *identity, of *authority) { // have a Care Identity without the position
		i.position = false
		s.identity = r.side.add(i)
		of.work = append(of.work, func() { i.position = true })
	}},
	{8, func(r *rollout, s *somebody, i *identity, of *authority) { // have no authenticator
		i.key = false
		s.identity = r.side.add(i)
		of.work = append(of.work, func() { i.key = true })
	}},
	{7, func(r *rollout, s *somebody, i *identity, of *authority) { // have no Care Identity
		of.work = append(of.work, func() { s.identity = r.side.add(i) })
	}},
	{5, func(r *rollout, s *somebody, i *identity, _ *authority) { // have another address there
		i.email = "other." + i.email
		s.identity = r.side.add(i)
	}},
	{70, func(r *rollout, s *somebody, i *identity, _ *authority) { s.identity = r.side.add(i) }},
}

// classOf mixes the classes, so that few people are of each too.
func classOf(n int) class {
	n = n * 37 % 100
	for _, c := range classes {
		if n < c.percent {
			return c
		}
		n -= c.percent
	}
	panic("the classes are fewer than a hundred people")
}

// organisations is how many there are in a wave. Each has a domain of its own.
const organisations = 5

func organisationOf(waveNumber, n int) string {
	return fmt.Sprintf("R%d%d", waveNumber, n%organisations)
}

func domainOf(organisation string) string { return "trust-" + organisation + ".nhs.uk" }

// populate makes the people of a wave.
func (r *rollout) populate(number, people int) {
	r.Helper()
	const part = 500
	of := &authority{code: fmt.Sprint("RA", number), perDay: max(people/150, 1)}
	r.side.authorities[of.code] = of
	w := r.waves[number]
	for from := 0; from < people; from += part {
		r.Update(func(ctx context.Context, u *db.W) error {
			made := make([]*somebody, 0, part)
			for n := from; n < min(from+part, people); n++ {
				s, err := r.one(ctx, u, number, n)
				if err != nil {
					return err
				}
				made = append(made, s)
				if err := wave.Join(ctx, u, s.account.ID, w.id); err != nil {
					return err
				}
			}
			w.people = append(w.people[:from:from], made...)
			return nil
		})
	}
	for n, s := range w.people {
		i := &identity{name: s.account.Name(), email: s.account.Email, position: true, key: true, authority: of.code,
			organisation: s.account.Organisation}
		classOf(n).make(r, s, i, of)
	}
}

func (r *rollout) one(ctx context.Context, u *db.W, number, n int) (*somebody, error) {
	organisation := organisationOf(number, n)
	name := fmt.Sprintf("w%dn%d", number, n)
	a, err := account.Add(ctx, u, account.New{Username: name, FirstName: "Ada", LastName: name,
		Email: name + "@" + domainOf(organisation), EmailProved: true, PasswordHash: r.Hash, Organisation: organisation})
	return &somebody{account: a, seldom: n%20 == 7}, err
}

var stranger = actor.Actor{Kind: actor.Stranger}

// comes has somebody log in, by whatever lets them in.
func (r *rollout) comes(s *somebody) {
	r.Helper()
	r.came++
	in := r.tries(s)
	if !in && !r.mistaken[s] {
		r.Errorf("%s: %s was locked out: %+v", r.Clock.Now().Format("2 January"), s.account.Username, s.identity)
	}
	if !in {
		r.shutOut = append(r.shutOut, s)
	}
}

func (r *rollout) tries(s *somebody) (in bool) {
	r.Helper()
	if s.linked {
		return r.byCareIdentity(s)
	}
	in = r.byPassword(s)
	if s.identity == nil || !s.identity.key || in && r.random.IntN(3) > 0 {
		return in // they cannot sign in at CIS2, or do not want to link today
	}
	r.links(s)
	if s.linked {
		return r.byCareIdentity(s)
	}
	return in
}

func (r *rollout) byPassword(s *somebody) (in bool) {
	r.Helper()
	_, err := r.desk.WithPassword(r.Context(), stranger,
		signin.Typed{Username: s.account.Username, Password: dostest.Password}, "")
	if _, ended := signin.PasswordsEnded(err); ended {
		return false
	}
	r.Must(err)
	return true
}

func (r *rollout) byCareIdentity(s *somebody) (in bool) {
	r.Helper()
	p := s.identity.person()
	admitted, err := db.Write(r.Context(), r.DB, stranger, func(w *db.W) (portal.Admission[signin.State], error) {
		return r.admit(r.Context(), w, signin.Visitor{Person: p, Access: relying.Access{Token: "t"}, Asked: true})
	})
	r.Must(err)
	return admitted.Admitted
}

// admit lets a visitor in as the portal does, or records why not.
func (r *rollout) admit(ctx context.Context, w *db.W, v signin.Visitor) (portal.Admission[signin.State], error) {
	admitted, err := r.door.Admit(ctx, w, v)
	if err != nil {
		return admitted, err
	}
	if !admitted.Admitted {
		return admitted, w.RecordRefusal(ctx, admitted.Event)
	}
	_, err = signin.Sessions.Begin(ctx, w,
		session.New[signin.State]{Subject: admitted.Subject, State: admitted.State})
	return admitted, errors.Join(err, w.Record(ctx, admitted.Event))
}

// links has somebody link their account as they would by the pages. What refuses them leaves them as they were.
func (r *rollout) links(s *somebody) {
	r.Helper()
	p := s.identity.person()
	arrived := linking.Arrival{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email,
		EmailProved: p.EmailVerified, IdentityLevel: p.IdentityLevel}
	claim, err := r.linker.Claim(r.Context(), stranger, arrived,
		signin.Typed{Username: s.account.Username, Password: dostest.Password})
	if r.refused(err) {
		return
	}
	ask := claim.Ask()
	cookie, err := r.linker.Begin(r.Context(), stranger, portal.Pending{Relying: relying.Pending{Prompt: ask.Prompt},
		Act: ask.Act, Subject: ask.Subject, Session: ask.Session}, p)
	if r.refused(err) {
		return
	}
	started, err := r.linker.FindCeremony(r.Context(), cookie)
	r.Must(err)
	code := ""
	if started.NeedsCode {
		code = r.Code(s.account.Email)
	}
	_, err = r.linker.Link(r.Context(), stranger, cookie, code)
	s.linked = !r.refused(err)
}

// refused reports whether linking was refused for a reason of its own; anything else ends the rehearsal.
func (r *rollout) refused(err error) bool {
	r.Helper()
	if _, is := linking.RefusalOf(err); is {
		return true
	}
	if errors.Is(err, fault.Unauthenticated) {
		return true
	}
	r.Must(err)
	return false
}

// aDay has people come who work on it, from nine to five.
func (r *rollout) aDay() {
	r.Helper()
	const hours = 8
	today := map[int][]*somebody{}
	for _, w := range r.waves {
		for _, s := range w.people {
			often := 5
			if s.seldom {
				often = 25
			}
			if r.random.IntN(often) == 0 {
				hour := r.random.IntN(hours)
				today[hour] = append(today[hour], s)
			}
		}
	}
	for hour := range hours {
		for _, s := range today[hour] {
			r.comes(s)
		}
		r.Clock.Advance(time.Hour)
	}
}
