package entry

import (
	"fmt"
	"net/http"

	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// words are what a page says.
type words struct {
	title      string
	paragraphs []string
	links      []page.Link
	again      bool // offer to log in again
}

var outcomes = map[signin.Outcome]words{
	signin.AccountInactive: {
		title: "Your Directory of Services account is not active",
		paragraphs: []string{
			"Your Care Identity is in order, but the account it is linked to was deactivated.",
			"Contact your DoS user administrator if you still need access, or raise a ticket with the service desk, starting \"MFA-DoS - \".",
		},
	},
	signin.NoPosition: {
		title: "Your Care Identity does not have the position for the Directory of Services",
		paragraphs: []string{
			"Your account and your Care Identity are linked. What is missing is a position at your organisation.",
			"Ask your registration authority for the position ‘Directory of Services System’, with role R8008 (Admin/Clinical Support Access Role) and activity B0166 (Directory of Service UI Access). When you have it, log in again.",
		},
		again: true,
	},
	signin.IdentityLow: {
		title: "Your identity has not been checked to the level this service needs",
		paragraphs: []string{
			"The Directory of Services needs identity level 3. Ask your registration authority to check your identity documents.",
		},
	},
}

// notice is the words that a shared account's users are to give when they ask for one of their own
// (guidance, 20 May 2025).
const notice = "I currently use a shared username (%s) and require an individual username for MFA readiness."

func (e *Entry) requestAccount(w http.ResponseWriter, r *http.Request) error {
	username := "provide username you currently use"
	if c := frame.Who(r); c != nil && c.Account.Shared {
		username = c.Account.Username
	}
	v := noticeView{Page: e.frame.Page(w, r, "Request an account of your own"), Quote: fmt.Sprintf(notice, username)}
	if r.URL.Query().Has("shared") {
		v.Paragraphs = append(v.Paragraphs, "A shared account cannot be linked to one person's Care Identity, so each person who uses it needs an account of their own.")
	}
	v.Paragraphs = append(v.Paragraphs,
		"Ask your DoS user administrator or DoS lead for an individual account. Give your name, your own work email address and the organisation you work for.",
		"If you share a username with others today, give this as the reason you need access:")
	return web.Show(w, r, http.StatusOK, noticePage(v))
}

func (e *Entry) help(w http.ResponseWriter, r *http.Request) error {
	v := noticeView{Page: e.frame.Page(w, r, "Accessibility and help"), Paragraphs: []string{
		"Every page works with a keyboard, with a screen reader and without JavaScript.",
		"If you cannot log in, first ask your registration authority whether your Care Identity is active, has the position and has an authenticator.",
		"For anything else raise a ticket with the service desk. Begin the short description with \"MFA-DoS - \" and quote the reference from the page you saw.",
	}}
	return web.Show(w, r, http.StatusOK, noticePage(v))
}
