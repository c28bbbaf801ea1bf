package people

import (
	"slices"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	newPath    = frame.PeoplePath + "/new"
	personPath = frame.PeoplePath + "/person/{uuid}"
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
	Fields: slices.Concat(nameFields(), documentFields(), []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "declaration", Items: []nhsuk.CheckboxItem{{
			Value: "yes", Text: "I saw the originals of these documents, and they belong to this person",
		}}}).Required("Tick the box if you saw the originals"),
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

func documentFields() []form.Field {
	return []form.Field{
		form.Select(nhsuk.SelectParams{
			Name: "photo", Label: nhsuk.LabelParams{Text: "Document with a photo", Size: "s"},
			Items: choices(identity.PhotoDocuments),
		}).Required("Select the document with a photo that you saw"),
		form.Input(nhsuk.InputParams{
			Name: "ending", Label: nhsuk.LabelParams{Text: "Last 4 letters or digits of its number", Size: "s"},
			Hint: "Only these are kept", Classes: "nhsuk-input--width-4", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the last 4 letters or digits of its number"),
		form.Select(nhsuk.SelectParams{
			Name: "address", Label: nhsuk.LabelParams{Text: "Document with their address", Size: "s"},
			Items: choices(identity.AddressDocuments),
		}).Required("Select the document with their address that you saw"),
		form.Select(nhsuk.SelectParams{
			Name: "other", Label: nhsuk.LabelParams{Text: "Third document, of either sort", Size: "s"},
			Items: choices(slices.Concat(identity.PhotoDocuments, identity.AddressDocuments)),
		}).Required("Select the third document that you saw"),
	}
}

func choices(list []identity.Document) []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Select a document"}}
	for _, d := range list {
		items = append(items, nhsuk.SelectItem{Value: d.Code, Text: d.Name})
	}
	return items
}

// The forms on the page of a person. Those of positions and of the status offer what can be done now.
var (
	giveForm = form.Form{Path: personPath + "/position", At: personPath, Page: "People", Act: "Give position",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "position",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which position?", Size: "s"}},
				Items:    templates(),
			}).Required("Select the position"),
			form.Input(nhsuk.InputParams{
				Name:    "organisation",
				Label:   nhsuk.LabelParams{Text: "ODS code of the organisation where they hold it", Size: "s"},
				Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
			}).Required("Enter the ODS code of the organisation"),
		}}
	endForm = form.Form{Path: personPath + "/position/end", At: personPath, Page: "People", Act: "End position",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "assignment",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which position ends now?", Size: "s"}},
			}).Required("Select the position that ends"),
			form.Input(nhsuk.InputParams{
				Name: "why_end", Label: nhsuk.LabelParams{Text: "Why does the position end?", Size: "s"},
				Hint: "Such as: moved to another ward. It is kept with your name.", Autocomplete: "off",
			}).Required("Enter why the position ends"),
		}}
	moveForm = form.Form{Path: personPath + "/status", At: personPath, Page: "People", Act: "Change the status",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "move",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you want to do?", Size: "s"}},
			}).Required("Select what you want to do"),
			form.Input(nhsuk.InputParams{
				Name: "why", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"},
				Hint: "Such as: has left, reported by their manager. It is kept with your name.", Autocomplete: "off",
			}).Required("Enter why"),
		}}
)

func templates() (items []nhsuk.RadioItem) {
	for _, t := range registration.Templates {
		items = append(items, nhsuk.RadioItem{Value: t.Code, Text: t.Name, Hint: t.Codes()})
	}
	return items
}
