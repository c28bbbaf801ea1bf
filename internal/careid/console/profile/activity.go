package profile

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	activityPath = "/view-your-profile/activity"
	eventsOnPage = 50
)

type activityView struct {
	Page      page.Params
	CIS2      string // address of CIS2's own pages
	Rows      [][]nhsuk.TableCell
	Older     string // address of what was before; empty where there is nothing
	Within    bool   // the page shows what was before
	Authority string // how the registration authority is reached; empty where it is not known
}

// activity shows the user what was done with their Care Identity, and by whom.
func (p *Profile) activity(w http.ResponseWriter, r *http.Request) error {
	i := frame.User(r).Identity
	mark := readMark(r.URL.Query().Get("before"))
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v activityView, err error) {
		list, err := audit.Search{Subject: identity.Ref(i.UUID)}.Older(r.Context(), read, mark, eventsOnPage+1)
		if err != nil {
			return v, err
		}
		if len(list) > eventsOnPage {
			list = list[:eventsOnPage]
			v.Older = activityPath + "?" + url.Values{"before": {textOf(list[eventsOnPage-1])}}.Encode()
		}
		if v.Rows, err = activityRows(r.Context(), read, i.UUID, list); err != nil {
			return v, err
		}
		authority, err := hosting.RegistrationAuthority(r.Context(), read, i.Organisation)
		if known, is := fault.From(err); is && known.Code == fault.NotFound {
			return v, nil
		}
		v.Authority = authority.Text() + ". Contact " + authority.Contact + "."
		return v, err
	})
	if err != nil {
		return err
	}
	title := "Your activity"
	if v.Within = !mark.At.IsZero(); v.Within {
		title = "Your activity, further back"
	}
	v.CIS2 = p.frame.CIS2Pages
	v.Page = p.frame.Page(w, r, title)
	v.Page.BackHref = "/view-your-profile"
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, activityPage(v))
}

// textOf names the place of an event in an address.
func textOf(e audit.Entry) string { return strconv.FormatInt(e.At.UnixMilli(), 10) + "." + e.ID }

// readMark reads such a place; what is none is that of now.
func readMark(text string) (m audit.Mark) {
	at, id, _ := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || ms <= 0 {
		return m
	}
	return audit.Mark{At: time.UnixMilli(ms), ID: id}
}

// activityRows says of events about somebody when, what and by whom. Whoever works for a registration authority is
// named by their job; who they were, their registration authority says.
func activityRows(ctx context.Context, r db.R, own string, list []audit.Entry) (rows [][]nhsuk.TableCell, err error) {
	var clients, others []string
	for _, e := range list {
		if id := clientOf(e); id != "" {
			clients = append(clients, id)
		}
		if e.ActorKind == string(actor.Person) && e.ActorID != own {
			others = append(others, e.ActorID)
		}
	}
	names, err := client.ByIDs(ctx, r, clients)
	if err != nil {
		return nil, err
	}
	jobs, err := officer.HighestOf(ctx, r, others)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		what := frame.Happened(e.Kind)
		if name := names[clientOf(e)].Name; name != "" {
			what += ": " + name
		}
		rows = append(rows, nhsuk.Cells(when.DateTime(e.At), what, whoDid(e, own, jobs)))
	}
	return rows, nil
}

// clientOf gives the number of the service that an event of a login names.
func clientOf(e audit.Entry) string {
	var after struct {
		Client string `json:"client"`
	}
	if !strings.HasPrefix(string(e.Kind), "signin.") || json.Unmarshal(e.After, &after) != nil {
		return ""
	}
	return after.Client
}

func whoDid(e audit.Entry, own string, jobs map[string]permission.Job) string {
	if e.ActorKind == string(actor.Person) {
		job, has := jobs[e.ActorID]
		switch {
		case e.ActorID == own:
			return "You"
		case has:
			return strings.ToUpper(string(job)[:1]) + string(job)[1:]
		}
		return "Somebody else who has a Care Identity"
	}
	switch {
	case e.ActorKind == string(actor.CommandLine):
		return "Those who run the system"
	case strings.HasPrefix(string(e.Kind), "signin.") && e.ActorKind == string(actor.Stranger):
		return "Whoever logged in as you"
	}
	return "The system"
}
