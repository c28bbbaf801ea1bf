package frame

import (
	"maps"
	"net/http"
	"net/url"

	"signpost/internal/dos/linking"
	"signpost/internal/platform/web"
)

// CeremonyCookie is the cookie of the linking ceremony in progress on a browser. The pages of package entry begin the
// ceremony and those of package linking end it.
const CeremonyCookie = "dos-link"

// UndoCookie is the cookie of the undo of a link in progress on a browser.
const UndoCookie = "dos-undo"

// AnswersCookie is the cookie of what somebody answered in a session of a shared account.
const AnswersCookie = "dos-answers"

// RequestCookie is the cookie of somebody's work on their request for an account.
const RequestCookie = "dos-request"

// TicketCookie is the cookie of somebody's work on their own ticket.
const TicketCookie = "dos-ticket"

// InviteCookie is the cookie of a list of colleagues to be invited.
const InviteCookie = "dos-invite"

// RequestsPage is the path of the list of requests for accounts.
const RequestsPage = "/requests"

// InvitePage is the path of the page on which colleagues are invited to request accounts.
const InvitePage = RequestsPage + "/invite"

// WhoPath is where whoever logged in with a shared account says who they are.
const WhoPath = "/who-are-you"

// RequestPath is where somebody asks for an account, and RequestNote the note with what is filled in there already.
const (
	RequestPath = "/request-account"
	RequestNote = "request"
)

// ReviewsPage lists the links that a person has to look at.
const ReviewsPage = "/link-reviews"

// DriftPage is the path of the list of accounts whose email address is not that of the Care Identity.
const DriftPage = "/email-drift"

// WavesPage is the path of the waves in which accounts move to Care Identity.
const WavesPage = "/waves"

// BoardPage is the path of the page that says how far everybody is.
const BoardPage = "/board"

// The fields that narrow lists of users to a wave, as they do mails, and to those who are so far on the board.
const (
	WaveField     = "wave"
	ProgressField = "progress"
	// TextField is what is written in a mail.
	TextField = "text"
)

// WallPage is a page to be put up for the people of an organisation, and TeamWallPath one for those who use a shared
// account.
const (
	WallPage     = "/board/wall"
	TeamWallPath = "/users/{id}/shared/wall"
)

// ChecklistPage is the path of what somebody has to do next.
const ChecklistPage = "/checklist"

// OutcomePage is the path of the page that says what came of the move: logins, tickets, time to ready, lock-outs.
const OutcomePage = "/outcome"

// ExceptionsPage is the path of the list of exceptions for passwords.
const ExceptionsPage = "/exceptions"

// ExceptionsOf leads to the exceptions that hold now, narrowed as an address is.
func ExceptionsOf(narrowed url.Values) string {
	query := maps.Clone(narrowed)
	query.Set("which", "running")
	return ExceptionsPage + "?" + query.Encode()
}

// SimulationPage is the path of the page that says who would be locked out if a wave were in another phase.
const SimulationPage = "/simulation"

// ForecastPage is the path of the page that says when people will be ready.
const ForecastPage = "/forecast"

// AliasesPage is the path of the table of domain aliases.
const AliasesPage = "/aliases"

// UndoPath is where the holder of an account undoes its link without logging in.
const UndoPath = "/undo-link"

// SeeLinkRefused shows the page that says, once, why a link is not allowed and what to do instead.
func SeeLinkRefused(w http.ResponseWriter, r *http.Request, reason linking.Refusal) error {
	if reason == linking.SharedAccount {
		return web.SeeOther(w, r, "/request-account?shared=1", "")
	}
	return web.SeeOnce(w, r, "/link/refused/"+string(reason))
}

// The pages that say what local IT and registration authorities do so that people can log in.
const (
	PackForIT          = "/packs/local-it"
	PackForAuthorities = "/packs/registration-authorities"
)
