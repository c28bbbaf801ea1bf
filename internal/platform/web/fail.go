package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
)

// Failure holds what an error page shows. It holds our own words only, never an error's text.
type Failure struct {
	Status    int
	Title     string
	Message   string
	Cure      string
	Page      string // path of the page of the form that failed, where that may help; else empty
	Reference string // what to quote to the service desk; it finds the log line

	SendsAgain bool // loading the page again sends what was entered once more, which is then right

	Fault *fault.Fault // what went wrong, for pages that speak other languages; nil where nobody foresaw it
}

// code is the kind of failure; empty where nobody foresaw it.
func (f Failure) code() fault.Code {
	if f.Fault == nil {
		return ""
	}
	return f.Fault.Code
}

// words are said where a fault brings none of its own.
var words = map[fault.Code]Failure{
	fault.Invalid: {
		Title: "There is a problem with what was sent", Message: "Something in the request could not be read.",
	},
	fault.Unauthenticated: {Title: "You need to log in", Message: "You are not logged in, or you were logged out."},
	fault.Forbidden:       {Title: "You cannot do this", Message: "Your account does not have permission for this."},
	fault.NotFound: {
		Title: "Page not found", Message: "There is nothing at this address.",
		Cure: "If you typed the web address, check it is correct.",
	},
	fault.Method: {
		Title: "This address cannot be used in this way", Message: "There is another way to use this address.",
		Cure: "Go back to the page before, and try again from there.",
	},
	fault.Conflict: {
		Title: "Something has changed", Message: "What you did conflicts with a change made in the meantime.",
		Cure: "Go back, check the details and try again if you still need to.",
	},
	fault.Expired: {
		Title: "This has expired", Message: "It took too long, or it has been used already.", Cure: "Start again.",
	},
	fault.TooMany: {
		Title: "Too many attempts", Message: "Too many requests came in a short time.",
		Cure: "Wait a few minutes, then try again.",
	},
	fault.Unavailable: {
		Title: "The service is not available", Message: "Something this page depends on is not responding.",
		Cure: "Try again in a few minutes.",
	},
	fault.Busy: {
		Title:   "The service is busy",
		Message: "Too many people are using the service at the moment. Nothing you entered was changed.",
		Cure:    "Wait 10 seconds, then try again.",
	},
	fault.Unknown: {
		Title:   "We cannot tell whether it was saved",
		Message: "The connection to our records was lost while this was being saved.",
		Cure:    "Look whether it was saved before you do it again.",
	},
}

// errPartSaved is said where something went wrong after something else was saved.
var errPartSaved = fault.Keyed("part-saved", fault.SayCure(fault.Unknown,
	"Something went wrong after a part of it was saved.", "Look at what was saved before you do it again."))

var unexpected = Failure{
	Status: http.StatusInternalServerError, Title: "Sorry, there is a problem with the service",
	Message: "Nothing you entered was changed or lost on our side.",
	Cure:    "Try again later. If it happens again, tell the service desk and quote the reference.",
}

// failureOf says what a person is shown of an error.
func failureOf(err error) Failure {
	f, known := fault.From(err)
	if !known {
		return unexpected
	}
	shown := words[f.Code]
	shown.Status = f.Code.Status()
	shown.Fault = f
	if f.Message != "" {
		shown.Message = f.Message
		shown.Cure = f.Cure
	}
	if errors.Is(err, connections.ErrSlow) {
		shown.Status = http.StatusRequestTimeout
	}
	return shown
}

// fail shows an error, or follows it where it is a Redirect. It is the only place that does.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	var to Redirect
	if errors.As(err, &to) {
		http.Redirect(w, r, to.To, http.StatusSeeOther)
		return
	}
	n := note(r.Context())
	n.err = err
	if hungUp(r, err) {
		w.WriteHeader(statusHungUp)
		return
	}
	shown := s.failureOf(r, err)
	if shown.Status == http.StatusServiceUnavailable {
		comeLater(w)
	}
	shown.Reference = n.id
	if !n.program {
		shown.Reference = Quote(r.Context(), shown.code())
	}
	if s.noteUnsure(w, r, shown) {
		shown.Cure = "Load this page again: if it was saved, we say so, and nothing is done twice."
	}
	s.o.Metrics.failed(s.o.Name, err)
	if out, is := w.(*recorder); is && out.begun {
		return // half an answer went out already; the log line tells
	}
	if n.program {
		_ = JSON(w, shown.Status, shown.forProgram()) // texts can always be encoded
		return
	}
	if s.isApart(r, err, shown) && s.showApart(w, r, shown) {
		return
	}
	shown.SendsAgain = s.pages[n.pattern] != "" && shown.Status == http.StatusServiceUnavailable
	if err := Show(w, r, shown.Status, s.o.ErrorPage(r, shown)); err != nil {
		n.err = errors.Join(n.err, err)
		http.Error(w, shown.Title, shown.Status)
	}
}

