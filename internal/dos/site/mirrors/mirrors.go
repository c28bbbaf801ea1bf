// Package mirrors serves the pages of mirror days: real logins of a wave, judged by the rule of a later phase.
package mirrors

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	title     = "Mirror days"
	listPath  = frame.WavesPage + "/{id}/mirrors"
	shownPath = listPath + "/{mirror}"

	peopleOnPage = 50
	maxPlaces    = 20 // organisations that are listed: those with most people stand first
)

var (
	setForm = form.Form{Path: listPath, Page: title, Act: "Set mirror days", Fields: []form.Field{
		form.Input(nhsuk.InputParams{Name: "from", Width: 10, Autocomplete: "off", Spellcheck: "false",
			Label: nhsuk.LabelParams{Text: "First day", Size: "s"}, Hint: "For example 31 March 2027",
		}).Required("Enter the first day"),
		form.Input(nhsuk.InputParams{Name: "days", Width: 2, Inputmode: "numeric", Autocomplete: "off",
			Label: nhsuk.LabelParams{Text: "How many days?", Size: "s"}, Hint: "From 1 to 14",
		}).Required("Enter a number of days from 1 to 14"),
	}}

	cancelForm = form.Form{Path: shownPath + "/cancel", At: shownPath, Page: title, Act: "Call it off"}
)

// Mirrors serves the pages.
type Mirrors struct {
	frame  *frame.Frame
	office mirror.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, o mirror.Office) {
	v := &Mirrors{frame: f, office: o}
	may := f.May(account.ManageWaves)
	s.Handle("GET "+listPath, may, v.list)
	s.Handle("GET "+shownPath, may, v.show)
	f.HandleForm(s, setForm, may, v.set)
	f.HandleForm(s, cancelForm, may, v.cancel)
}

func (v *Mirrors) list(w http.ResponseWriter, r *http.Request) error {
	return v.showList(w, r, http.StatusOK, setForm.New(r))
}

func (v *Mirrors) showList(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (listView, error) {
		return readList(r.Context(), read, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	view.Form = typed.About(view.wave.Name)
	view.Page = v.frame.Page(w, r, title)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, listPage(view))
}

func readList(ctx context.Context, r db.R, waveID string) (view listView, err error) {
	if view.wave, err = wave.ByID(ctx, r, waveID); err != nil {
		return view, err
	}
	list, err := mirror.List(ctx, r, waveID)
	if err != nil {
		return view, err
	}
	for _, m := range list {
		view.Rows = append(view.Rows, []nhsuk.TableCell{{Text: m.Days(), Href: mirror.Path(waveID, m.ID)},
			{Text: frame.PhaseTag(m.Phase).Text}, {HTML: page.Name(m.Name)}, {Text: state(m, r)}})
	}
	return view, nil
}

// state says how far a mirror is.
func state(m mirror.Mirror, r db.R) string {
	switch {
	case !m.Reported.IsZero():
		return "Over. People were told " + when.DateTime(m.Reported)
	case m.Over(r.Now()):
		return "Over. People are told the next morning"
	case r.Now().Before(m.From):
		return "Set"
	}
	return "Under way"
}

func (v *Mirrors) set(w http.ResponseWriter, r *http.Request) error {
	typed := setForm.Read(r)
	complete := typed.Complete()
	from, is := when.ParseDate(typed.Value("from"))
	if typed.Value("from") != "" && !is {
		typed.Add(form.Problem{Field: "from", Text: "Enter a date, such as 31 March 2027"})
	}
	days, err := strconv.Atoi(typed.Value("days"))
	if typed.Value("days") != "" && err != nil {
		typed.Add(form.Problem{Field: "days", Text: "Enter a number of days from 1 to 14"})
	}
	if !complete || typed.HasProblems() {
		return v.showList(w, r, http.StatusUnprocessableEntity, typed)
	}
	_, err = v.office.Set(r.Context(), web.Actor(r), r.PathValue("id"), from, days)
	if typed.Refuse(err) {
		return v.showList(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.WavesPage+"/"+r.PathValue("id")+"/mirrors",
		"Mirror days set. Nobody is turned away by them. You get an email on the morning after.")
}

func (v *Mirrors) cancel(w http.ResponseWriter, r *http.Request) error {
	if err := v.office.Cancel(r.Context(), web.Actor(r), r.PathValue("mirror")); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.WavesPage+"/"+r.PathValue("id")+"/mirrors", "The mirror days are called off.")
}

func (v *Mirrors) show(w http.ResponseWriter, r *http.Request) error {
	found, err := mirror.Read(r.Context(), v.office.DB, r.PathValue("mirror"))
	if err == nil && found.Mirror.Wave != r.PathValue("id") {
		err = fault.NotFound
	}
	if err != nil {
		return err
	}
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (reportView, error) {
		return readReport(r, read, found)
	})
	if err != nil {
		return err
	}
	view.Cancel = cancelForm.New(r).About(view.wave.Name + ", " + found.Mirror.Days())
	view.Page = v.frame.Page(w, r, title)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID + "/mirrors"
	view.Page.Wide = true
	return web.Show(w, r, http.StatusOK, reportPage(view))
}

