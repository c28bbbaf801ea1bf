package services

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

// lasting are the times for which a capacity can be set, in hours (reference, directory of services §2.4:
// 15 minutes to 120 hours; 4 hours unless said otherwise).
var lasting = []struct {
	Hours int
	Text  string
}{{1, "1 hour"}, {4, "4 hours"}, {8, "8 hours"}, {24, "1 day"}, {72, "3 days"}, {120, "5 days"}, {0, "Until it is changed again"}}

const usualLasting = 4

// statuses are the capacities that can be chosen.
var statuses = nhsuk.RadiosParams{
	Name: "status", IDPrefix: "status",
	Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What can the service take?", Size: "s"}},
	Items: []nhsuk.RadioItem{
		{Value: "GREEN", Text: "Green", Hint: "It has capacity"}, {Value: "AMBER", Text: "Amber", Hint: "Limited: expect to wait"},
		{Value: "RED", Text: "Red", Hint: "No capacity: send nobody"},
	},
}

// What the forms ask.
const (
	notesLabel  = "Notes for other professionals"
	lastsLabel  = "For how long?"
	alwaysLabel = "Open all hours, every day"
)

// typed are the fields of the forms, as a form that was held shows them.
func typed() []held.Field {
	lasts := held.Field{Name: "lasts", Label: lastsLabel, Words: map[string]string{}}
	for _, l := range lasting {
		lasts.Words[strconv.Itoa(l.Hours)] = l.Text
	}
	always := held.Field{Name: "always", Label: alwaysLabel, Words: map[string]string{"now": "Yes"}}
	fields := []held.Field{held.Choice(statuses), {Name: "notes", Label: notesLabel}, lasts, always}
	for i, name := range directory.DayNames {
		fields = append(fields, held.Field{Name: dayField(i), Label: name})
	}
	return fields
}

// dayField names the field of a day's hours.
func dayField(day int) string { return "day-" + strconv.Itoa(day) }

// editable reads the service of the request's address for somebody who wants to change it; the slice that
// changes it checks again.
func (p *Services) editable(r *http.Request, permission account.Permission) (directory.Service, error) {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err == nil && !mayEdit(r, permission, s) {
		return s, account.ErrNotTheirs
	}
	return s, err
}

// mayEdit reports whether whoever is signed in may change the service.
func mayEdit(r *http.Request, permission account.Permission, s directory.Service) bool {
	who := frame.Who(r)
	return who != nil && account.MayEdit(who.May, permission, who.Account.Organisation, s.ODSCode)
}

// capacityForm is what somebody filled in, or what the form begins with.
type capacityForm struct {
	chosen, notes string
	hours         int
	seen          directory.Seen
}

func (p *Services) capacity(w http.ResponseWriter, r *http.Request) error {
	s, err := p.editable(r, account.EditCapacity)
	if err != nil {
		return err
	}
	f := capacityForm{chosen: string(s.Capacity.Status), notes: s.Capacity.Notes, hours: usualLasting, seen: s.Capacity.Seen()}
	return p.askCapacity(w, r, s, http.StatusOK, f, nil)
}

func (p *Services) askCapacity(w http.ResponseWriter, r *http.Request, s directory.Service, status int, f capacityForm, problem *fault.Fault) error {
	v := capacityView{Page: p.frame.Page(w, r, "Change capacity"), ID: s.ID, Name: s.Shown(), Notes: f.notes, Seen: string(f.seen)}
	v.Page.BackHref = "/services/" + s.ID
	v.Status = statuses
	v.Status.Value = f.chosen
	v.Lasts = nhsuk.SelectParams{Name: "lasts", ID: "lasts", Value: strconv.Itoa(f.hours), Label: nhsuk.LabelParams{Text: lastsLabel, Size: "s"}, Hint: "After that it goes back to green"}
	for _, l := range lasting {
		v.Lasts.Items = append(v.Lasts.Items, nhsuk.SelectItem{Value: strconv.Itoa(l.Hours), Text: l.Text})
	}
	if problem != nil {
		v.say(problem, s)
	}
	return web.Show(w, r, status, capacityPage(v))
}

// say puts a problem into the summary and where it belongs.
func (v *capacityView) say(problem *fault.Fault, s directory.Service) {
	v.Page.Error, v.Errors = true, []nhsuk.ErrorItem{{Text: problem.Says, Href: "#" + problem.Field}}
	switch {
	case problem.Code == fault.Conflict:
		v.Errors, v.Now, v.Seen = meanwhileError(problem), capacityRows(s.Capacity), string(s.Capacity.Seen())
	case problem.Field == "status":
		v.Status.ErrorMessage = problem.Says
	case problem.Field == "notes":
		v.NotesProblem = problem.Says
	case problem.Field == "lasts":
		v.Lasts.ErrorMessage = problem.Says
	}
}

