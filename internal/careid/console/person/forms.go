package person

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/life"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	profilePath   = frame.PersonPath
	positionsPath = profilePath + "/positions"
	statusPath    = profilePath + "/status"
)

// The forms on the page of a person's positions. They offer what can be done now.
var (
	giveForm = form.Form{Path: profilePath + "/position", At: positionsPath, Page: "Positions", Act: "Give position",
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
	endForm = form.Form{Path: profilePath + "/position/end", At: positionsPath, Page: "Positions", Act: "End position",
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
)

// moveForm asks what is done to the Care Identity. It offers what is possible.
var moveForm = form.Form{Path: statusPath, Page: "Change the status", Act: "Change the status",
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

// closeForm asks to close the Care Identity for good reasons, and to be sure of it.
var closeForm = form.Form{Path: profilePath + "/close", Page: "Close profile and remove all access",
	Act: "Close profile and remove all access", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name:     "reason",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Why is it closed?", Size: "s"}},
			Items:    reasons(),
		}).Required("Select why the Care Identity is closed"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "note", Label: nhsuk.LabelParams{Text: "Notes", Size: "s"},
			Hint: "What your colleagues should know. It is kept with your name, on the tab Notes.",
		}).Required("Enter the notes"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "sure", Items: []nhsuk.CheckboxItem{{
			Value: "yes",
			Text:  "All positions end, all authenticators and links are removed, and nothing brings them back",
		}}}).Required("Tick the box if everything is to end"),
		text("typed", "Type CLOSE", "", "nhsuk-input--width-10").Required("Type CLOSE in capitals"),
	}}

func reasons() (items []nhsuk.RadioItem) {
	for _, r := range life.Reasons() {
		items = append(items, nhsuk.RadioItem{Value: r.Code, Text: r.Text})
	}
	return items
}

// noteForm asks for a note.
var noteForm = form.Form{Path: profilePath + "/notes", Page: "Notes", Act: "Add note", Fields: []form.Field{
	form.Textarea(nhsuk.TextareaParams{
		Name: "note", Label: nhsuk.LabelParams{Text: "Note", Size: "s"},
		Hint: "For your colleagues at the registration authority. It is kept with your name, and cannot be changed.",
	}).Required("Enter the note"),
}}

func templates() (items []nhsuk.RadioItem) {
	for _, t := range registration.Templates {
		items = append(items, nhsuk.RadioItem{Value: t.Code, Text: t.Name, Hint: t.Codes()})
	}
	return items
}

// verifyForm asks which documents the user saw of somebody whose identity was made without.
var verifyForm = form.Form{Path: profilePath + "/verify", Page: "Verify their identity", Act: "Verify their identity",
	Fields: frame.DocumentFields()}

// showForm asks for the National Insurance number, which is shown once.
var showForm = form.Form{Path: profilePath + "/ni-number/show", At: profilePath, Page: "Profile",
	Act: "Show the number"}

const changePath = profilePath + "/change/"

// The forms by which one detail is changed, each on a page of its own.
var (
	nameForm = form.Form{Path: changePath + "name", Page: "Change name", Act: "Update", Fields: []form.Field{
		text("title", "Title (optional)", "", ""),
		text("given_name", "Given name", "As it stands on the document with a photo", "").
			Required("Enter the given name"),
		text("middle_names", "Middle names (optional)", "", ""),
		text("family_name", "Family name", "", "").Required("Enter the family name"),
		text("preferred_name", "Preferred name (optional)",
			"How pages and emails call them, if that is not their given and family name", ""),
		text("why_name", "Why does the name change? (optional)",
			"Needed where the given or family name changes. Such as: married. It is kept with your name.", ""),
	}}
	birthForm = form.Form{Path: changePath + "birth-date", Page: "Change birth date", Act: "Update",
		Fields: []form.Field{
			text("birth_date", "Birth date", "For example, 31 3 1980", "nhsuk-input--width-10").
				Required("Enter the birth date"),
		}}
	niForm = form.Form{Path: changePath + "ni-number", Page: "Change National Insurance number", Act: "Update",
		Fields: []form.Field{
			text("ni_number", "National Insurance number", "Such as ‘AB 12 34 56 C’. It is kept sealed.",
				"nhsuk-input--width-10").Required("Enter the National Insurance number"),
		}}
	cardNameForm = form.Form{Path: changePath + "smartcard-name", Page: "Change name on smartcard", Act: "Update",
		Fields: []form.Field{
			text("card_name", "Name on smartcard (optional)", "Leave it empty for their full name", ""),
		}}
	mobileForm = form.Form{Path: changePath + "mobile", Page: "Change mobile number", Act: "Update",
		Fields: []form.Field{
			text("mobile", "Mobile number (optional)", "Such as 07700 900 123", "nhsuk-input--width-20"),
		}}
	addressForm = form.Form{Path: changePath + "email", Page: "Change email address", Act: "Update",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Their own work email address", Size: "s"},
				Hint: "Nobody has confirmed it then. Better, they change it in their profile: a code is sent there. " +
					"Mail about the change goes to the new address, and to the old one if they confirmed it.",
				Autocomplete: "off", Spellcheck: "false",
			}).Required("Enter the email address"),
		}}
	bodyForm = form.Form{Path: changePath + "registration", Page: "Change professional registration", Act: "Update",
		Fields: []form.Field{
			form.Select(nhsuk.SelectParams{
				Name: "body", Label: nhsuk.LabelParams{Text: "Professional body", Size: "s"}, Items: bodies(),
			}).Required("Select the professional body"),
			text("number", "Registration number (optional)", "Leave it empty to remove the registration",
				"nhsuk-input--width-10"),
		}}
	photoForm = form.Form{Path: changePath + "photo", Page: "Change photo", Act: "Update",
		MaxBytes: photo.MaxBytes + 64<<10,
		Fields: []form.Field{
			form.Files(nhsuk.InputParams{
				Name: "picture", Label: nhsuk.LabelParams{Text: "Photo", Size: "s"},
				Hint: "In focus, facing forward, nothing over the face, one person. A JPEG or PNG file, nearly " +
					"square, at least 200 by 200 pixels. Only the picture is kept.",
				Attributes: map[string]any{"accept": ".jpg,.jpeg,.png"},
			}),
		}}
)

func text(name, label, hint, classes string) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: name, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint, Classes: classes, Autocomplete: "off",
		Spellcheck: "false",
	})
}

var bodyTexts = map[string]string{
	"gmc": "General Medical Council (GMC)", "nmc": "Nursing and Midwifery Council (NMC)",
	"gphc": "General Pharmaceutical Council (GPhC)", "gdc": "General Dental Council (GDC)",
	"gdp": "General dental practitioner (GDP)", "gmp": "General medical practitioner (GMP)",
	"rcn": "Royal College of Nursing (RCN)", "consultant": "Consultant",
}

func bodies() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Select a body"}}
	for _, b := range identity.Bodies {
		items = append(items, nhsuk.SelectItem{Value: b, Text: bodyTexts[b]})
	}
	return items
}
