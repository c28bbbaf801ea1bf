package merges

import (
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	comparePath = frame.MergePath + "/{other}"
	mergePath   = frame.MergesPage + "/{id}"
)

func compareHref(survivor, closed string) string {
	return strings.NewReplacer("{id}", survivor, "{other}", closed).Replace(comparePath)
}

var (
	findForm = form.Form{Path: frame.MergePath, Get: true, Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "username", Label: nhsuk.LabelParams{Text: "Username of the other account", Size: "s"},
		Autocomplete: "off", Autocapitalize: "none", Spellcheck: "false",
	})}}
	proposeForm = form.Form{Path: comparePath, Page: title, Act: "Ask the person", Fields: []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{
			Name: "groups",
			Fieldset: nhsuk.FieldsetParams{
				Legend: nhsuk.LegendParams{Text: "Which groups does the account that stays get?", Size: "m"},
			},
			Hint: "Choose only what the person still needs",
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why both are one person’s", Size: "m"}, Rows: 3,
			Hint: "For example: “She moved to this trust in May and asked for a second account.”",
		}).Required("Enter why both are one person’s"),
	}}
	doForm       = form.Form{Path: mergePath + "/do", At: mergePath, Fields: []form.Field{form.Seen()}}
	withdrawForm = form.Form{Path: mergePath + "/withdraw", At: mergePath}
	undoForm     = form.Form{Path: mergePath + "/undo", At: mergePath, Page: title, Act: "Undo the merge",
		Fields: []form.Field{form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why the merge has to be undone", Size: "s"}, Rows: 3,
		}).Required("Enter why the merge has to be undone"), form.Seen()}}

	sendForm    = form.Form{Path: frame.OwnMerge + "/send", At: frame.OwnMerge}
	declineForm = form.Form{Path: frame.OwnMerge + "/decline", At: frame.OwnMerge}
	codeForm    = form.Form{Path: frame.OwnMerge + "/code", Fields: codeform.Fields()}
)

// value writes a group in a scope as the form has it, and readMembership reads it.
func value(m account.Membership) string {
	return string(m.Group) + "|" + string(m.Scope.Kind) + "|" + m.Scope.ID
}

func readMembership(text string) account.Membership {
	group, scope, _ := strings.Cut(text, "|")
	kind, id, _ := strings.Cut(scope, "|")
	return account.Membership{Group: account.Group(group),
		Scope: account.Scope{Kind: account.ScopeKind(kind), ID: id}}
}
