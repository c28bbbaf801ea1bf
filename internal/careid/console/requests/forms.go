package requests

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/request"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	newPath = frame.RequestsPath + "/new"
	onePath = frame.RequestsPath + "/{id}"
)

// filterForm chooses which of the open requests are listed.
var filterForm = form.Form{Path: frame.RequestsPath, Get: true, Fields: []form.Field{
	form.Select(nhsuk.SelectParams{
		Name: "kind", Label: nhsuk.LabelParams{Text: "What is asked for", Size: "s"}, Items: kindItems(),
	}),
	form.Select(nhsuk.SelectParams{
		Name: "order", Label: nhsuk.LabelParams{Text: "Order", Size: "s"}, Items: []nhsuk.SelectItem{
			{Text: "The most urgent first"}, {Value: string(request.ByAsked), Text: "The newest first"},
		},
	}),
}}

func kindItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Anything"}}
	for _, k := range request.Kinds() {
		items = append(items, nhsuk.SelectItem{Value: string(k), Text: k.Label()})
	}
	return items
}

// findForm asks whom a request is about, and what is asked for.
var findForm = form.Form{Path: newPath, Get: true, Fields: []form.Field{
	form.Input(nhsuk.InputParams{
		Name: "uuid", Label: nhsuk.LabelParams{Text: "Care Identity number of the person", Size: "s"},
		Hint:    "12 digits. They read it on their profile. Spaces do not matter.",
		Classes: "nhsuk-input--width-20", Inputmode: "numeric", Autocomplete: "off", Spellcheck: "false",
	}),
	form.Radios(nhsuk.RadiosParams{
		Name:     "kind",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you ask for?", Size: "s"}},
		Items:    askItems(),
	}),
}}

// askable are the kinds that sponsors ask for on the page.
var askable = []request.Kind{
	request.GrantPosition, request.EndPosition, request.ChangeDates, request.ChangeDetails, request.CloseIdentity,
	request.ReopenIdentity, request.Reactivate,
}

// askForm asks for something about a person. Its page shows the fields of what is asked for.
var askForm = form.Form{Path: newPath, Page: "Make a request", Act: "Send the request", Fields: append([]form.Field{
	form.Hidden("uuid"), form.Hidden("kind"),
	form.Input(nhsuk.InputParams{
		Name: "organisation",
		Label: nhsuk.LabelParams{
			Text: "ODS code of the organisation where they are to hold the position (optional)", Size: "s",
		},
		Hint:    "Their own organisation if you enter nothing",
		Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
	}),
}, detailFields()...)}

func askItems() (items []nhsuk.RadioItem) {
	for _, k := range askable {
		items = append(items, nhsuk.RadioItem{Value: string(k), Text: k.Label(), Hint: askHints[k]})
	}
	return items
}

var askHints = map[request.Kind]string{
	request.ChangeDetails: "One of their names, or of their contact details.",
	request.CloseIdentity: "They have left. Everything that they can log in with ends.",
}

// detailFields say exactly what is asked for.
func detailFields() []form.Field {
	return []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name: "position",
			Fieldset: nhsuk.FieldsetParams{
				Legend: nhsuk.LegendParams{Text: "Position that is given", Size: "s"},
			},
		}),
		form.Radios(nhsuk.RadiosParams{
			Name: "assignment",
			Fieldset: nhsuk.FieldsetParams{
				Legend: nhsuk.LegendParams{Text: "Position that they have", Size: "s"},
			},
		}),
		form.Input(nhsuk.InputParams{
			Name: "starts", Label: nhsuk.LabelParams{Text: "Start date (optional)", Size: "s"},
			Hint: "For example, 31 3 2027. At once if you enter nothing.", Classes: "nhsuk-input--width-10",
			Autocomplete: "off",
		}),
		form.Input(nhsuk.InputParams{
			Name: "ends", Label: nhsuk.LabelParams{Text: "Last day (optional)", Size: "s"},
			Hint: "For example, 31 3 2028. No end if you enter nothing.", Classes: "nhsuk-input--width-10",
			Autocomplete: "off",
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "details", Label: nhsuk.LabelParams{Text: "Details to change, and to what", Size: "s"}, Rows: 2,
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}, Rows: 3,
			Hint: "Such as: works on the 111 desk from December. Whoever decides reads it. It is kept with your name.",
		}).Required("Enter why this is asked for"),
	}
}

// The forms on the page of a request.
var (
	lookForm     = form.Form{Path: onePath + "/look", At: onePath, Page: "Requests", Act: "Look at this request"}
	leaveForm    = form.Form{Path: onePath + "/leave", At: onePath, Page: "Requests", Act: "Exit request"}
	withdrawForm = form.Form{Path: onePath + "/withdraw", At: onePath, Page: "Requests", Act: "Withdraw the request"}
	againForm    = form.Form{Path: onePath + "/again", At: onePath, Page: "Requests", Act: "Send it again",
		Fields: detailFields()}
	approveForm = form.Form{Path: onePath + "/approve", At: onePath, Page: "Requests", Act: "Approve",
		Fields: []form.Field{form.Textarea(nhsuk.TextareaParams{
			Name: "notes", Label: nhsuk.LabelParams{Text: "Notes", Size: "s"}, Rows: 3,
			Hint: "Kept with your name. Where nothing is done by itself, enter what you did.",
		})}}
	rejectForm = form.Form{Path: onePath + "/reject", At: onePath, Page: "Requests", Act: "Reject",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "decision",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Why do you reject it?", Size: "s"}},
				Items:    reasonItems(),
			}).Required("Select why you reject the request"),
			form.Textarea(nhsuk.TextareaParams{
				Name: "fix", Label: nhsuk.LabelParams{Text: "What can be fixed, or done instead?", Size: "s"}, Rows: 3,
				Hint: "Whoever asked reads it, fixes the request and sends it again.",
			}).Required("Enter what is to be fixed, or what they can do instead"),
		}}
)

func reasonItems() (items []nhsuk.RadioItem) {
	for _, text := range []string{
		"The dates are wrong", "The position is wrong", "It is about the wrong person", "There is no reason to have it",
		"Something else",
	} {
		items = append(items, nhsuk.RadioItem{Value: text, Text: text})
	}
	return items
}
