package connections

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// eventTexts names the events that a client's history shows. Refusals have a page of their own.
var eventTexts = map[audit.Kind]string{
	client.EventCreated:        "Registered",
	client.EventRegistered:     "Registered by the system",
	client.EventChanged:        "Settings changed",
	client.EventSecretRotated:  "New secret made",
	client.EventSecretEnded:    "Old secret ended",
	client.EventSuspended:      "Suspended",
	client.EventResumed:        "Resumed",
	client.EventClosed:         "Deleted",
	client.EventGiven:          "Given to a team",
	client.EventAsked:          "Approval asked for",
	client.EventApproved:       "Approved",
	client.EventNotApproved:    "Not approved",
	client.EventWithdrawn:      "Change withdrawn",
	backchannel.EventSentAgain: "Logout notices sent again",
	backchannel.EventTested:    "Test logout notice sent",
	backchannel.EventGivenUp:   "A logout notice was given up",
}

const eventsOnPage = 50

// kinds gives the kinds of events with a prefix that a history shows.
func kinds(prefix string) (list []audit.Kind) {
	for _, kind := range slices.Sorted(maps.Keys(eventTexts)) {
		if strings.HasPrefix(string(kind), prefix) {
			list = append(list, kind)
		}
	}
	return list
}

func (c *Connections) history(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (historyView, error) {
		one, _, err := readClient(r.Context(), read, frame.User(r), r.PathValue("client"))
		if err != nil {
			return historyView{}, err
		}
		v := historyView{Name: one.Name, ID: one.ID}
		search := audit.Search{Subject: client.Ref(one.ID), Kinds: kinds("")}
		list, err := page.Read(r, eventsOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
			return search.Page(r.Context(), read, skip, limit)
		})
		v.Count = list.Count("event", "events")
		v.Pages = list.Links(clientPath(one.ID)+"/history", r)
		v.title = list.Titled("History of " + v.Name)
		for _, e := range list.Items {
			v.List = append(v.List,
				eventView{What: eventTexts[e.Kind], Actor: actorName(e), At: when.DateTime(e.At), Lines: changes(e)})
		}
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, v.title)
	v.Page.Breadcrumb = breadcrumb()
	v.Page.Wide = true
	v.Links = pagesOf(v.ID, "History")
	return web.Show(w, r, http.StatusOK, historyPage(v))
}

// actorName gives the name of the person who caused an event.
func actorName(e audit.Entry) string {
	if e.ActorKind != string(actor.Person) {
		return "The system"
	}
	if e.ActorName == "" {
		return "Care Identity " + e.ActorID
	}
	return e.ActorName
}

// changes gives the old and the new value of each setting that an event changed, or why something was not approved.
func changes(e audit.Entry) (lines []string) {
	var before, after map[string]string
	switch e.Kind {
	case client.EventNotApproved:
		return []string{e.Reason}
	case client.EventChanged, client.EventApproved, client.EventWithdrawn:
	default:
		return nil
	}
	if json.Unmarshal(e.Before, &before) != nil || json.Unmarshal(e.After, &after) != nil {
		return nil
	}
	names := labels()
	waited := client.WaitedIn(e.Reason)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		line := fmt.Sprintf("%s: %s → %s", names[name], valueText(before[name]), valueText(after[name]))
		if slices.Contains(waited, name) {
			line += " (not in force before it is approved)"
		}
		lines = append(lines, line)
	}
	return lines
}
