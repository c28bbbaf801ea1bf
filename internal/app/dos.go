package app

import (
	"cmp"
	"context"
	"time"

	"signpost/internal/app/mailroom"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/request"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/rollout/followup"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/servicenow"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Directory is the directory side.
type Directory struct {
	*store
	Site *web.Site
	cis2 *portal.CIS2 // signs people in
}

// OpenDirectory opens the side.
func (s *System) OpenDirectory(ctx context.Context) (*Directory, error) {
	opened, err := s.openStore(ctx, DoS)
	if err != nil {
		return nil, err
	}
	signIn, asker, err := s.careIdentity()
	if err != nil {
		return nil, err
	}
	d := &Directory{store: opened, cis2: signIn}
	session.WorkTrim(d.workers, d.DB, signin.Sessions.Bound(d.DB, account.Ref))
	account.Work(d.workers, d.DB)
	request.Work(d.workers, d.DB)
	directory.Work(d.workers, d.DB)
	cases := &shared.Cases{DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS}
	shared.Work(d.workers, cases)
	mailings := mailing.Office{DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS, Author: campaign.Author(),
		Progress: board.Progress, PerMinute: s.Config.Mail.PerMinute}
	mailing.Work(d.workers, mailings)
	tickets := s.tickets(d.store)
	follow := followup.Office{DB: d.DB, Post: d.post, Desk: tickets, Home: s.Config.Addresses.DoS}
	follow.Work(d.workers)
	if s.mailIn, err = mailroom.New(s.Config, tickets, s.posts, s.Log); err != nil {
		return nil, err
	}
	emergency := &breakglass.Office{
		DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS, Policy: emergencyPolicy(s.Config),
	}
	breakglass.Work(d.workers, emergency)
	board.Work(d.workers, d.DB)
	wave.Work(d.workers, d.DB)
	simulation.Work(d.workers, d.DB)
	watch := drift.Watch{DB: d.DB, Asker: asker, Changes: asker}
	watch.Work(d.workers)
	checklist.Watch{DB: d.DB, Post: d.post, Asker: asker, Home: s.Config.Addresses.DoS}.Work(d.workers)
	outcome.Watch{DB: d.DB, Also: mirror.Follow}.Work(d.workers)
	mirrors := mirror.Office{DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS}
	mirrors.Work(d.workers)
	results.Office{DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS}.Work(d.workers)
	guardrail.Patrol{DB: d.DB, Post: d.post, Home: s.Config.Addresses.DoS, Rails: rails()}.Work(d.workers)
	if err := d.openJobs(ctx, s.Log); err != nil {
		return nil, err
	}
	desk := &signin.PasswordSignIn{DB: d.DB, Hasher: s.passwords, Box: s.box}
	linker := &linking.Linker{DB: d.DB, Post: d.post, Passwords: desk, Asker: asker}
	d.Site = site.New(site.Options{
		Passwords: desk, Linker: linker,
		Requests: &request.Requests{DB: d.DB, Post: d.post, Linker: linker, Home: s.Config.Addresses.DoS},
		Cases:    cases, Emergency: emergency, Drift: watch, Moving: Moving(d.DB, s.box, s.Config), Mirrors: mirrors,
		Mailings: mailings, Followup: follow,
		Relying: signIn, Box: s.box, Asker: asker,
		CIM:    s.Config.Addresses.CIM,
		Login:  loginPages(s.Config),
		Banner: s.banner, Desk: serviceDesk(s.Config), Tickets: tickets, Log: s.Log, Metrics: s.metrics,
		Entry: s.entry, Proxies: s.proxies,
	})
	return d, nil
}

// loginPages is the address of the login pages; empty where the directory's people log in at a CIS2 that others run.
func loginPages(c config.Config) string {
	if c.Directory.Issuer != "" {
		return ""
	}
	return c.Addresses.CIS2
}

// asker asks the care identity side about one person, or compares the addresses of many.
type asker interface {
	rollout.Asker
	drift.Asker
	drift.Changes
}

// careIdentity is how the directory reaches the care identity side: the one this system runs, or, where
// an issuer is configured, the national one, which answers no questions about people.
func (s *System) careIdentity() (*portal.CIS2, asker, error) {
	key, err := makeClientKey(s.Config, s.box, directoryKey(s.Config))
	if err != nil {
		return nil, nil, err
	}
	reach := s.fetchAs(DirectoryClientID(s.Config))
	provider, err := relying.New(DirectoryClient(s.Config, key, reach, s.Clock))
	if err != nil {
		return nil, nil, err
	}
	// The directory has a page of its own for those whose identity level is too low.
	signIn := &portal.CIS2{Client: provider, Minimum: cis2.Levels{Authentication: minAuthentication}}
	client := ExtractClient(s.Config, key, s.fetch, s.Clock)
	if client == nil {
		return signIn, nil, nil
	}
	return signIn, client, nil
}

// Moving makes what moves waves.
func Moving(d *db.DB, box *seal.Box, c config.Config) moving.Office {
	return moving.Office{DB: d, Box: box, Policy: moving.Policy{AtNight: c.Waves.AtNight,
		GuidanceDays: c.Waves.GuidanceDays}, Rails: rails()}
}

// tickets makes the service desk, and what keeps its tickets in a ServiceNow, if there is one.
func (s *System) tickets(of *store) ticket.Desk {
	desk := ticket.Desk{DB: of.DB, Post: of.post, Home: s.Config.Addresses.DoS, Hours: ticket.OfficeHours,
		Box: s.box, Mail: s.Config.MailIn.Domain, Elsewhere: s.Config.ServiceNow.Set()}
	ticket.Work(of.workers, of.DB)
	if !desk.Elsewhere {
		job.Retired(of.workers, ticket.SendJob{}.Kind(), servicenow.PullJob{}.Kind(), servicenow.ResendJob{}.Kind())
		return desk
	}
	servicenow.Work(of.workers, &servicenow.Connector{DB: of.DB, Desk: desk,
		Client: ServiceNow(s.Config, s.fetch, s.Clock),
		Map:    servicenow.Usual.Merged(s.Config.ServiceNow.Fields, s.Config.ServiceNow.Values)})
	return desk
}

// ServiceNow makes the client of the instance in which tickets are kept as well.
func ServiceNow(c config.Config, over *fetch.Client, now clock.Clock) *servicenow.Client {
	return &servicenow.Client{
		Address: c.ServiceNow.Address, Table: c.ServiceNow.Table, ClientID: c.ServiceNow.ClientID,
		Secret: c.ServiceNow.ClientSecret, Fetch: over, Clock: now,
	}
}

// serviceDesk says how people reach the service desk: by the portal of the configuration, or else by our own form.
func serviceDesk(c config.Config) page.Desk {
	return page.Desk{
		Line: c.ServiceDesk.Line(), Portal: cmp.Or(c.ServiceDesk.Portal, c.Addresses.DoS+frame.RaiseAbout),
		Prefix: ticket.Prefix, Email: c.ServiceDesk.Email, Telephone: c.ServiceDesk.Telephone,
		Hours: c.ServiceDesk.Hours,
	}
}

// rails are the guard rails of waves.
func rails() guardrail.Rails {
	return guardrail.Rails{Tickets: func(ctx context.Context, r db.R, waveID string, since time.Time) (int, error) {
		return ticket.CountPeople(ctx, r, wave.MemberIDs(waveID), since)
	}}
}

// emergencyPolicy is what the operator decided about emergency rights.
func emergencyPolicy(c config.Config) breakglass.Policy {
	return breakglass.Policy{
		From: c.BreakGlass.From(), To: c.BreakGlass.To(), TwoPeople: breakglass.TwoPeople(c.BreakGlass.TwoPeople),
		Lasts: c.BreakGlass.Lasts(), Who: breakglass.Who(c.BreakGlass.Who),
		Widest: account.ScopeKind(c.BreakGlass.Widest), Alone: account.ScopeKind(c.BreakGlass.WidestAlone),
	}
}
