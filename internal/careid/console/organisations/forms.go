package organisations

import (
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const (
	allPath  = frame.PeoplePath + "/organisations"
	pagePath = allPath + "/{code}"
)

// reasonField asks why, and how it was agreed: it stands for the form RA08.
func reasonField() form.Field {
	return form.Input(nhsuk.InputParams{
		Name: "reason", Label: nhsuk.LabelParams{Text: "Why, and how was it agreed?", Size: "s"},
		Hint:         "Such as: form RA08, signed by both registration authorities. It is kept with your name.",
		Autocomplete: "off",
	}).Required("Enter why, and how it was agreed")
}

// takeForm takes on an organisation that no registration authority serves.
var takeForm = form.Form{Path: allPath + "/take-on", Page: "Take on an organisation", Act: "Take on the organisation",
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "code", Label: nhsuk.LabelParams{Text: "ODS code", Size: "s"},
			Hint:    "Of an organisation that is known here and that no registration authority serves",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the ODS code of the organisation"),
		reasonField(),
	}}

// handForm hands an organisation over.
var handForm = form.Form{Path: pagePath + "/host", Page: "Hand over an organisation", Act: "Hand over the organisation",
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name:    "host",
			Label:   nhsuk.LabelParams{Text: "ODS code of the organisation that takes over", Size: "s"},
			Hint:    "One with a registration authority, or below one. Leave this empty if none takes over",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}),
		reasonField(),
	}}

// reachForm says how the registration authority is reached.
var reachForm = form.Form{Path: frame.ReachPath, Page: "How your registration authority is reached", Act: "Save",
	Fields: append([]form.Field{
		form.Input(nhsuk.InputParams{Name: "email", Label: nhsuk.LabelParams{Text: "Email address", Size: "s"},
			Hint: "Of the team, not of one person", Type: "email", Autocomplete: "off", Spellcheck: "false"}),
		form.Input(nhsuk.InputParams{Name: "phone",
			Label: nhsuk.LabelParams{Text: "Telephone number (optional)", Size: "s"},
			Type:  "tel", Classes: "nhsuk-input--width-20", Autocomplete: "off"}),
		form.Input(nhsuk.InputParams{Name: "web", Label: nhsuk.LabelParams{Text: "Web page (optional)", Size: "s"},
			Hint: "Its whole address, such as https://ra.example.nhs.uk", Type: "url", Autocomplete: "off"}),
		form.Input(nhsuk.InputParams{Name: "place", Label: nhsuk.LabelParams{Text: "Where it is (optional)", Size: "s"},
			Hint: "Such as: Room 12, Education Centre, Fenmarch Hospital, FM1 1AA", Autocomplete: "off"}),
		form.Input(nhsuk.InputParams{Name: "holidays",
			Label: nhsuk.LabelParams{Text: "Bank holidays (optional)", Size: "s"},
			Hint:  "Such as: Closed. For lost smartcards telephone the switchboard.", Autocomplete: "off"}),
	}, dayFields()...)}

func dayFields() (fields []form.Field) {
	for day, name := range hosting.Days {
		fields = append(fields, form.Input(nhsuk.InputParams{
			Name: hosting.DayField(day), Label: nhsuk.LabelParams{Text: name + " (optional)", Size: "s"},
			Classes: "nhsuk-input--width-20", Autocomplete: "off", Spellcheck: "false",
		}))
	}
	return fields
}

// dayText words a day that is written as 2026-06-15; nothing for none.
func dayText(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return when.Date(at)
}

func dayNames() (names []string) {
	for day := range hosting.Days {
		names = append(names, hosting.DayField(day))
	}
	return names
}
