package services

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// editable reads the service in the request's address for somebody who wants to change it. Package directory checks
// again when it changes the service.
func (p *Services) editable(r *http.Request, permission account.Permission) (directory.Service, time.Time, error) {
	s, now, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return s, now, err
	}
	reach := frame.Reach(r, permission)
	within, err := db.Read(r.Context(), p.d, func(read db.R) (bool, error) {
		return directory.Within(r.Context(), read, reach, s)
	})
	if err == nil && !within {
		err = directory.Outside(reach)
	}
	return s, now, err
}

func (p *Services) capacity(w http.ResponseWriter, r *http.Request) error {
	s, now, err := p.editable(r, account.EditCapacity)
	if err != nil {
		return err
	}
	f := capacityForm.New(r).Set("seen", string(s.Capacity.Version())).Set("lasts", strconv.Itoa(usualHours))
	f.Set("search", r.URL.Query().Get("search"))
	if s.Capacity.Standing(now) == directory.Current {
		f.Set("status", string(s.Capacity.Status)).Set("notes", s.Capacity.Notes)
	}
	v := editOf(p.frame.Page(w, r, capacityForm.Page), s, f, capacityRows(s.Capacity, now))
	return web.Show(w, r, http.StatusOK, capacityPage(v))
}

// editOf makes the view of a page on which a service is changed. It shows what is saved now if somebody else saved that
// while the form was filled in.
func editOf(params page.Params, s directory.Service, f *form.Rendered, now []nhsuk.SummaryListRow) editView {
	f.About(s.Shown())
	params.BackHref = with("/services/"+s.ID, f.Value("search"))
	params.Error = f.HasProblems()
	v := editView{Page: params, Name: s.Shown(), Form: f}
	if f.LeadsTo(nowID) {
		v.Now = now
	}
	return v
}

func (p *Services) saveCapacity(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	f := capacityForm.Read(r)
	hours, err := strconv.Atoi(f.Value("lasts"))
	if err != nil {
		hours = -1 // refused below as a time that cannot be chosen
	}
	if f.Value("status") == string(directory.Green) {
		hours = 0 // green has nothing to go back to
		f.Set("lasts", "0")
	}
	if _, _, err = p.read(r.Context(), id); err != nil {
		return err
	}
	chosen := directory.Capacity(f.Value("status"))
	lasts := time.Duration(hours) * time.Hour
	seen := directory.Version(f.Value("seen"))
	err = directory.SetCapacity(r.Context(), p.d, web.Actor(r), id, chosen, f.Value("notes"), lasts, seen)
	if f.Refuse(err) || errors.Is(err, fault.Conflict) {
		return p.askCapacityAgain(w, r, f, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, with("/services/"+id, f.Value("search")), "Capacity saved.")
}

// askCapacityAgain shows the form again with its problems, or with what somebody else has saved in the meantime.
func (p *Services) askCapacityAgain(w http.ResponseWriter, r *http.Request, f *form.Rendered, problem error) error {
	s, now, err := p.editable(r, account.EditCapacity)
	if err != nil {
		return err
	}
	addConflict(f, problem, s.Capacity.Version())
	v := editOf(p.frame.Page(w, r, capacityForm.Page), s, f, capacityRows(s.Capacity, now))
	return web.Show(w, r, http.StatusUnprocessableEntity, capacityPage(v))
}

// nowID leads to what somebody else has saved, on a page that shows it.
const nowID = "#now"

// addConflict adds the problem that somebody else has saved the service in the meantime, if it is that.
func addConflict(f *form.Rendered, problem error, seen directory.Version) {
	if conflict, known := fault.From(problem); known && conflict.Code == fault.Conflict {
		f.Add(form.Problem{Text: f.Say(conflict), Href: nowID})
		f.Set("seen", string(seen))
	}
}

func (p *Services) hours(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.editable(r, account.EditService)
	if err != nil {
		return err
	}
	f := hoursForm.New(r).Set("seen", string(s.HoursVersion())).Set("search", r.URL.Query().Get("search"))
	if s.AllHours {
		f.Set("always", "now")
	}
	for i, day := range s.Hours {
		f.Set(dayField(i), directory.FormatDay(day))
	}
	return web.Show(w, r, http.StatusOK, hoursPage(editOf(p.frame.Page(w, r, hoursForm.Page), s, f, weekRows(s))))
}

// weekOf reads the hours of each day as typed, and adds a problem to the form for each that it cannot read.
func weekOf(f *form.Rendered) (week directory.Week) {
	for i := range week {
		day, err := directory.ParseDay(f.Value(dayField(i)))
		if problem, is := fault.From(err); is {
			summary := directory.DayNames[i] + ": " + problem.Message
			f.Add(form.Problem{Field: dayField(i), Text: problem.Message, Summary: summary})
		}
		week[i] = day
	}
	return week
}

func (p *Services) saveHours(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	f := hoursForm.Read(r)
	week := weekOf(f)
	if !f.HasProblems() {
		seen := directory.Version(f.Value("seen"))
		err = directory.SetHours(r.Context(), p.d, web.Actor(r), s.ID, week, f.Value("always") == "now", seen)
	}
	if f.HasProblems() || errors.Is(err, fault.Conflict) {
		return p.askHoursAgain(w, r, f, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, with("/services/"+s.ID, f.Value("search")), "Opening hours saved.")
}

// askHoursAgain shows the form again with its problems, or with what somebody else has saved in the meantime.
func (p *Services) askHoursAgain(w http.ResponseWriter, r *http.Request, f *form.Rendered, problem error) error {
	s, _, err := p.editable(r, account.EditService)
	if err != nil {
		return err
	}
	addConflict(f, problem, s.HoursVersion())
	v := editOf(p.frame.Page(w, r, hoursForm.Page), s, f, weekRows(s))
	return web.Show(w, r, http.StatusUnprocessableEntity, hoursPage(v))
}
