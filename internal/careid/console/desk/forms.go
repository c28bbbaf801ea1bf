package desk

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// The forms of the service desk. endForm offers the sign-ins that the person has, unlockForm the locked authenticators.
var (
	findForm = form.Form{Path: frame.DeskPath, Get: true, Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name:  "find",
			Label: nhsuk.LabelParams{Text: "Find a person or a reference", Size: "m"},
			Hint: "Name, email address or how it begins, Care Identity number, or the reference on the page, such as " +
				"KDF7 2M9X",
			Autocomplete: "off",
			Spellcheck:   "false",
		}),
	}}
	endForm = form.Form{Path: frame.DeskPath + "/{uuid}/end", At: frame.DeskPath + "?find={uuid}",
		Page: "Service desk", Act: "End session", Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name: "session",
				Fieldset: nhsuk.FieldsetParams{
					Legend: nhsuk.LegendParams{Text: "Which session do you want to end?", Size: "m"},
				},
			}).Required("Select which session to end"),
			form.Input(nhsuk.InputParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"},
				Hint:         "Such as: lost key, reported by telephone. It is kept with your name and role.",
				Autocomplete: "off",
			}).Required("Enter why you are ending the session"),
		}}
	unlockForm = form.Form{Path: frame.DeskPath + "/{uuid}/unlock", At: frame.DeskPath + "?find={uuid}",
		Page: "Service desk", Act: "End lock", Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name: "authenticator",
				Fieldset: nhsuk.FieldsetParams{
					Legend: nhsuk.LegendParams{Text: "Which lock do you want to end?", Size: "m"},
				},
			}).Required("Select which lock to end"),
			form.Input(nhsuk.InputParams{
				Name: "why", Label: nhsuk.LabelParams{Text: "Why may it be used again now?", Size: "s"},
				Hint: "Such as: mistyped codes, identity checked by telephone. It is kept with your name and role, " +
					"and the owner is told by email.",
				Autocomplete: "off",
			}).Required("Enter why you are ending the lock"),
		}}
)