// readReport words what a mirror shows.
func readReport(r *http.Request, read db.R, found mirror.Report) (view reportView, err error) {
	view = reportView{Report: found, Over: found.Mirror.Over(read.Now())}
	if view.wave, err = wave.ByID(r.Context(), read, found.Mirror.Wave); err != nil {
		return view, err
	}
	var codes []string
	for _, p := range found.Places {
		codes = append(codes, p.Organisation)
	}
	if view.names, err = directory.OrganisationTexts(r.Context(), read, codes); err != nil {
		return view, err
	}
	list, err := page.Read(r, peopleOnPage, func(skip, limit int) ([]mirror.Person, int, error) {
		all := found.People
		return all[min(skip, len(all)):min(skip+limit, len(all))], len(all), nil
	})
	if err != nil {
		return view, err
	}
	view.Count = list.Count("person", "people")
	view.Links = list.Links(mirror.Path(view.wave.ID, found.Mirror.ID), r)
	view.People, err = view.peopleRows(r.Context(), read, list.Items)
	return view, err
}

func (v reportView) peopleRows(
	ctx context.Context, read db.R, list []mirror.Person,
) (rows [][]nhsuk.TableCell, err error) {
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Account)
	}
	accounts, err := account.ByIDs(ctx, read, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		a := accounts[p.Account]
		rows = append(rows, []nhsuk.TableCell{{Text: a.Username, Href: path.UsersPage + "/" + a.ID},
			{HTML: page.Name(a.Name())}, {Text: v.name(p.Organisation)}, {Text: when.DateTime(p.First)},
			{HTML: lacks(p)}})
	}
	return rows, nil
}

// name names an organisation.
func (v reportView) name(code string) string {
	if code == "" {
		return "No organisation known"
	}
	return v.names[code]
}

func (v reportView) placeRows() (rows [][]nhsuk.TableCell) {
	for _, p := range v.Report.Places[:min(len(v.Report.Places), maxPlaces)] {
		rows = append(rows, []nhsuk.TableCell{{Text: v.name(p.Organisation)},
			{Text: fmt.Sprint(p.People), Format: "numeric"}, {Text: fmt.Sprint(p.LockedOut), Format: "numeric"}})
	}
	return rows
}

// outcomeRows say what would become now of those who would have been turned away.
func (v reportView) outcomeRows() (rows [][]nhsuk.TableCell) {
	for _, o := range simulation.Outcomes() {
		rows = append(rows, []nhsuk.TableCell{{Text: become(o)},
			{Text: fmt.Sprint(v.Report.Now[o]), Format: "numeric"}})
	}
	return rows
}

// become words what becomes now of somebody who would have been turned away.
func become(o simulation.Outcome) string {
	return map[simulation.Outcome]string{
		simulation.Enters: "Have linked since", simulation.Links: "Have all they need, and link at their next login",
		simulation.Unsure: "Not known yet what they lack", simulation.LockedOut: "Lack something",
	}[o]
}
