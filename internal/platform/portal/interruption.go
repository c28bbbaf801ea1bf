package portal

import (
	"errors"
	"net/http"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// Endings tell people of sessions that were ended before their time, by the reason.
type Endings map[session.Reason]Ending

// Ending says why a session was ended, after "You were logged out,", and what to do if logging in again does not help;
// empty where it does.
type Ending struct{ Why, Cure string }

// EndedAtCIS2 is the reason of sessions that ended at CIS2, which does not tell why.
const EndedAtCIS2 session.Reason = "cis2"

// endings are those that every site has.
var endings = Endings{
	session.NotKnown: {Why: "because the page was not used for 15 minutes, or 12 hours had passed since you logged in"},
	session.Unused:   {Why: "because the page was not used for 15 minutes"},
	session.TooOld:   {Why: "because 12 hours had passed since you logged in"},
	session.Surplus: {
		Why: "because you logged in on more than 20 browsers, and the session that began first makes room",
	},
	session.Over: {
		Why: "because your Care Identity has to be asked for again after an hour",
	},
	EndedAtCIS2: {
		Why: "because you are no longer logged in with your Care Identity",
		Cure: "If you logged out of it yourself, here or in another service, all is well. If you did not, somebody " +
			"else may have used this browser, the service desk may have ended the session, or your Care Identity, a " +
			"role or an authenticator was suspended or removed: if you cannot log in, contact your registration " +
			"authority.",
	},
}

// interruption says what happened to somebody who asked for something, or sent it, while they were not logged in.
type interruption struct {
	LoggedOut string `json:"loggedOut,omitempty"` // why, if they had been logged in on the browser
	Cure      string `json:"cure,omitempty"`      // what to do about that
	Barred    bool   `json:"barred,omitempty"`    // logging in as before does not help
	Sent      bool   `json:"sent,omitempty"`      // they sent a form
	FormHeld  bool   `json:"formHeld,omitempty"`  // what they sent is held for them
	GoesOn    bool   `json:"goesOn,omitempty"`    // they go on to the page that they asked for when they log in
	ComesBack bool   `json:"comesBack,omitempty"` // they come back to the page of the form that they sent
}

const interruptionNote = "interruption"

// interrupt answers somebody who is not logged in: it holds their form or remembers their page, and the start page
// says so, once.
func (p *Portal[S, P]) interrupt(w http.ResponseWriter, r *http.Request) error {
	formHeld, err := p.Held.Hold(w, r, held.LoggedOut)
	if err != nil {
		return err
	}
	what, err := p.loggedOut(r)
	if err != nil {
		return err
	}
	what.Sent = r.Method == http.MethodPost
	what.FormHeld = formHeld
	what.GoesOn = p.remember(w, r)
	if !formHeld && what.LoggedOut != "" {
		what.ComesBack = p.rememberPage(w, r, p.Held.PageOf(r))
	}
	if r.Method == http.MethodPost || web.Navigates(r) {
		if err := web.LeaveNote(w, r, interruptionNote, what); err != nil {
			return err
		}
	}
	return web.Redirect{To: "/"}
}

// loggedOut says why the session that a browser had is over; nothing where it had none, or only a cookie that was never
// given here.
func (p *Portal[S, P]) loggedOut(r *http.Request) (what interruption, err error) {
	if p.Cookie(r) == "" {
		return what, nil
	}
	_, err = p.find(r)
	if !errors.Is(err, fault.Unauthenticated) {
		return what, err
	}
	if said, _ := fault.From(err); said.Message != "" {
		return interruption{LoggedOut: said.Message, Cure: said.Cure, Barred: true}, nil
	}
	reason, err := db.Glance(r.Context(), p.DB, func(read db.R) (session.Reason, error) {
		return p.Sessions.Ending(r.Context(), read, p.Cookie(r))
	})
	if err != nil || reason == session.NotKnown && !web.GivenSession(r, p.Name) {
		return what, err
	}
	ending, own := p.Endings[reason]
	if !own {
		ending = endings[reason]
	}
	return interruption{LoggedOut: "You were logged out, " + ending.Why + ".", Cure: ending.Cure}, nil
}

// Interruption gives what the start page says to somebody who has just been sent there because they were not logged
// in, or whose session has ended since they were here, once; to all others nothing.
func (p *Portal[S, P]) Interruption(w http.ResponseWriter, r *http.Request) (string, error) {
	if currentOf[S, P](r) != nil || r.Method != http.MethodGet {
		return "", nil
	}
	var what interruption
	if web.TakeNote(w, r, interruptionNote, &what) {
		web.ClearSession(w, p.Name)
		return what.words(), nil
	}
	what, err := p.loggedOut(r)
	if err != nil || what.LoggedOut == "" {
		return "", err
	}
	web.ClearSession(w, p.Name)
	return what.words(), nil
}

const (
	keptForNow = "What you typed is kept for an hour, and you can send it once you are logged in again."
	formIsHeld = "What you typed is kept for an hour. Log in again to send it."
	goesOn     = "Log in to go on to the page that you asked for."
	comesBack  = "Nothing was changed. Log in to come back to the page, and choose again."
	notIn      = "You are not logged in."
)

func (i interruption) words() string {
	said := []string{i.LoggedOut, i.next(), i.Cure}
	return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
}

// next says what comes next, unless logging in as before does not help.
func (i interruption) next() string {
	switch {
	case i.Barred && i.FormHeld:
		return keptForNow
	case i.Barred && i.Sent:
		return "Nothing was changed."
	case i.Barred:
		return ""
	case i.FormHeld && i.LoggedOut == "":
		return "You are not logged in any more. " + formIsHeld
	case i.FormHeld:
		return formIsHeld
	case i.GoesOn:
		return goesOn
	case i.ComesBack:
		return comesBack
	case i.LoggedOut != "":
		return "Nothing was changed."
	}
	return notIn
}
