package batches

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	onePath  = frame.BatchesPath + "/{batch}"
	mendPath = onePath + "/{state}"
)

// atForm chooses of which organisation the position is.
var atForm = form.Form{Path: frame.BatchesPath + "/new", Get: true, Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "at", Label: nhsuk.LabelParams{Text: "ODS code of the organisation of the position", Size: "s"},
		Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
	}),
}}

// newForm asks for a batch. It offers the positions of an organisation.
var newForm = form.Form{Path: frame.BatchesPath, At: atForm.Path, Page: "New batch", Act: "Check the people",
	MaxBytes: batch.MaxFileBytes + 2*batch.MaxListBytes, Fields: []form.Field{
		form.Hidden("at"),
		form.Radios(nhsuk.RadiosParams{
			Name: "act", Items: actItems(),
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What is to be done?", Size: "s"}},
		}).Required("Select what is to be done"),
		form.Radios(nhsuk.RadiosParams{
			Name:     "position",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which position?", Size: "s"}},
		}).Required("Select the position"),
		date("starts", "Start date (optional)", "For example, 31 3 2027. At once, or as it is, if you enter nothing."),
		date("ends", "Last day (optional)", "For example, 31 3 2028. No end if you enter nothing."),
		form.Textarea(nhsuk.TextareaParams{
			Name: "people", Label: nhsuk.LabelParams{Text: "Paste the people", Size: "s"}, Rows: 5,
			Hint: "Email addresses or Care Identity numbers, one a line or with commas between them. Or choose a file.",
		}),
		form.Files(nhsuk.InputParams{
			Name: "file", Label: nhsuk.LabelParams{Text: "File (optional)", Size: "s"},
			Hint: "CSV or XLSX with a column uuid or email, 20,000 people at most. Other columns may be there: " +
				"they come back to you with what was refused.",
			Attributes: map[string]any{"accept": ".csv,.xlsx,text/csv", "multiple": false},
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "why", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}, Rows: 2,
			Hint: "Such as: the new ward opens on 1 March, asked for by its manager. Whoever approves it reads it.",
		}).Required("Enter why"),
	}}

func actItems() (items []nhsuk.RadioItem) {
	for _, a := range batch.Acts() {
		items = append(items, nhsuk.RadioItem{Value: string(a), Text: a.Label()})
	}
	return items
}

func date(name, label, hint string) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: name, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint, Classes: "nhsuk-input--width-10",
		Autocomplete: "off",
	})
}

// next is what can be done with a batch.
type next string

const (
	sends     next = "send"
	withdraws next = "withdraw"
	approves  next = "approve"
	rejects   next = "reject"
	stops     next = "stop"
	goesOn    next = "go-on"
	undoes    next = "undo"
)

var nextTexts = map[next]string{
	sends: "Send it", withdraws: "Withdraw it", approves: "Approve it", rejects: "Reject it", stops: "Stop it",
	goesOn: "Go on with it", undoes: "Undo it",
}

var nextHints = map[next]string{
	sends:    "Another manager or advanced agent approves it before it is done.",
	approves: "It is done at once. Each person is checked again.",
	rejects:  "Say why in the notes.",
	stops:    "What was done stands.",
	undoes: "What changed since stays as it is, and is listed. Mails that people got cannot be taken back. " +
		"Say why in the notes.",
}

// nextForm asks what is done with the batch. It offers what can be done now.
var nextForm = form.Form{Path: onePath + "/next", At: onePath, Page: "Batch", Act: "Continue", Fields: []form.Field{
	form.Radios(nhsuk.RadiosParams{
		Name:     "next",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you want to do?", Size: "m"}},
	}).Required("Select what to do"),
	form.Textarea(nhsuk.TextareaParams{
		Name: "notes", Label: nhsuk.LabelParams{Text: "Notes (optional)", Size: "s"}, Rows: 2,
		Hint: "Kept with your name. Everybody who sees the batch reads them.",
	}),
}}
