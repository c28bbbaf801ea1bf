package entry

import (
	"net/http"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// notice holds the texts of a page.
type notice struct {
	title      string
	paragraphs []string
	places     []path.Place // the places to link to
	logIn      bool         // whether to offer to log in again
	request    string       // what to ask the registration authority for; empty if it cannot help

	administrators bool // whether to name those who look after the account

	instead string // what to do if they cannot log in with their Care Identity now; it stands below the button
}

const askPosition = "Please give me the position ‘Directory of Services System’, with role R8008 (Admin/Clinical " +
	"Support Access Role) and activity B0166 (Directory of Service UI Access)."

const checkIdentity = "Please check my identity documents: the Directory of Services needs identity level 3."

var outcomes = map[signin.Outcome]notice{
	signin.AccountInactive: {
		title: "Your Directory of Services account is not active",
		paragraphs: []string{
			"Your Care Identity is in order, but the account it is linked to was deactivated.",
			"Contact your DoS user administrator if you still need access, or raise a ticket with the service desk, " +
				"starting \"MFA-DoS - \".",
		},
		places:         []path.Place{path.PlaceTicket},
		administrators: true,
	},
	signin.Reactivated: {
		title: "An administrator has to approve the link of your account again",
		paragraphs: []string{
			"Your Care Identity was suspended or closed after it was linked to your account, and is active again. " +
				"Until somebody has looked at that, it does not open the account.",
			"The administrators are told by email, and so are you when they have decided. Then log in again.",
		},
		administrators: true,
	},
	signin.NoPosition: {
		title: "Your Care Identity does not have the position for the Directory of Services",
		paragraphs: []string{
			"Your account and your Care Identity are linked. What is missing is a position at your organisation.",
			"Ask your registration authority for the position ‘Directory of Services System’, with role R8008 " +
				"(Admin/Clinical Support Access Role) and activity B0166 (Directory of Service UI Access). When you " +
				"have it, log in again.",
		},
		places:  []path.Place{path.PlaceFindRA},
		logIn:   true,
		request: askPosition,
	},
	signin.IdentityLow: {
		title: "Your identity has not been checked to the level this service needs",
		paragraphs: []string{
			"The Directory of Services needs identity level 3. Ask your registration authority to check your " +
				"identity documents.",
		},
		places:  []path.Place{path.PlaceFindRA},
		request: checkIdentity,
	},
}

// refusals holds the notice for each reason why an account and a Care Identity are not linked.
var refusals = map[linking.Refusal]notice{
	linking.TooEarly: {
		title: "Linking has not opened for your account yet",
		paragraphs: []string{
			"Nothing was changed. Keep logging in with your username and password for now.",
			"Your checklist says what you can prepare, and when linking opens if the day is set.",
		},
		administrators: true,
	},
	linking.AlreadyLinked: {
		title: "This account or this Care Identity is linked already",
		paragraphs: []string{
			"One account goes with one Care Identity. Nothing was changed.",
			"If you have 2 accounts, log out, log in with your Care Identity to use the one that is linked, and " +
				"tell your DoS user administrator about the other.",
			"If you linked nothing yourself, raise a ticket with the service desk at once, starting \"MFA-DoS - \".",
		},
		places:         []path.Place{path.PlaceTicket},
		logIn:          true,
		administrators: true,
	},
	linking.TeamMailbox: {
		title: "A team’s email address cannot prove who you are",
		paragraphs: []string{
			"The email address of this account is one that several people can read, or was until less than 3 days " +
				"ago. Nothing was changed.",
			"Change it to your own work email address on your account page. You can link 3 days after that change.",
			"If several people use the account itself, request an account of your own instead.",
		},
		places:         []path.Place{path.PlaceAccountEmail, path.PlaceRequestAccount},
		administrators: true,
	},
	linking.ResetPassword: {
		title: "You need a code from your administrator to link this account",
		paragraphs: []string{
			"Its password was set by a code in an email, so it does not show that the account is yours. Nothing was " +
				"changed.",
			"Ask your DoS user administrator for a code to link it. Then log in with your Care Identity, and choose " +
				"“I have a code from my administrator”.",
		},
		logIn:          true,
		administrators: true,
	},
	linking.HeldBack: {
		title: "An administrator has to look at this link first",
		paragraphs: []string{
			"Nothing was linked. We send an email when they have decided.",
		},
		administrators: true,
	},
	linking.NoPosition: {
		title: "Your Care Identity does not open the Directory of Services yet",
		paragraphs: []string{
			"It does not have the position “Directory of Services System” (R8008 with B0166). Nothing was changed.",
			"Ask your registration authority for the position. Then open your set-up link again: it works until it " +
				"is used, or is 7 days old.",
		},
		places:  []path.Place{path.PlaceFindRA},
		request: askPosition,
	},
	linking.PositionFirst: {
		title: "Keep your password until you have the position",
		paragraphs: []string{
			"Your Care Identity does not have the position “Directory of Services System” (R8008 with B0166) yet. If " +
				"you linked it now, you could not log in any more. Nothing was changed: your password still works.",
			"Ask your registration authority for the position. Until you have it, log in with your password, from " +
				"the first page. Then link your account.",
		},
		places:  []path.Place{path.PlaceFindRA},
		request: askPosition,
	},
	linking.IdentityWeak: {
		title: "Your identity has not been checked to the level this service needs",
		paragraphs: []string{
			"Nothing was changed. The Directory of Services needs identity level 3. Ask your registration authority " +
				"to check your identity documents.",
		},
		places:  []path.Place{path.PlaceFindRA},
		request: checkIdentity,
	},
	linking.Overtaken: {
		title: "The email address of this account was changed while you were linking it",
		paragraphs: []string{
			"Nothing was linked. If you made that change, start again.",
			"If you did not, raise a ticket with the service desk at once, starting \"MFA-DoS - \".",
		},
		places:         []path.Place{path.PlaceLink, path.PlaceTicket},
		administrators: true,
	},
	linking.IdentityEnded: {
		title: "Your Care Identity is not active any more",
		paragraphs: []string{
			"Nothing was linked. Your Care Identity was suspended or closed after you logged in with it.",
			"Ask your registration authority why. When it is active again, start again from your checklist.",
		},
		places:  []path.Place{path.PlaceFindRA},
		request: "Please tell me why my Care Identity is not active.",
	},
}

// refused shows the page for a link that is not allowed.
func (e *Entry) refused(w http.ResponseWriter, r *http.Request) error {
	n, known := refusals[linking.Refusal(r.PathValue("reason"))]
	if !known {
		return fault.NotFound
	}
	return e.notice(w, r, http.StatusOK, n)
}

func (e *Entry) notice(w http.ResponseWriter, r *http.Request, status int, n notice) error {
	return e.noticeFor(w, r, status, n, e.refusedPerson(w, r))
}

// noticeFor shows a notice to somebody who was refused; to nobody we know where they are not known.
func (e *Entry) noticeFor(w http.ResponseWriter, r *http.Request, status int, n notice, person refusedPerson) error {
	v := noticeView{
		Page: e.frame.Page(w, r, n.title), Paragraphs: n.paragraphs, Links: e.frame.Links(n.places...),
		Instead: n.instead, Reference: web.Reference(r.Context()),
	}
	if n.request != "" {
		v.Authority = e.authority(r, person, n.request)
	}
	if n.administrators {
		list, err := e.administratorsOf(r, person)
		if err != nil {
			return err
		}
		v.Administrators = list
		v.NoAdministrator = len(list) == 0
	}
	v.NoAuthority = v.Authority.Name == "" && n.request != ""
	if n.logIn && frame.User(r) == nil {
		v.Form = frame.LogInForm.New(r)
	}
	return web.Show(w, r, status, noticePage(v))
}

// candidateText says which account the email addresses propose; empty if they propose none.
func candidateText(c linking.Candidate) string {
	switch {
	case c.Username == "":
		return ""
	case c.ByAlias != "":
		return "The account " + c.Username + " has your name and your email address, but in the domain " + c.ByAlias +
			". Link it only if it is yours."
	}
	return "The account " + c.Username + " has the email address of your Care Identity. Link it only if it is yours."
}