// meanwhileError leads to what somebody else has saved.
func meanwhileError(problem *fault.Fault) []nhsuk.ErrorItem {
	return []nhsuk.ErrorItem{{Text: problem.Says + " " + problem.Cure, Href: "#now"}}
}

func (p *Services) saveCapacity(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	f := capacityForm{chosen: r.PostFormValue("status"), notes: strings.TrimSpace(r.PostFormValue("notes")), seen: directory.Seen(r.PostFormValue("seen"))}
	var err error
	if f.hours, err = strconv.Atoi(r.PostFormValue("lasts")); err != nil {
		f.hours = -1 // refused below as a time that cannot be chosen
	}
	if f.chosen == string(directory.Green) {
		f.hours = 0 // green has nothing to go back to
	}
	if _, _, err = p.read(r.Context(), id); err != nil {
		return err
	}
	err = directory.SetCapacity(r.Context(), p.d, web.Actor(r), id, directory.Capacity(f.chosen), f.notes, time.Duration(f.hours)*time.Hour, f.seen)
	if problem, again := askAgain(err); again {
		s, err := p.editable(r, account.EditCapacity)
		if err != nil {
			return err
		}
		return p.askCapacity(w, r, s, http.StatusUnprocessableEntity, f, problem)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/services/"+id, "The capacity is saved.")
}

// askAgain reports whether a failure is one that the form says, for its sender to put right.
func askAgain(err error) (*fault.Fault, bool) {
	f, known := fault.From(err)
	return f, known && (f.Field != "" || f.Code == fault.Conflict)
}

// hoursForm is what somebody typed for the days, or what the form begins with, and what is wrong with it.
type hoursForm struct {
	typed, problems [8]string
	always          bool
	seen            directory.Seen
	conflict        *fault.Fault
}

func (p *Services) hours(w http.ResponseWriter, r *http.Request) error {
	s, err := p.editable(r, account.EditService)
	if err != nil {
		return err
	}
	f := hoursForm{always: s.AllHours, seen: s.SeenHours()}
	for i, day := range s.Hours {
		f.typed[i] = directory.FormatDay(day)
	}
	return p.askHours(w, r, s, http.StatusOK, f)
}

func (p *Services) askHours(w http.ResponseWriter, r *http.Request, s directory.Service, status int, f hoursForm) error {
	v := hoursView{Page: p.frame.Page(w, r, "Change opening hours"), ID: s.ID, Name: s.Shown(), Always: f.always, Seen: string(f.seen)}
	v.Page.BackHref = "/services/" + s.ID
	if f.conflict != nil {
		v.Errors, v.Now, v.Seen = meanwhileError(f.conflict), weekRows(s), string(s.SeenHours())
	}
	for i, name := range directory.DayNames {
		id := dayField(i)
		v.Days = append(v.Days, nhsuk.InputParams{Name: id, ID: id, Value: f.typed[i], ErrorMessage: f.problems[i], Label: nhsuk.LabelParams{Text: name, Size: "s"},
			Autocomplete: "off", Spellcheck: "false", Width: 30})
		if f.problems[i] != "" {
			v.Errors = append(v.Errors, nhsuk.ErrorItem{Text: name + ": " + f.problems[i], Href: "#" + id})
		}
	}
	v.Page.Error = len(v.Errors) > 0
	return web.Show(w, r, status, hoursPage(v))
}

// week reads the days as they were typed, and reports whether all of them can be read.
func (f *hoursForm) week(r *http.Request) (week directory.Week, ok bool) {
	ok = true
	for i := range week {
		f.typed[i] = strings.TrimSpace(r.PostFormValue(dayField(i)))
		day, err := directory.ParseDay(f.typed[i])
		if err != nil {
			problem, _ := fault.From(err)
			f.problems[i], ok = problem.Says, false
		}
		week[i] = day
	}
	return week, ok
}

func (p *Services) saveHours(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	f := hoursForm{always: r.PostFormValue("always") == "now", seen: directory.Seen(r.PostFormValue("seen"))}
	week, ok := f.week(r)
	if ok {
		err = directory.SetHours(r.Context(), p.d, web.Actor(r), s.ID, week, f.always, f.seen)
	}
	if problem, again := askAgain(err); again || !ok {
		f.conflict = problem
		if s, err = p.editable(r, account.EditService); err != nil {
			return err
		}
		return p.askHours(w, r, s, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/services/"+s.ID, "The opening hours are saved.")
}
