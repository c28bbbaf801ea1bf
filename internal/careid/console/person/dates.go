package person

import (
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/when"
)

// datesForm asks from when until when somebody has a position.
var datesForm = form.Form{Path: positionsPath + "/{assignment}/dates", Page: "Change dates", Act: "Change the dates",
	Fields: []form.Field{
		text("starts", "Start date", "For example, 31 3 2027. That of a position that has begun stays as it is.",
			"nhsuk-input--width-10"),
		text("ends", "Last day (optional)", "For example, 31 3 2028. No end if you enter nothing.",
			"nhsuk-input--width-10"),
	}}

func datesOf(uuid, assignment string) string {
	return frame.PathOf(uuid) + "/positions/" + url.PathEscape(assignment) + "/dates"
}

var errCannotChange = fault.SayCure(fault.Forbidden, "You cannot change the dates of this position.",
	"Ask the registration authority of the person.")

func (p *Person) askDates(w http.ResponseWriter, r *http.Request) error {
	return p.showDates(w, r, datesForm.New(r))
}

// showDates asks for the dates of a position that the person has, with those of now filled in.
func (p *Person) showDates(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v changeView, err error) {
		uuid := r.PathValue("uuid")
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		held, err := access.OfIdentity(r.Context(), read, uuid)
		if err != nil {
			return v, err
		}
		at := slices.IndexFunc(held, func(a access.Assignment) bool {
			return a.ID == r.PathValue("assignment") && !a.Over(read.Now())
		})
		if at < 0 {
			return v, fault.NotFound
		}
		one := held[at]
		user := frame.User(r)
		assigning, err := officer.AssigningBy(r.Context(), read, user.Identity.UUID, user.Officers, one.Position)
		if err == nil && (!assigning.May(one.Position) || uuid == user.Identity.UUID) {
			err = errCannotChange
		}
		if !f.HasProblems() {
			f.Set("starts", when.Date(one.Starts))
			if !one.Ends.IsZero() {
				f.Set("ends", when.LastDay(one.Ends))
			}
		}
		return changeView{Form: f, Name: i.DisplayName() + ": " + one.Position.Name, Button: datesForm.Act}, err
	})
	if err != nil {
		return err
	}
	f.About(v.Name)
	v.Page = p.frame.Page(w, r, datesForm.Page)
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PathOf(r.PathValue("uuid")) + "/positions"
	return web.Show(w, r, f.Status(), changePage(v))
}

func (p *Person) changeDates(w http.ResponseWriter, r *http.Request) error {
	f := datesForm.Read(r)
	return p.do(w, r, f, func() error { return p.showDates(w, r, f) }, func() (string, error) {
		during, err := datesIn(f)
		if err != nil {
			return "", err
		}
		asked, err := registration.ChangeDates(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
			r.PathValue("assignment"), during)
		if asked != "" {
			return "Request " + random.Grouped(asked) + " made. The dates change once another manager approves it.", err
		}
		return "Dates changed.", err
	})
}
