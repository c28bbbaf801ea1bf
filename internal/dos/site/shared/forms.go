package shared

import (
	"context"
	"time"

	cases "signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const (
	listPath = "/shared-accounts"
	casePath = path.UsersPage + "/{id}/shared"
)

func retires(label string) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: "retires", Label: nhsuk.LabelParams{Text: label, Size: "s"},
		Hint:  "For example 31 March 2027. Nobody can log in with the account from that day on.",
		Width: 10, Autocomplete: "off", Spellcheck: "false",
	}).Required("Enter the deactivation date")
}

func choose(name, legend, missing string) form.Field {
	return form.Radios(nhsuk.RadiosParams{
		Name: name, Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: legend, Size: "s"}},
	}).Required(missing)
}

// The forms on the page of a case.
var (
	beginForm = form.Form{Path: casePath + "/begin", At: casePath, Page: "Shared account", Act: "Open the case",
		Fields: []form.Field{retires("Deactivation date")}}
	dateForm = form.Form{Path: casePath + "/date", At: casePath, Page: "Shared account", Act: "Move the date",
		Fields: []form.Field{retires("Move the deactivation date")}}
	confirmForm = form.Form{Path: casePath + "/confirm", At: casePath,
		Fields: []form.Field{form.Hidden("claim"), form.Seen()}}
	rejectForm = form.Form{Path: casePath + "/reject", At: casePath, Page: "Shared account", Act: "Reject",
		Fields: []form.Field{
			choose("claim", "Who does not use this account, or may not?", "Select who it is"),
			form.Input(nhsuk.InputParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}, Autocomplete: "off",
				Hint: "Such as: nobody here knows them. It is kept with your name.",
			}).Required("Enter why it is rejected, in 500 characters or fewer"),
		}}
	rejectAllForm = form.Form{Path: casePath + "/reject-all", At: casePath, Page: "Shared account",
		Act: "Reject all from there", Fields: []form.Field{
			choose("part", "From where are all that wait to be rejected?", "Select from where"),
			form.Input(nhsuk.InputParams{
				Name: "why", Label: nhsuk.LabelParams{Text: "Why all of them?", Size: "s"}, Autocomplete: "off",
				Hint: "Such as: nobody here knows these names. It is kept with your name.",
			}).Required("Enter why they are rejected, in 500 characters or fewer"),
		}}
	mergeForm = form.Form{Path: casePath + "/merge", At: casePath, Page: "Shared account", Act: "Merge",
		Fields: []form.Field{
			choose("merged", "Who is here twice?", "Select who is here twice"),
			choose("into", "Which one is to stay?", "Select which one is to stay"),
		}}
	stateForm = form.Form{Path: casePath + "/state", At: casePath, Page: "Shared account", Act: "Continue",
		Fields: []form.Field{choose("move", "What do you want to do with the account?", "Select what you want to do")}}
)

// dateOf reads the date that was typed: the beginning of that day.
func dateOf(f *form.Rendered) (time.Time, bool) {
	at, is := when.ParseDate(f.Value("retires"))
	if !is {
		f.Add(form.Problem{Field: "retires", Text: "Enter a date, such as 31 March 2027"})
	}
	return at, is
}

// move is something that can be done with an account, and what is said once it is done.
type move struct {
	nhsuk.RadioItem

	from cases.State
	act  func(c *cases.Cases, ctx context.Context, by actor.Actor, accountID string) error
	done string
}

var moves = []move{
	{nhsuk.RadioItem{Value: "freeze", Text: "Freeze it", Hint: "It can be used to look only. You can undo this."},
		cases.Open, (*cases.Cases).Freeze, "Frozen. The account can be used to look only."},
	{nhsuk.RadioItem{Value: "unfreeze", Text: "Undo the freeze", Hint: "It can be used as before."},
		cases.Frozen, (*cases.Cases).Unfreeze, "The account can be used as before."},
	{nhsuk.RadioItem{Value: "retire", Text: "Retire it now", Hint: "Nobody can log in with it any more, and all who " +
		"are logged in are logged out. You can undo this until its deactivation date."},
		cases.Frozen, (*cases.Cases).Retire, "Retired. Nobody can log in with the account any more."},
	{nhsuk.RadioItem{Value: "restore", Text: "Undo the retirement", Hint: "It can be used to look only."},
		cases.Retired, (*cases.Cases).Restore, "The account can be used to look again."},
}

// movesFrom offers what can be done with an account in a state.
func movesFrom(s cases.State) (items []nhsuk.RadioItem) {
	for _, m := range moves {
		if m.from == s {
			items = append(items, m.RadioItem)
		}
	}
	return items
}
