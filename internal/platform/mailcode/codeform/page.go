package codeform

import (
	"errors"
	"net/http"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Page is the page on which a code is typed that was mailed. It answers the form of that page: with the page again if
// something is wrong with what was typed, or if another code was asked for.
type Page struct {
	Form form.Form

	// Show writes the page, with the form as it was sent.
	Show func(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error

	SendAgain func(r *http.Request) error
	Use       func(r *http.Request, code string) error
	Done      web.Handler // after the code was used, and after a second click on its button

	// Fail answers what is wrong about something else than the code. Without it that is an error of the request.
	Fail func(w http.ResponseWriter, r *http.Request, problem error) error
}

// Ask shows the page with an empty form.
func (p Page) Ask(w http.ResponseWriter, r *http.Request) error {
	return p.Show(w, r, http.StatusOK, p.Form.New(r))
}

// Answer uses the code that was typed, or sends another one.
func (p Page) Answer(w http.ResponseWriter, r *http.Request) error {
	typed := p.Form.Read(r)
	if Wanted(typed) {
		return p.sendAgain(w, r, typed)
	}
	err := p.Use(r, typed.Value("code"))
	if errors.Is(err, mailcode.ErrRepeated) {
		err = nil // the first click did it
	}
	if typed.Refuse(err) {
		return p.Show(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return p.fail(w, r, err)
	}
	return p.Done(w, r)
}

// sendAgain sends another code, or says on the page why not.
func (p Page) sendAgain(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	err := p.SendAgain(r)
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
	}
	if typed.HasProblems() || typed.Refuse(err) {
		return p.Show(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return p.fail(w, r, err)
	}
	return web.SeeOther(w, r, p.Form.Path, Text)
}

func (p Page) fail(w http.ResponseWriter, r *http.Request, problem error) error {
	if p.Fail == nil {
		return problem
	}
	return p.Fail(w, r, problem)
}

// SeeNone leads to where a code is asked for, from a page on which none is awaited, and says so to whoever typed one.
func SeeNone(w http.ResponseWriter, r *http.Request, typed *form.Rendered, to string) error {
	if typed.HasProblems() {
		return web.SeeOther(w, r, to, "No code is waiting here. Save the address again to be sent one.")
	}
	return web.SeeOther(w, r, to, "")
}
