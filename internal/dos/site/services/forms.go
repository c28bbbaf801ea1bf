package services

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// searchForm searches for services.
var searchForm = form.Form{
	Path:       "/services",
	Get:        true,
	Attributes: templ.Attributes{"role": "search"},
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "postcode", Label: nhsuk.LabelParams{Text: "Patient's postcode", Size: "s"},
			Hint:         "The whole postcode, or its first part such as M1",
			Autocomplete: "off", Autocapitalize: "characters", Spellcheck: "false", Width: 10,
		}),
		form.Select(nhsuk.SelectParams{Name: "miles", Label: nhsuk.LabelParams{Text: "Distance", Size: "s"},
			Items: distanceItems()}),
		form.Select(nhsuk.SelectParams{Name: "type", Label: nhsuk.LabelParams{Text: "Type of service", Size: "s"},
			Items: typeItems()}),
		form.Input(nhsuk.InputParams{
			Name: "name", Label: nhsuk.LabelParams{Text: "Name of the service (optional)", Size: "s"},
			Hint:         "Without a postcode, this searches all of England",
			Autocomplete: "off", Spellcheck: "false", Width: 20,
		}),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "open",
			Items: []nhsuk.CheckboxItem{{Value: "now", Text: "Open now"}}}),
	},
}

func distanceItems() (items []nhsuk.SelectItem) {
	for _, d := range distances {
		items = append(items, nhsuk.SelectItem{Value: strconv.Itoa(d), Text: fmt.Sprintf("Up to %d miles", d)})
	}
	return items
}

func typeItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Value: "0", Text: "Any type"}}
	for _, t := range directory.Types() {
		items = append(items, nhsuk.SelectItem{Value: strconv.Itoa(t.ID), Text: t.Name})
	}
	return items
}

// capacityForm changes the capacity of a service.
var capacityForm = form.Form{Path: "/services/{id}/capacity",
	Page: "Change capacity", Act: "Save", Fields: []form.Field{
		form.Hidden("seen"),
		form.Hidden("search"), // to lead back to its results
		form.Radios(nhsuk.RadiosParams{
			Name:     "status",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What can the service take?", Size: "s"}},
			Items: []nhsuk.RadioItem{
				{Value: "GREEN", Text: "Green", Hint: "It has capacity"},
				{Value: "AMBER", Text: "Amber", Hint: "Limited: expect to wait"},
				{Value: "RED", Text: "Red", Hint: "No capacity: send nobody"},
			},
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "notes", Rows: 3,
			Label: nhsuk.LabelParams{Text: "Notes for other professionals (optional)", Size: "s"},
			Hint:  "Do not write anything about patients",
		}),
		form.Select(nhsuk.SelectParams{
			Name:  "lasts",
			Label: nhsuk.LabelParams{Text: "For how long?", Size: "s"},
			Hint:  "After that it goes back to green",
			Items: capacityTimeItems(),
		}),
	}}

// capacityTimes lists the times for which a capacity can be set, in hours (reference, directory of services §2.4:
// 15 minutes to 120 hours; 4 hours by default).
var capacityTimes = []struct {
	Hours int
	Text  string
}{{1, "1 hour"}, {4, "4 hours"}, {8, "8 hours"}, {24, "1 day"}, {72, "3 days"}, {120, "5 days"},
	{0, "Until it is changed again"}}

const usualHours = 4

func capacityTimeItems() (items []nhsuk.SelectItem) {
	for _, l := range capacityTimes {
		items = append(items, nhsuk.SelectItem{Value: strconv.Itoa(l.Hours), Text: l.Text})
	}
	return items
}

// tapForm changes the capacity of a service with one tap, on the first page. Its buttons are written there.
var tapForm = form.Form{Path: "/services/{id}/capacity/now", At: "/services",
	Page: "Find a service", Act: "Set the capacity", Fields: []form.Field{
		form.Hidden("seen"),
		form.Hidden("page"), // of the user's services, to come back to
		form.Radios(nhsuk.RadiosParams{
			Name:     "status",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Capacity"}},
			Items: []nhsuk.RadioItem{
				{Value: "GREEN", Text: "Green"}, {Value: "AMBER", Text: "Amber"}, {Value: "RED", Text: "Red"},
			},
		}),
	}}

// hoursForm changes when a service is open.
var hoursForm = form.Form{Path: "/services/{id}/hours",
	Page: "Change opening hours", Act: "Save", Fields: append([]form.Field{
		form.Hidden("seen"),
		form.Hidden("search"), // to lead back to its results
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "always",
			Items: []nhsuk.CheckboxItem{{Value: "now", Text: "Open all hours, every day"}}}),
	}, dayFields()...)}

func dayFields() (fields []form.Field) {
	for i, name := range directory.DayNames {
		fields = append(fields, form.Input(nhsuk.InputParams{
			Name:         dayField(i),
			Label:        nhsuk.LabelParams{Text: name, Size: "s"},
			Autocomplete: "off",
			Spellcheck:   "false",
			Width:        30,
		}))
	}
	return fields
}

// dayField names the field of a day's hours.
func dayField(day int) string { return "day-" + strconv.Itoa(day) }
