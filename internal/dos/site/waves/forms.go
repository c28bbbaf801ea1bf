package waves

import (
	"time"

	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const (
	title    = "Waves of the move to Care Identity"
	newTitle = "Make a wave"
	wavePath = frame.WavesPage + "/{id}"

	undoTitle = "Undo a start"
	startPath = wavePath + "/starts/{start}"
)

var (
	newForm = form.Form{Path: frame.WavesPage + "/new", Page: newTitle, Act: "Make the wave",
		Fields: append([]form.Field{
			form.Input(nhsuk.InputParams{Name: "name", Label: nhsuk.LabelParams{Text: "Name", Size: "s"},
				Hint: "For example “GP practices in Leeds”", Autocomplete: "off"}).Required("Enter a name"),
		}, dateFields()...)}

	datesForm = form.Form{Path: wavePath + "/dates", At: wavePath, Page: "Wave", Act: "Save the dates",
		Fields: dateFields()}

	// pickForm says which accounts are meant, and fillForm puts them into the wave.
	pickForm = form.Form{Path: wavePath + "/accounts", Get: true, Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{Name: "which", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which accounts that are in no wave?", Size: "s"}},
			Items: []nhsuk.RadioItem{
				{Value: ofAnOrganisation, Text: "Those of one organisation"},
				{Value: everybody, Text: "All of them"},
			}}).Required("Select which accounts"),
		form.Input(nhsuk.InputParams{Name: "organisation", Width: 10, Autocomplete: "off", Spellcheck: "false",
			Label: nhsuk.LabelParams{Text: "ODS code of the organisation", Size: "s"},
			Hint:  "Leave it empty if you selected all of them"}),
	}}
	fillForm = form.Form{Path: wavePath + "/accounts", Page: fillTitle, Act: "Put them into the wave",
		Fields: []form.Field{form.Hidden("which"), form.Hidden("organisation")}}

	// chooseForm says where the wave is to go, and moveForm moves it.
	chooseForm = form.Form{Path: wavePath + "/phase", Get: true, Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{Name: "phase", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "To which phase?", Size: "s"}}}).Required("Select a phase"),
	}}
	moveForm = form.Form{Path: wavePath + "/phase/{phase}", Page: "Wave", Act: "Move the wave", Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{Name: "reason", Rows: 3,
			Label: nhsuk.LabelParams{Text: "Why?", Size: "s"},
			Hint:  "For example “Everybody was written to on 1 March”. It is kept with your name",
		}).Required("Enter why"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "early", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Is it to be before the day that people were told?", Size: "s"}}}),
		form.Seen(),
	}}

	pauseForm  = pausing("/pause", "Pause the wave", "Why is it paused?")
	resumeForm = pausing("/resume", "Resume the wave", "Why is it resumed?")

	undoForm = form.Form{Path: startPath + "/undo", At: startPath, Page: undoTitle, Act: "Undo the start",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{Name: "reason", Rows: 3,
				Label: nhsuk.LabelParams{Text: "Why is the start undone?", Size: "s"},
				Hint:  "For example “The help desk cannot keep up”. It is kept with your name",
			}).Required("Enter why the start is undone"), form.Seen(),
		}}
)

// pausing makes the form that pauses a wave, or ends its pause.
func pausing(at, act, why string) form.Form {
	return form.Form{Path: wavePath + at, At: wavePath, Page: "Wave", Act: act, Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{Name: "pause", Rows: 2, Label: nhsuk.LabelParams{Text: why, Size: "s"},
			Hint: "It is kept with your name"}).Required("Enter why"),
	}}
}

func dateFields() []form.Field {
	field := func(name, label string) form.Field {
		return form.Input(nhsuk.InputParams{Name: name, Width: 10, Autocomplete: "off", Spellcheck: "false",
			Label: nhsuk.LabelParams{Text: label, Size: "s"},
			Hint:  "For example 31 March 2027. Leave it empty if you do not know it yet"})
	}
	return []form.Field{field("choose", "When people can begin to link"),
		field("require", "When passwords stop logging people in"),
		field("close", "When passwords have no use any more")}
}

// datesOf reads the dates of a form; false is that one of them is none.
func datesOf(f *form.Rendered) (dates wave.Dates, read bool) {
	read = true
	for name, at := range map[string]*time.Time{"choose": &dates.Choose, "require": &dates.Require,
		"close": &dates.Close} {
		if f.Value(name) == "" {
			continue
		}
		day, is := when.ParseDate(f.Value(name))
		if !is {
			f.Add(form.Problem{Field: name, Text: "Enter a date, such as 31 March 2027"})
			read = false
		}
		*at = day
	}
	return dates, read
}
