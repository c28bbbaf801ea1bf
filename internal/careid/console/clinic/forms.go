package clinic

import (
	"net/url"

	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	onePath    = frame.ClinicsPath + "/{clinic}"
	listPath   = onePath + "/list"
	filePath   = onePath + "/list.csv"
	personPath = onePath + "/people/{uuid}"
)

func pathOf(id string) string { return frame.ClinicsPath + "/" + url.PathEscape(id) }

func personPathOf(id, uuid string) string { return pathOf(id) + "/people/" + url.PathEscape(uuid) }

var peopleField = form.Textarea(nhsuk.TextareaParams{
	Name: "people", Label: nhsuk.LabelParams{Text: "People", Size: "s"}, Rows: 6,
	Hint: "Care Identity numbers or work email addresses, with commas or new lines between them. 60 people at most.",
}).Required("Enter at least one Care Identity number or email address")

var (
	newForm = form.Form{Path: frame.ClinicsPath + "/new", Page: "Make a clinic", Act: "Make the clinic",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "name", Label: nhsuk.LabelParams{Text: "Name", Size: "s"},
				Hint: "Such as: New starters, Friday morning", Autocomplete: "off",
			}).Required("Enter what you call the clinic"),
			form.Input(nhsuk.InputParams{
				Name: "room", Label: nhsuk.LabelParams{Text: "Where it is (optional)", Size: "s"}, Autocomplete: "off",
			}),
			form.Input(nhsuk.InputParams{
				Name: "day", Label: nhsuk.LabelParams{Text: "Day", Size: "s"}, Hint: "For example, 31 3 2027",
				Classes: "nhsuk-input--width-10", Autocomplete: "off",
			}).Required("Enter the day of the clinic"),
			peopleField,
		}}
	addForm = form.Form{Path: onePath + "/people", At: onePath, Page: "Clinic", Act: "Add to the clinic",
		Fields: []form.Field{peopleField}}
	endForm = form.Form{Path: onePath + "/end", At: onePath, Page: "Clinic", Act: "End the clinic",
		Fields: []form.Field{
			form.Checkboxes(nhsuk.CheckboxesParams{Name: "sure", Items: []nhsuk.CheckboxItem{{
				Value: "yes", Text: "Nobody else is looked after in this clinic",
			}}}).Required("Tick the box if the clinic is over"),
		}}
	// actForm does the one thing whose button was pressed.
	actForm = form.Form{Path: personPath, Page: "Clinic", Fields: []form.Field{
		form.Hidden("request"), act("here", "Check in"), act("link", "Make a link"), act("give", "Give the position"),
		act("done", "Done, next person"), act("absent", "Did not come"), act("back", "Put back"),
	}}
)

// act is a button of actForm.
func act(name, text string) form.Field {
	return form.Button(nhsuk.ButtonParams{Name: name, Value: "yes", Text: text})
}