// failureOf says what a person is shown of an error of their request. What went wrong after something was saved does
// not say that nothing was changed.
func (s *Site) failureOf(r *http.Request, err error) Failure {
	shown := failureOf(err)
	trouble := shown.Fault == nil || shown.Fault.Code == fault.Unavailable || shown.Fault.Code == fault.Busy
	if trouble && saved.Anything(r.Context()) {
		part := failureOf(errPartSaved)
		part.Status = shown.Status
		shown = part
	}
	pattern := note(r.Context()).pattern
	if page := s.pages[pattern]; page != "" && shown.Fault != nil && slices.Contains(worthOpening, shown.Fault.Code) {
		shown.Page = pageAt(pattern, page, r.URL.EscapedPath())
	}
	return shown
}

// worthOpening are the failures of a form after which its page helps: it shows what is there now, and can be filled in
// once more.
var worthOpening = []fault.Code{fault.Unknown, fault.Conflict, fault.Invalid}

// retryAfter is after how many seconds whoever met something that does not answer may ask again.
const retryAfter = "10"

// comeLater says after how long to ask again, where nobody said it yet.
func comeLater(w http.ResponseWriter) {
	if w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", retryAfter)
	}
}

// statusHungUp stands in the log for a request whose browser went away before its answer. Nobody is sent it.
const statusHungUp = 499

// hungUp reports whether an error is only that the browser went away.
func hungUp(r *http.Request, err error) bool {
	return r.Context().Err() != nil && errors.Is(err, context.Canceled)
}

// temporary are the codes of what is over soon.
var temporary = []fault.Code{fault.TooMany, fault.Unavailable, fault.Busy}

// forProgram gives the answer to a program: the members that OAuth 2.0 has for errors (RFC 6749 §5.2), and the
// reference.
func (f Failure) forProgram() map[string]string {
	code := "invalid_request"
	switch {
	case f.Fault != nil && slices.Contains(temporary, f.Fault.Code):
		code = "temporarily_unavailable"
	case f.Status >= http.StatusInternalServerError:
		code = "server_error"
	}
	return map[string]string{"error": code, "error_description": f.Message, "reference": f.Reference}
}

// answerUnrouted answers a request that no route is for. The page that says so knows who opened it; whoever brings no
// cookie is not looked up.
func (s *Site) answerUnrouted(w http.ResponseWriter, r *http.Request) {
	err := caught(func() error {
		problem := s.unrouted(w, r)
		known := len(r.Cookies()) > 0
		if s.failures == nil || !known || !errors.Is(problem, fault.NotFound) || !Navigates(r) {
			return problem
		}
		identified, err := s.failures.Check(w, r)
		if err != nil {
			return err
		}
		r = identified
		return problem
	})
	s.fail(w, r, err)
}

// unrouted tells a wrong method from a wrong address, and names in Allow the methods that the address takes. Who opens
// the address of a form, by pressing Enter in the address bar, goes to the page that the form stands on.
func (s *Site) unrouted(w http.ResponseWriter, r *http.Request) error {
	patterns := s.patternsAt(r)
	if len(patterns) == 0 {
		return fault.NotFound
	}
	if posted := patterns[http.MethodPost]; s.pages[posted] != "" && isLook(r) {
		return Redirect{To: pageAt(posted, s.pages[posted], r.URL.EscapedPath())}
	}
	for _, method := range methods {
		if patterns[method] != "" {
			w.Header().Add("Allow", method)
		}
	}
	return errMethod
}

// methods are all that routes are for.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost}

// patternsAt gives the routes at the request's address, by method.
func (s *Site) patternsAt(r *http.Request) map[string]string {
	patterns := map[string]string{}
	for _, method := range methods {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "" {
			patterns[method] = pattern
		}
	}
	return patterns
}

// forPrograms reports whether programs call the request's address, whatever its method.
func (s *Site) forPrograms(r *http.Request, pattern string) bool {
	if pattern != "" {
		return s.calls[pattern]
	}
	for _, other := range s.patternsAt(r) {
		if s.calls[other] {
			return true
		}
	}
	return false
}

var errMethod = fault.Keyed("method", fault.Say(fault.Method, "This address cannot be used in this way."))
