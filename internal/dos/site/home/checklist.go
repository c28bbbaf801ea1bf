package home

import (
	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/nhsuk"
)

// ownerTexts says on the page who does a step.
var ownerTexts = map[path.Owner]string{
	path.Person: "You", path.RegistrationAuthority: "Your registration authority",
	path.DoSAdministrator: "Your DoS user administrator",
	path.LocalIT:          "Your local IT team", path.ServiceDesk: "The service desk",
	path.ProgrammeTeam: "The DoS programme team",
}

// stateTexts shows the state of a line of the checklist.
var stateTexts = map[path.State]nhsuk.TaskListStatus{
	path.Done:    {Text: "Completed"},
	path.Do:      {Tag: nhsuk.TagParams{Text: "To do", Colour: nhsuk.TagAwaited}},
	path.Waiting: {Text: "Cannot start yet"},
	path.Unclear: {Tag: nhsuk.TagParams{Text: "Not known", Colour: nhsuk.TagUnknown}},
}

// checklistOf makes the view of the checklist and the next steps.
func (h *Home) checklistOf(f path.Facts, user account.Account) checklistView {
	v := checklistView{Finished: f.Finished(), Heading: "Get ready for Care Identity",
		Lede: "Passwords for the Directory of Services are being replaced by Care Identity. " +
			"This page shows what you have done and what you still need to do."}
	if v.Finished {
		v.Heading = "You are ready"
		v.Lede = "There is nothing left to do: log in with your Care Identity."
	}
	for _, item := range path.Checklist(f) {
		line := nhsuk.TaskListItem{Heading: item.Title, Status: stateTexts[item.State]}
		if len(item.Steps) > 0 && item.State != path.Waiting {
			line.Href = "#step-" + string(item.Steps[0].What)
		}
		v.Items = append(v.Items, line)
	}
	for _, s := range path.Next(f) {
		v.Steps = append(v.Steps, h.stepOf(s, ownerOf(s, f, user)))
	}
	return v
}

// linkWaits says in the list that an administrator is looking at the link, if one is.
func (v *checklistView) linkWaits(f path.Facts) {
	if v.Waits.Since == "" {
		return
	}
	for i, item := range path.Checklist(f) {
		if item.Need == path.LinkedAccount && item.State != path.Done {
			v.Items[i].Status = nhsuk.TaskListStatus{Text: "An administrator is looking at it"}
		}
	}
}

func (h *Home) stepOf(s path.Step, owner templ.Component) stepView {
	v := stepView{
		ID:     "step-" + string(s.What),
		Title:  s.Title,
		Detail: s.Detail,
		Say:    s.Say,
		Rows: []nhsuk.SummaryListRow{
			{Key: "Who does it", ValueHTML: owner}, {Key: "By when", Value: s.By.Message},
			{Key: "How long it takes", Value: s.Takes},
		},
	}
	if s.Ready() {
		v.Links = h.frame.Links(s.Where, s.Also)
	}
	return v
}
