package positions

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	listPath   = frame.PeoplePath + "/organisations/{code}/positions"
	onePath    = listPath + "/{position}"
	changePath = onePath + "/change"
)

// createForm asks for a new position.
var createForm = form.Form{Path: listPath + "/new", Page: "Create a position", Act: "Create the position",
	Fields: append(positionFields(), approvalFields()...)}

// askForm asks what a position is to be. It leads to the page that says what its holders gain and lose.
var askForm = form.Form{Path: changePath, At: onePath + "/edit", Get: true,
	Fields: append(positionFields(), form.Hidden("version"))}

// saveForm saves what was looked at.
var saveForm = form.Form{Path: changePath, Page: "Change a position", Act: "Save the position",
	Fields: append([]form.Field{
		form.Hidden("name"), form.Hidden("notes"), form.Hidden("profiles"), form.Hidden("version"),
	}, approvalFields()...)}

// closeForm closes a position.
var closeForm = form.Form{Path: onePath + "/close", Page: "Close a position", Act: "Close the position",
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "why", Label: nhsuk.LabelParams{Text: "Why is it closed?", Size: "s"},
			Hint: "Such as: the ward has closed. It is kept with your name.", Autocomplete: "off",
		}).Required("Enter why the position is closed"),
		form.Input(nhsuk.InputParams{
			Name: "approver", Label: nhsuk.LabelParams{Text: "Who approved it?", Size: "s"}, Autocomplete: "off",
		}).Required("Enter who approved it"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "sure", Items: []nhsuk.CheckboxItem{{Value: "yes",
			Text: "Everybody who has this position loses it at once. A closed position is not opened again",
		}}}).Required("Tick the box if you are sure"),
		form.Input(nhsuk.InputParams{
			Name: "typed", Label: nhsuk.LabelParams{Text: "Type CLOSE", Size: "s"}, Classes: "nhsuk-input--width-10",
			Autocomplete: "off", Spellcheck: "false",
		}).Required("Type CLOSE in capital letters"),
	}}

// assignableForm says which positions a sponsor may give.
var assignableForm = form.Form{Path: onePath + "/assignable", At: onePath, Page: "Position", Act: "Save",
	Fields: []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "assignable", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which positions may they give to others?", Size: "s"}}}),
	}}

func positionFields() []form.Field {
	return []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "name", Label: nhsuk.LabelParams{Text: "Name of the position", Size: "s"},
			Hint: "In plain words, such as Ward clerk. Services are not told it.", Autocomplete: "off",
		}).Required("Enter the name of the position"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "profiles", Rows: 4, Label: nhsuk.LabelParams{Text: "Access profiles", Size: "s"},
			Hint: "One a line: the code of a job role, then those of its activities, workgroups and areas of work, " +
				"such as R8008 B0166. Whoever has the position has a role for each line.",
		}).Required("Enter an access profile, such as R8008 B0166"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "notes", Rows: 3, Label: nhsuk.LabelParams{Text: "Notes (optional)", Size: "s"},
			Hint: "For those who give it: who should have it, and who should not.",
		}),
	}
}

func approvalFields() []form.Field {
	return []form.Field{
		form.Textarea(nhsuk.TextareaParams{
			Name: "how", Rows: 2, Label: nhsuk.LabelParams{Text: "How was it approved?", Size: "s"},
			Hint: "Such as: access control group, 12 November 2026",
		}).Required("Enter how it was approved"),
		form.Input(nhsuk.InputParams{
			Name: "participants", Label: nhsuk.LabelParams{Text: "Who took part?", Size: "s"}, Autocomplete: "off",
		}).Required("Enter who took part"),
	}
}

// typedIn reads a position as it was typed.
func typedIn(f *form.Rendered) positions.Typed {
	return positions.Typed{Name: f.Value("name"), Notes: f.Value("notes"), Profiles: f.Value("profiles")}
}
