package services

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/fault"
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

func (p *Services) capacity(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.askCapacity(w, r, s, http.StatusOK, string(s.Capacity.Status), s.Capacity.Notes, usualLasting, nil)
}

func (p *Services) askCapacity(w http.ResponseWriter, r *http.Request, s directory.Service, status int, chosen, notes string, hours int, problem *fault.Fault) error {
	v := capacityView{Page: p.frame.Page(w, r, "Change capacity"), ID: s.ID, Name: s.Shown(), Notes: notes}
	v.Page.BackHref = "/services/" + s.ID
	v.Status = nhsuk.RadiosParams{Name: "status", IDPrefix: "status", Value: chosen, Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What can the service take?", Size: "s"}},
		Items: []nhsuk.RadioItem{
			{Value: "GREEN", Text: "Green", Hint: "It has capacity"}, {Value: "AMBER", Text: "Amber", Hint: "Limited: expect to wait"}, {Value: "RED", Text: "Red", Hint: "No capacity: send nobody"},
		}}
	v.Lasts = nhsuk.SelectParams{Name: "lasts", ID: "lasts", Value: strconv.Itoa(hours), Label: nhsuk.LabelParams{Text: "For how long?", Size: "s"}, Hint: "After that it goes back to green"}
	for _, l := range lasting {
		v.Lasts.Items = append(v.Lasts.Items, nhsuk.SelectItem{Value: strconv.Itoa(l.Hours), Text: l.Text})
	}
	if problem != nil {
		v.Page.Error, v.Errors = true, []nhsuk.ErrorItem{{Text: problem.Says, Href: "#" + problem.Field}}
		switch problem.Field {
		case "status":
			v.Status.ErrorMessage = problem.Says
		case "notes":
			v.NotesProblem = problem.Says
		case "lasts":
			v.Lasts.ErrorMessage = problem.Says
		}
	}
	return web.Show(w, r, status, capacityPage(v))
}

func (p *Services) saveCapacity(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	chosen, notes := r.PostFormValue("status"), strings.TrimSpace(r.PostFormValue("notes"))
	hours, err := strconv.Atoi(r.PostFormValue("lasts"))
	if err != nil {
		hours = -1 // refused below as a time that cannot be chosen
	}
	if chosen == string(directory.Green) {
		hours = 0 // green has nothing to go back to
	}
	err = directory.SetCapacity(r.Context(), p.d, web.Actor(r), s.ID, directory.Capacity(chosen), notes, time.Duration(hours)*time.Hour)
	if f, known := fault.From(err); known && f.Field != "" {
		return p.askCapacity(w, r, s, http.StatusUnprocessableEntity, chosen, notes, hours, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/services/"+s.ID, "The capacity is saved.")
}

func (p *Services) hours(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var typed [8]string
	for i, day := range s.Hours {
		typed[i] = directory.FormatDay(day)
	}
	return p.askHours(w, r, s, http.StatusOK, typed, s.AllHours, [8]string{})
}

func (p *Services) askHours(w http.ResponseWriter, r *http.Request, s directory.Service, status int, typed [8]string, always bool, problems [8]string) error {
	v := hoursView{Page: p.frame.Page(w, r, "Change opening hours"), ID: s.ID, Name: s.Shown(), Always: always}
	v.Page.BackHref = "/services/" + s.ID
	for i, name := range directory.DayNames {
		id := "day-" + strconv.Itoa(i)
		v.Days = append(v.Days, nhsuk.InputParams{Name: id, ID: id, Value: typed[i], ErrorMessage: problems[i], Label: nhsuk.LabelParams{Text: name, Size: "s"},
			Autocomplete: "off", Spellcheck: "false", Width: 30})
		if problems[i] != "" {
			v.Errors = append(v.Errors, nhsuk.ErrorItem{Text: name + ": " + problems[i], Href: "#" + id})
		}
	}
	v.Page.Error = len(v.Errors) > 0
	return web.Show(w, r, status, hoursPage(v))
}

func (p *Services) saveHours(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var typed, problems [8]string
	var week directory.Week
	wrong := false
	for i := range week {
		typed[i] = strings.TrimSpace(r.PostFormValue("day-" + strconv.Itoa(i)))
		if week[i], err = directory.ParseDay(typed[i]); err != nil {
			f, known := fault.From(err)
			if !known {
				return err
			}
			problems[i], wrong = f.Says, true
		}
	}
	always := r.PostFormValue("always") == "now"
	if wrong {
		return p.askHours(w, r, s, http.StatusUnprocessableEntity, typed, always, problems)
	}
	if err := directory.SetHours(r.Context(), p.d, web.Actor(r), s.ID, week, always); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/services/"+s.ID, "The opening hours are saved.")
}
