package applications

import (
	"net/http"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	onePath     = frame.ApplicationsPath + "/{id}"
	picturePath = onePath + "/picture/{shot}"
)

// filterForm chooses which applications are listed.
var filterForm = form.Form{Path: frame.ApplicationsPath, Get: true, Fields: []form.Field{
	form.Select(nhsuk.SelectParams{
		Name: "state", Label: nhsuk.LabelParams{Text: "Status", Size: "s"}, Items: stateItems(),
	}),
	form.Hidden("before"),
}}

func stateItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Any"}}
	for _, s := range apply.States {
		items = append(items, nhsuk.SelectItem{Value: string(s), Text: s.Label()})
	}
	return items
}

var (
	inviteForm = form.Form{Path: frame.ApplicationsPath + "/new", Page: "Invite somebody to apply",
		Act: "Send the invitation", Fields: append(whoFields(),
			input("organisation", "ODS code of their organisation", "", "", 10).
				Required("Enter the ODS code of their organisation"),
			whyField(),
		)}
	resendForm = form.Form{Path: onePath + "/link", Page: "Send another link", Act: "Send another link",
		Fields: append(whoFields(), whyField())}
	withdrawForm = form.Form{Path: onePath + "/withdraw", At: onePath, Page: "Application",
		Act: "Withdraw the application"}
	lookForm  = form.Form{Path: onePath + "/look", At: onePath, Page: "Application", Act: "Look at the application"}
	leaveForm = form.Form{Path: onePath + "/leave", At: onePath + "/decide", Page: "Application",
		Act: "Leave it for somebody else"}
	decideForm = form.Form{Path: onePath + "/decide", Page: "Check an application", Act: "Save the decision",
		Fields: decideFields()}
)

func input(name, label, hint, kind string, width int) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: name, Type: kind, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint, Width: width,
		Autocomplete: "off", Spellcheck: "false",
	})
}

func whoFields() []form.Field {
	return []form.Field{
		input("given_name", "Given name", "As it stands on their photo document: the profile gets this name", "", 20).
			Required("Enter the given name"),
		input("middle_names", "Middle names (optional)", "", "", 20),
		input("family_name", "Family name", "", "", 20).Required("Enter the family name"),
		input("email", "Their own work email address", "The link is sent there. Not a team’s mailbox.", "email", 0).
			Required("Enter their own work email address"),
		input("mobile", "Their own mobile number", "A code is sent there each time they open the link", "tel", 20).
			Required("Enter their own mobile number"),
	}
}

func whyField() form.Field {
	return form.Textarea(nhsuk.TextareaParams{
		Name: "reason", Label: nhsuk.LabelParams{Text: "Why do they need a Care Identity?", Size: "s"}, Rows: 3,
		Hint: "Such as: starts on the 111 desk in January, asked for by the ward manager. Whoever decides reads it.",
	}).Required("Enter why they need a Care Identity")
}

const accepted = "accepted" // what stands in the place of a reason

// The decisions.
const (
	approves  = "approve"
	sendsBack = "return"
	rejects   = "reject"
)

func decideFields() (fields []form.Field) {
	for _, item := range document.Items {
		items := []nhsuk.SelectItem{{Text: "Select"}, {Value: accepted, Text: "Accepted"}}
		for _, f := range document.Faults {
			if _, of := document.Of(item, f.Reason); of {
				items = append(items, nhsuk.SelectItem{Value: string(f.Reason), Text: f.Text})
			}
		}
		fields = append(fields, form.Select(nhsuk.SelectParams{
			Name: string(item), Items: items,
			Label: nhsuk.LabelParams{Text: "Is it accepted: " + item.Name(), Size: "s"},
		}))
	}
	return append(fields,
		form.Textarea(nhsuk.TextareaParams{
			Name: "notes", Label: nhsuk.LabelParams{Text: "Notes for the applicant (optional)", Size: "s"}, Rows: 3,
			Hint: "They get them by mail, beside what each reason says. Needed to reject.",
		}),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "another", Items: []nhsuk.CheckboxItem{{
			Value: "yes", Text: "None of the people listed is this person",
		}}}),
		form.Radios(nhsuk.RadiosParams{
			Name:     "decision",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Your decision", Size: "m"}},
			Items: []nhsuk.RadioItem{
				{Value: approves, Text: "Approve",
					Hint: "Their Care Identity is made, and they get its number by mail."},
				{Value: sendsBack, Text: "Send back to be corrected",
					Hint: "What you did not accept is asked for again, and nothing else."},
				{Value: rejects, Text: "Reject", Hint: "The application ends."},
			},
		}).Required("Select your decision"))
}

// oneForms are the forms of the page of an application.
type oneForms struct{ withdraw, look, leave *form.Rendered }

func oneFormsOf(r *http.Request) oneForms {
	return oneForms{withdraw: withdrawForm.New(r), look: lookForm.New(r), leave: leaveForm.New(r)}
}

func (f oneForms) all() []*form.Rendered { return []*form.Rendered{f.withdraw, f.look, f.leave} }

func (f oneForms) status() int {
	for _, one := range f.all() {
		if one.HasProblems() {
			return one.Status()
		}
	}
	return http.StatusOK
}
