package mine

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/request"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// eventsOnPage is how many events are on a page of one's activity.
const eventsOnPage = 50

func (p *Pages) activity(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), p.db, func(read db.R) (activityView, error) { return activityOf(r, read) })
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, v.title)
	v.Page.BackHref = frame.AccountPage
	return web.Show(w, r, http.StatusOK, activityPage(v))
}

// activityOf reads the page that a request asks for of what was done by the user, and with their account.
func activityOf(r *http.Request, read db.R) (v activityView, err error) {
	own := frame.User(r).Account.ID
	search := audit.Search{Subject: account.Ref(own), OrBy: own}
	list, err := page.Read(r, eventsOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
		return search.Page(r.Context(), read, skip, limit)
	})
	if err != nil {
		return v, err
	}
	names, err := namesIn(r.Context(), read, list.Items, frame.User(r).Account)
	if err != nil {
		return v, err
	}
	for _, e := range list.Items {
		v.Rows = append(v.Rows, names.row(e, own))
	}
	v.Count = list.Count("entry", "entries")
	v.Links = list.Links(frame.ActivityPage, r)
	v.title = list.Titled("My activity")
	return v, nil
}

// names are what the accounts and services are called that events are about or by.
type names struct {
	accounts map[string]account.Account
	services map[string]directory.Service
	requests map[string]request.Request

	groups       map[string]string // which group was given or taken away, and where, by the ids of events
	careIdentity string            // number of the Care Identity that the user's account is linked to; empty for none
}

// namesIn reads the names of what events are about, and of who did it.
func namesIn(ctx context.Context, r db.R, list []audit.Entry, own account.Account) (n names, err error) {
	var accounts []string
	var services []string
	var requests []string
	for _, e := range list {
		if e.ActorKind == string(actor.Person) {
			accounts = append(accounts, e.ActorID)
		}
		switch e.Subject.Kind {
		case account.Ref("").Kind:
			accounts = append(accounts, e.Subject.ID)
		case directory.Ref("").Kind:
			services = append(services, e.Subject.ID)
		case request.Ref("").Kind:
			requests = append(requests, e.Subject.ID)
		}
	}
	if n.accounts, err = account.ByIDs(ctx, r, accounts); err != nil {
		return n, err
	}
	if n.requests, err = request.ByIDs(ctx, r, requests); err != nil {
		return n, err
	}
	found, err := directory.ByIDs(ctx, r, services)
	n.services = map[string]directory.Service{}
	for _, s := range found {
		n.services[s.ID] = s
	}
	if err != nil {
		return n, err
	}
	link, err := account.LinkOf(ctx, r, own.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return n, err
	}
	n.careIdentity = link.Subject
	return n, n.readGroups(ctx, r, list, own)
}

// readGroups words the groups that were given and taken away.
func (n *names) readGroups(ctx context.Context, r db.R, list []audit.Entry, own account.Account) error {
	n.groups = map[string]string{}
	for _, e := range list {
		m, is := groupOf(e)
		if !is {
			continue
		}
		a := own
		if e.Subject.ID != own.ID {
			a = n.accounts[e.Subject.ID]
		}
		where, err := directory.ScopeText(ctx, r, m.Scope, a)
		if err != nil {
			return err
		}
		n.groups[e.ID] = ": " + m.Group.Title() + ", " + where
	}
	return nil
}

// groupOf gives the group that an event tells was given or taken away. Nothing is told where the detail was erased.
func groupOf(e audit.Entry) (m account.Membership, is bool) {
	detail := e.After
	if e.Kind == account.GroupTaken {
		detail = e.Before
	}
	if e.Kind != account.GroupGiven && e.Kind != account.GroupTaken || json.Unmarshal(detail, &m) != nil {
		return m, false
	}
	return m, m.Group != ""
}

// row shows one event to whoever has an account.
func (n names) row(e audit.Entry, own string) []nhsuk.TableCell {
	text := textOf(e) + n.groups[e.ID] + deskText(e)
	if widening.UseOf(e.Role) != "" {
		text += ", with emergency rights"
	}
	return []nhsuk.TableCell{
		{Text: when.DateTime(e.At)}, {Text: text}, n.about(e.Subject, own), n.by(e, own),
	}
}

// about says what an event is about.
func (n names) about(subject audit.Ref, own string) nhsuk.TableCell {
	if s, known := n.services[subject.ID]; known {
		return nhsuk.TableCell{HTML: page.Name(s.Name), Href: "/services/" + s.ID}
	}
	if q, known := n.requests[subject.ID]; known {
		return nhsuk.TableCell{HTML: page.Isolated("Request of " + page.Apart(q.Name()))}
	}
	a, known := n.accounts[subject.ID]
	switch {
	case subject.ID == own:
		return nhsuk.TableCell{Text: "Your account"}
	case known:
		return nhsuk.TableCell{HTML: page.Named(a.Name(), ", username "+a.Username)}
	}
	return nhsuk.TableCell{Text: "The directory"}
}

// by says who did something.
func (n names) by(e audit.Entry, own string) nhsuk.TableCell {
	a, known := n.accounts[e.ActorID]
	switch {
	case e.ActorKind == string(actor.Person) && (e.ActorID == own || e.ActorID == n.careIdentity):
		return nhsuk.TableCell{Text: "You"}
	case e.ActorKind == string(actor.Person) && known:
		return nhsuk.TableCell{HTML: page.Name(a.Name())}
	case e.ActorKind == string(actor.Person) && e.Kind == signin.SignedIn:
		// At the door people are known by their Care Identity.
		return nhsuk.TableCell{Text: "A Care Identity that is not linked to the account now"}
	}
	if text, known := actors[actor.Kind(e.ActorKind)]; known {
		return nhsuk.TableCell{Text: text}
	}
	return nhsuk.TableCell{Text: "Not known"}
}

// actors name those who did something and have no account.
var actors = map[actor.Kind]string{
	actor.Stranger:    "Somebody who was not logged in",
	actor.Machine:     "Care Identity",
	actor.Job:         "The system",
	actor.CommandLine: "Those who run the system",
	actor.Import:      "An import of data",
}
