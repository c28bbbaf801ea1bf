package connections

import (
	"strings"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// The forms of a team.
var (
	teamForm = form.Form{Path: "/connections/teams", At: path.ConnectionsPage,
		Page: "Connections", Act: "Make the team", Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "name", Label: nhsuk.LabelParams{Text: "Name of the team", Size: "s"},
				Hint: "Such as your product and company. You are its first member.",
			}),
		}}
	inviteForm = form.Form{Path: "/connections/teams/{team}/invite", At: "/connections/teams/{team}",
		Page: "Connections", Act: "Invite", Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "invite", Label: nhsuk.LabelParams{Text: "Care Identity number or email address", Size: "s"},
				Hint: "12 digits, or the email address that is confirmed on their Care Identity. " +
					"They find the invitation here when they log in, for 14 days.",
				Spellcheck: "false",
			}),
		}}
	acceptForm = form.Form{
		Path: "/connections/invitations/accept", At: path.ConnectionsPage,
		Fields: []form.Field{form.Hidden("invitation")},
	}
	declineForm = form.Form{
		Path: "/connections/invitations/decline", At: path.ConnectionsPage,
		Fields: []form.Field{form.Hidden("invitation")},
	}
	withdrawForm = form.Form{
		Path: "/connections/teams/{team}/withdraw", At: "/connections/teams/{team}",
		Fields: []form.Field{form.Hidden("invitation")},
	}
	removeForm = form.Form{
		Path: "/connections/teams/{team}/remove", At: "/connections/teams/{team}",
		Fields: []form.Field{form.Hidden("member")},
	}
)

// The forms of a client. registerForm and changeForm ask for all its settings.
var (
	registerForm = form.Form{
		Path:   "/connections/teams/{team}/register",
		Page:   "Register a client",
		Act:    "Register",
		Fields: append([]form.Field{form.Radios(sectors)}, settingFields()...),
	}
	changeForm = form.Form{
		Path:   "/connections/clients/{client}/change",
		Page:   "Change the settings",
		Act:    "Save",
		Fields: append([]form.Field{form.Hidden("version")}, settingFields()...),
	}
	secretForm = form.Form{
		Path: "/connections/clients/{client}/secret", At: "/connections/clients/{client}",
		Page: "Connections", Act: "Make a new secret",
		Fields: []form.Field{form.Radios(overlaps)},
	}
	endSecretForm = form.Form{
		Path: "/connections/clients/{client}/secret/end", At: "/connections/clients/{client}",
	}
	statusForm = form.Form{
		Path: "/connections/clients/{client}/status", At: "/connections/clients/{client}",
		Fields: []form.Field{form.Hidden("move")},
	}
	// askForm asks the operators to approve a client, and withdrawChangeForm drops what waits of one.
	askForm = form.Form{
		Path: "/connections/clients/{client}/approval/ask", At: "/connections/clients/{client}",
	}
	withdrawChangeForm = form.Form{
		Path: "/connections/clients/{client}/approval/withdraw", At: "/connections/clients/{client}",
	}
	approveForm = form.Form{
		Path: "/connections/clients/{client}/approval/approve", At: "/connections/clients/{client}/approval",
		Fields: []form.Field{form.Hidden("version")},
	}
	refuseForm = form.Form{
		Path: "/connections/clients/{client}/approval/refuse", At: "/connections/clients/{client}/approval",
		Page: "Approve a client", Act: "Do not approve", Fields: []form.Field{
			form.Hidden("version"),
			form.Textarea(nhsuk.TextareaParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why you do not approve it", Size: "s"},
				Hint: "The team reads it, on the client's page and by mail.", Rows: 3,
			}),
		},
	}
	// againForm sends one notice again, or all that failed.
	againForm = form.Form{
		Path: "/connections/clients/{client}/notices/again", At: "/connections/clients/{client}/notices",
		Fields: []form.Field{form.Hidden("notice"), form.Hidden("all")},
	}
	// testForm sends a test notice.
	testForm = form.Form{
		Path: "/connections/clients/{client}/notices/test", At: "/connections/clients/{client}/notices",
	}
)

// sectors asks who runs a new client.
var sectors = nhsuk.RadiosParams{
	Name: "sector", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Who runs it", Size: "s"}},
	Hint: "It becomes part of the client id and cannot be changed. Only operators are asked this.",
	Items: []nhsuk.RadioItem{
		{Value: "supplier", Text: "A supplier", Hint: "The id ends in .apps.supplier"},
		{Value: "national", Text: "A national service", Hint: "The id ends in .apps.national"},
	},
}

// overlaps asks how long two secrets work side by side.
var overlaps = nhsuk.RadiosParams{
	Name: "overlap", Value: "168h", Small: true,
	Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
		Text: "How long the current secret keeps working after you make a new one", Size: "s",
	}},
	Items: []nhsuk.RadioItem{
		{Value: "168h", Text: "7 days"}, {Value: "24h", Text: "1 day"}, {Value: "1h", Text: "1 hour"},
		{Value: "0s", Text: "It ends now", Hint: "If somebody may have seen it who should not have seen it."},
	},
}

func settingFields() (fields []form.Field) {
	for _, s := range sections {
		for _, one := range s.settings {
			fields = append(fields, one.field())
		}
	}
	return fields
}

// field makes the field that asks for the setting.
func (s setting) field() form.Field {
	label := nhsuk.LabelParams{Text: s.label, Size: "s"}
	legend := nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: s.label, Size: "s"}}
	switch s.kind {
	case textarea:
		return form.Textarea(nhsuk.TextareaParams{
			Name: s.name, Label: label, Hint: s.hint, Rows: 4, Spellcheck: "false",
		})
	case radios:
		return form.Radios(nhsuk.RadiosParams{
			Name: s.name, Fieldset: legend, Hint: s.hint, Items: s.options, Small: true,
		})
	case checkboxes:
		return form.Checkboxes(nhsuk.CheckboxesParams{
			Name: s.name, Fieldset: legend, Hint: s.hint, Items: s.checkboxes(), Small: true,
		})
	case checkbox:
		box := nhsuk.CheckboxItem{Value: "yes", Text: s.label, Hint: s.hint}
		return form.Checkboxes(nhsuk.CheckboxesParams{Name: s.name, Items: []nhsuk.CheckboxItem{box}, Small: true})
	}
	return form.Input(nhsuk.InputParams{Name: s.name, Label: label, Hint: s.hint, Spellcheck: "false"})
}

// checkboxes gives the options of a setting as checkboxes.
func (s setting) checkboxes() (items []nhsuk.CheckboxItem) {
	for _, option := range s.options {
		items = append(items, nhsuk.CheckboxItem{Value: option.Value, Text: option.Text, Hint: option.Hint})
	}
	return items
}

// filled sets a form to a client's settings and adds the problems that were found in them.
func filled(f *form.Rendered, c client.Client, problems client.Problems) *form.Rendered {
	values := c.Values()
	for _, s := range sections {
		for _, one := range s.settings {
			if one.kind == checkboxes {
				f.Set(one.name, strings.Split(values[one.name], "\n")...)
			} else {
				f.Set(one.name, values[one.name])
			}
		}
	}
	f.Refuse(problems)
	return f
}
