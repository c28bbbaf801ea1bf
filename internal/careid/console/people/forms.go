package people

import (
	"slices"

	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	newPath    = frame.PeoplePath + "/new"
	personPath = frame.PersonPath
)

// findForm asks whose people are listed.
var findForm = form.Form{Path: frame.PeoplePath, Get: true, Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "name", Label: nhsuk.LabelParams{Text: "Name", Size: "s"},
		Hint: "How the names begin, or nothing for everybody", Autocomplete: "off", Spellcheck: "false",
	}),
	form.Input(nhsuk.InputParams{
		Name: "at", Label: nhsuk.LabelParams{Text: "ODS code of the organisation", Size: "s"},
		Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
	}),
}}

// makeForm asks who is to get a Care Identity.
var makeForm = form.Form{Path: newPath, Page: "Create a Care Identity", Act: "Create the Care Identity",
	Fields: slices.Concat(nameFields(), frame.DocumentFields(), []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "another", Items: []nhsuk.CheckboxItem{{
			Value: "yes", Text: "None of the people listed is this person",
		}}}),
	})}

func nameFields() []form.Field {
	return []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "given_name", Label: nhsuk.LabelParams{Text: "Given name", Size: "s"},
			Hint: "As it stands on the document with a photo", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the given name"),
		form.Input(nhsuk.InputParams{
			Name: "middle_names", Label: nhsuk.LabelParams{Text: "Middle names (optional)", Size: "s"},
			Autocomplete: "off", Spellcheck: "false",
		}),
		form.Input(nhsuk.InputParams{
			Name: "family_name", Label: nhsuk.LabelParams{Text: "Family name", Size: "s"},
			Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the family name"),
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Their own work email address", Size: "s"},
			Hint:         "The code for adding an authenticator is sent there. Not a team’s mailbox.",
			Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter their own work email address"),
		form.Input(nhsuk.InputParams{
			Name: "organisation", Label: nhsuk.LabelParams{Text: "ODS code of their organisation", Size: "s"},
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the ODS code of their organisation"),
	}
}
