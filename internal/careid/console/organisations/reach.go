package organisations

import (
	"cmp"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// reachRows word how an authority is reached.
func reachRows(r hosting.Reach, contact string) (rows []nhsuk.SummaryListRow) {
	if !r.Known() {
		return []nhsuk.SummaryListRow{
			{Key: "How to reach it", ValueHTML: page.Contact(cmp.Or(contact, "Not said yet"))},
		}
	}
	for _, row := range [][2]string{
		{"Email", r.Email}, {"Telephone", r.Phone}, {"Web page", r.Web}, {"Where it is", r.Place},
	} {
		if row[1] != "" {
			rows = append(rows, nhsuk.SummaryListRow{Key: row[0], ValueHTML: page.Contact(row[1])})
		}
	}
	if r.OpenAtAll() {
		for _, o := range r.Week() {
			rows = append(rows, nhsuk.SummaryListRow{Key: o.Days, Value: o.Hours})
		}
	}
	if r.Holidays != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Bank holidays", ValueHTML: page.Contact(r.Holidays)})
	}
	return rows
}

func (o *Organisations) askReach(w http.ResponseWriter, r *http.Request) error {
	f := reachForm.New(r)
	if f.HasProblems() {
		return o.showReach(w, r, f)
	}
	code := frame.User(r).Authority.Organisation
	found, err := db.Read(r.Context(), o.frame.DB, func(read db.R) (map[string]hosting.Reach, error) {
		return hosting.Reaches(r.Context(), read, []string{code})
	})
	if err != nil {
		return err
	}
	if now := found[code]; now.Known() {
		for name, value := range map[string]string{
			"email": now.Email, "phone": now.Phone, "web": now.Web, "place": now.Place, "holidays": now.Holidays,
		} {
			f.Set(name, value)
		}
		for day := range hosting.Days {
			f.Set(hosting.DayField(day), now.Hours[day])
		}
	}
	return o.showReach(w, r, f)
}

func (o *Organisations) showReach(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	authority := frame.User(r).Authority
	if !authority.Manager {
		return errOnlyManagers
	}
	at, err := db.Read(r.Context(), o.frame.DB, func(read db.R) (string, error) {
		return organisation.Text(r.Context(), read, authority.Organisation)
	})
	if err != nil {
		return err
	}
	v := formView{Form: f.About(at), At: at, Page: o.frame.Page(w, r, reachForm.Page), Act: reachForm.Act}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.OrganisationPath(authority.Organisation)
	return web.Show(w, r, f.Status(), reachPage(v))
}

func (o *Organisations) setReach(w http.ResponseWriter, r *http.Request) error {
	f := reachForm.Read(r)
	if !f.Complete() {
		return o.showReach(w, r, f)
	}
	code := frame.User(r).Authority.Organisation
	reach := hosting.Reach{Code: code, Email: f.Value("email"), Phone: f.Value("phone"), Web: f.Value("web"),
		Place: f.Value("place"), Holidays: f.Value("holidays")}
	for day := range hosting.Days {
		reach.Hours[day] = f.Value(hosting.DayField(day))
	}
	err := registration.SetReach(r.Context(), o.frame.DB, web.Actor(r), reach)
	if f.Refuse(err) {
		return o.showReach(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.OrganisationPath(code),
		"Saved. Find your registration authority says so from now on.")
}
