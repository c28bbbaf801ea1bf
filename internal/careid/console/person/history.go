package person

import (
	"cmp"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const eventsOnPage = 50

// history shows what happened to somebody's identity.
func (p *Person) history(w http.ResponseWriter, r *http.Request) error {
	uuid := r.PathValue("uuid")
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v historyView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		found, err := page.Read(r, eventsOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
			return audit.Search{Subject: identity.Ref(uuid)}.Page(r.Context(), read, skip, limit)
		})
		if err != nil {
			return v, err
		}
		v = historyView{Name: i.DisplayName(), Count: found.Count("event", "events"),
			Links: found.Links(frame.PathOf(uuid)+"/history", r)}
		v.Page.Title = found.Titled("History of " + v.Name)
		for _, e := range found.Items {
			v.Rows = append(v.Rows, nhsuk.Cells(when.DateTime(e.At), frame.Happened(e.Kind), actorText(e),
				cmp.Or(e.Reason, "Not given")))
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	if err := p.noteReading(r); err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, v.Page.Title)
	v.Page.BackHref = frame.PathOf(uuid)
	v.Tabs = frame.TabsOf(r, uuid, frame.TabHistory)
	return web.Show(w, r, http.StatusOK, historyPage(v))
}

// actorText names who did something.
func actorText(e audit.Entry) string {
	switch actor.Kind(e.ActorKind) {
	case actor.Person:
		return cmp.Or(e.ActorName, "Care Identity "+e.ActorID)
	case actor.CommandLine:
		return "Those who run the system"
	}
	return "The system"
}
