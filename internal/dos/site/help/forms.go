package help

import (
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/frame/attach"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	yes    = "yes"
	solved = "solved" // the button by which somebody says so, with what they wrote
)

// raiseForm raises a ticket. Somebody who is logged in with an account of their own is not asked who they are.
var raiseForm = form.Form{Path: frame.RaisePage, Page: "Raise a ticket", Act: "Send", Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "name", Label: nhsuk.LabelParams{Text: "Your name", Size: "s"}, Autocomplete: "name", Spellcheck: "false",
	}),
	form.Input(nhsuk.InputParams{
		Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Your email address", Size: "s"},
		Hint: "We send our answers to it", Autocomplete: "email", Spellcheck: "false",
	}),
	form.Input(nhsuk.InputParams{
		Name: "phone", Type: "tel", Label: nhsuk.LabelParams{Text: "Telephone number (optional)", Size: "s"},
		Autocomplete: "tel", Width: 20,
	}),
	form.Radios(nhsuk.RadiosParams{
		Name: "category", Items: categories(),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What is it about?", Size: "s"}},
	}).Required("Choose what it is about"),
	form.Input(nhsuk.InputParams{
		Name: "subject", Label: nhsuk.LabelParams{Text: "Short description", Size: "s"}, Autocomplete: "off",
	}).Required("Enter a short description"),
	form.Textarea(nhsuk.TextareaParams{
		Name: "text", Rows: 6, Label: nhsuk.LabelParams{Text: "What happened?", Size: "s"},
		Hint: "What you did, what you saw, and what you need. Never a password or a code",
	}).Required("Enter what happened"),
	form.Input(nhsuk.InputParams{
		Name: "reference", Label: nhsuk.LabelParams{Text: "Reference (optional)", Size: "s"}, Width: 10,
		Hint: "If a page showed you one, such as KDF7 2M9X, or a result code", Autocomplete: "off", Spellcheck: "false",
	}),
	attach.Field(),
	form.Checkboxes(nhsuk.CheckboxesParams{Name: "urgent", Items: []nhsuk.CheckboxItem{{Value: yes,
		Text: "I cannot work until this is solved"}}}),
}, MaxBytes: attach.MaxBytes}

func categories() (items []nhsuk.RadioItem) {
	for _, one := range ticket.Categories {
		items = append(items, nhsuk.RadioItem{Value: string(one.Category), Text: one.Title})
	}
	return items
}

var (
	ownForm   = form.Form{Path: ticket.OwnPath + "{id}/{secret}"}
	codeForm  = form.Form{Path: "/my-ticket/code", Fields: codeform.Alone()}
	openForm  = form.Form{Path: "/my-ticket/open", At: "/help", Fields: []form.Field{form.Hidden("ticket")}}
	replyForm = form.Form{Path: "/my-ticket/reply", At: minePath, Page: "Your ticket", Act: "Send",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "text", Rows: 5, Label: nhsuk.LabelParams{Text: "Write to the service desk", Size: "s"},
				Hint: "Never a password or a code",
			}).Required("Enter what you want to say"),
			attach.Field(),
			form.Button(nhsuk.ButtonParams{
				Text: "It is solved", Name: solved, Value: yes, Variant: "secondary", PreventDoubleClick: true,
			}),
		}, MaxBytes: attach.MaxBytes}
)

// minePath is the page of one's own ticket, and sentPath that of one which was just raised.
const (
	minePath = "/my-ticket"
	sentPath = "/help/ticket/sent"
	filePath = minePath + "/files"
)

func typedOf(f *form.Rendered) ticket.Typed {
	return ticket.Typed{
		Name: f.Value("name"), Email: f.Value("email"), Phone: f.Value("phone"),
		Category: ticket.Category(f.Value("category")), Subject: f.Value("subject"), Text: f.Value("text"),
		Reference: f.Value("reference"), Urgent: f.Value("urgent") == yes,
	}
}
