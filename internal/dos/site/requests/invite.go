package requests

import (
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/dos/request/invitation"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// inviteForm invites colleagues to ask for accounts of their own.
var inviteForm = form.Form{
	Path: frame.RequestsPage + "/invite", Page: "Invite colleagues", Act: "Send the invitations",
	Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{
			Name: "colleagues", Rows: 10, Label: nhsuk.LabelParams{Text: "Names and email addresses", Size: "s"},
			Hint: "One colleague on a line, 50 at most. You can paste from a table or a CSV file, such as: " +
				"Sam Taylor, sam.taylor@example.nhs.uk",
			Spellcheck: "false",
		}).Required("Enter at least one colleague: a name and an email address on a line"),
	}}

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	return p.showInvite(w, r, http.StatusOK, inviteForm.New(r))
}

func (p *Pages) showInvite(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := inviteView{Page: p.frame.Page(w, r, "Invite colleagues"), Form: typed}
	v.Page.BackHref = frame.RequestsPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, invitePage(v))
}

// sendInvitations invites those whom it can. Lines that cannot be used come back, each with what is wrong with it, and
// those alone.
func (p *Pages) sendInvitations(w http.ResponseWriter, r *http.Request) error {
	typed := inviteForm.Read(r)
	if !typed.Complete() {
		return p.showInvite(w, r, http.StatusUnprocessableEntity, typed)
	}
	list, err := p.requests.Invitations().Invite(r.Context(), web.Actor(r), typed.Value("colleagues"))
	if typed.Refuse(err) {
		return p.showInvite(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	refused := refusedOf(list)
	invited := invitedText(len(list) - len(refused))
	if len(refused) == 0 {
		return web.SeeOther(w, r, inviteForm.Path, invited)
	}
	typed.Add(form.Problem{Text: invited + " The lines below were not used.", Href: "#colleagues"})
	var lines []string
	for _, one := range refused {
		problem := fmt.Sprintf("Line %d (%s): %s", one.Line, one.Text, one.Problem)
		typed.Add(form.Problem{Text: problem, Href: "#colleagues"})
		lines = append(lines, one.Text)
	}
	typed.Set("colleagues", strings.Join(lines, "\n"))
	return p.showInvite(w, r, http.StatusUnprocessableEntity, typed)
}

func refusedOf(list []invitation.Colleague) (refused []invitation.Colleague) {
	for _, one := range list {
		if one.Problem != "" {
			refused = append(refused, one)
		}
	}
	return refused
}

func invitedText(n int) string {
	switch n {
	case 0:
		return "Nobody was invited."
	case 1:
		return "1 colleague was invited."
	}
	return fmt.Sprintf("%d colleagues were invited.", n)
}
