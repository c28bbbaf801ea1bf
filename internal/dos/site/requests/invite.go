package requests

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// inviteForm takes a list of colleagues who are to ask for accounts of their own.
var inviteForm = form.Form{
	Path: frame.InvitePage, Page: "Invite colleagues", Act: "Continue",
	Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{
			Name: "colleagues", Rows: 10, Label: nhsuk.LabelParams{Text: "Names and email addresses", Size: "s"},
			Hint: "One colleague on a line, 50 at most. You can paste from a table, such as: " +
				"Sam Taylor, sam.taylor@example.nhs.uk",
			Spellcheck: "false",
		}),
		form.File(nhsuk.InputParams{
			Name: "file", Label: nhsuk.LabelParams{Text: "Or choose a file", Size: "s"},
			Hint:       "A CSV file with a name and an email address in each row. Excel saves one as “CSV UTF-8”.",
			Attributes: map[string]any{"accept": ".csv,.txt,text/csv"},
		}),
	}}

const (
	checkPath   = frame.InvitePage + "/check"
	changeQuery = "change" // asks for the form with the list that is being checked
)

// sendForm sends the invitations of the list that was checked.
var sendForm = form.Form{Path: frame.InvitePage + "/send", At: checkPath}

func draft(r *http.Request) string { return web.Cookie(r, frame.InviteCookie) }

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	typed := inviteForm.New(r)
	if r.URL.Query().Has(changeQuery) {
		list, err := p.requests.Invitations().Prepared(r.Context(), web.Actor(r), draft(r))
		if err != nil && !errors.Is(err, fault.Expired) {
			return err
		}
		var lines []string
		for _, one := range list.Colleagues {
			lines = append(lines, one.Text)
		}
		typed.Set("colleagues", strings.Join(lines, "\n"))
	}
	return p.showInvite(w, r, http.StatusOK, typed)
}

func (p *Pages) showInvite(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := inviteView{Page: p.frame.Page(w, r, "Invite colleagues"), Form: typed}
	if frame.Allowed(r, account.ApproveUser) {
		v.Page.BackHref = frame.RequestsPage
	}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, invitePage(v))
}

// prepareInvitations reads the list, which is then looked at before anything is sent.
func (p *Pages) prepareInvitations(w http.ResponseWriter, r *http.Request) error {
	typed := inviteForm.Read(r)
	cookie, err := p.requests.Invitations().Prepare(r.Context(), web.Actor(r), typed.Value("colleagues"),
		typed.Value("file"))
	if typed.Refuse(err) {
		return p.showInvite(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.InviteCookie, cookie, int(invitation.DraftLasts.Seconds()))
	return web.SeeOther(w, r, checkPath, "")
}

// checkInvitations shows who is invited when the list is sent, and which of its lines cannot be used.
func (p *Pages) checkInvitations(w http.ResponseWriter, r *http.Request) error {
	list, err := p.requests.Invitations().Prepared(r.Context(), web.Actor(r), draft(r))
	if errors.Is(err, fault.Expired) || err == nil && len(list.Colleagues) == 0 {
		return web.SeeOther(w, r, inviteForm.Path, "")
	}
	if err != nil {
		return err
	}
	v := checkView{Page: p.frame.Page(w, r, "Check the list of colleagues"), Send: sendForm.New(r)}
	v.Page.BackHref = inviteForm.Path + "?" + changeQuery + "=1"
	v.Page.Wide = true
	for _, one := range list.Usable() {
		v.Usable = append(v.Usable, []nhsuk.TableCell{{HTML: page.Name(one.Name())}, {HTML: page.Contact(one.Email)}})
	}
	for _, one := range list.Refused() {
		v.Refused = append(v.Refused, []nhsuk.TableCell{
			{Text: strconv.Itoa(one.Line)}, {HTML: page.Contact(one.Text)}, {Text: one.Problem},
		})
	}
	v.Act = sendText(len(v.Usable))
	return web.Show(w, r, http.StatusOK, checkPage(v))
}

// sendInvitations invites those whom it can. Lines that cannot be used stay on the page, each with what is wrong.
func (p *Pages) sendInvitations(w http.ResponseWriter, r *http.Request) error {
	n, err := p.requests.Invitations().Send(r.Context(), web.Actor(r), draft(r))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, checkPath, invitedText(n))
}

func sendText(n int) string {
	if n == 1 {
		return "Send 1 invitation"
	}
	return fmt.Sprintf("Send %d invitations", n)
}

func invitedText(n int) string {
	if n == 1 {
		return "1 colleague was invited."
	}
	return fmt.Sprintf("%d colleagues were invited.", n)
}
