package portal

import (
	"net/http"

	"signpost/internal/platform/web"
)

// interruption says what happened to somebody who asked for something, or sent it, while they were not logged in.
type interruption struct {
	LoggedOut bool `json:"loggedOut"` // they had been logged in on the browser
	FormHeld  bool `json:"formHeld"`  // what they sent is held for them
	GoesOn    bool `json:"goesOn"`    // they go on to the page that they asked for when they log in
}

const interruptionNote = "interruption"

// interrupt answers somebody who is not logged in: it holds their form or remembers their page, and the start page
// says so, once.
func (p *Portal[S, P]) interrupt(w http.ResponseWriter, r *http.Request) error {
	formHeld, err := p.Held.Hold(w, r)
	if err != nil {
		return err
	}
	what := interruption{LoggedOut: p.Cookie(r) != "", FormHeld: formHeld, GoesOn: p.remember(w, r)}
	if r.Method == http.MethodPost || web.Navigates(r) {
		if err := web.LeaveNote(w, r, interruptionNote, what); err != nil {
			return err
		}
	}
	return web.Redirect{To: "/"}
}

// Interruption gives what the start page says to somebody who has just been sent there because they were not logged
// in, once; to all others nothing.
func (p *Portal[S, P]) Interruption(w http.ResponseWriter, r *http.Request) string {
	var what interruption
	if !web.TakeNote(w, r, interruptionNote, &what) {
		return ""
	}
	return what.words()
}

const (
	reasons = "You were logged out, because the page was not used for 15 minutes or because your session was ended " +
		"elsewhere. "
	formIsHeld = "What you typed is kept for an hour. Log in again to send it."
	goesOn     = "Log in to go on to the page that you asked for."
	notIn      = "You are not logged in."
)

func (i interruption) words() string {
	switch {
	case i.FormHeld && i.LoggedOut:
		return reasons + formIsHeld
	case i.FormHeld:
		return "You are not logged in any more. " + formIsHeld
	case i.LoggedOut && i.GoesOn:
		return reasons + goesOn
	case i.LoggedOut:
		return reasons + "Nothing was changed."
	case i.GoesOn:
		return goesOn
	}
	return notIn
}
