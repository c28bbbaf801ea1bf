package entry

import (
	"errors"
	"net/http"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// relinkCode asks somebody whose Care Identity no account is linked to for the code that an administrator handed over.
func (e *Entry) relinkCode(w http.ResponseWriter, r *http.Request) error {
	_, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if errors.Is(err, portal.ErrNotStarted) {
		return web.SeeOther(w, r, "/", "")
	}
	if err != nil {
		return err
	}
	return e.askRelinkCode(w, r, http.StatusOK, relinkCodeForm.New(r))
}

func (e *Entry) askRelinkCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := relinkCodeView{Page: e.frame.Page(w, r, "Link with a code from your administrator"), Form: typed}
	v.Page.BackHref = "/sign-in/no-account"
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, relinkCodePage(v))
}

// claimByRelinkCode takes the code, and sends whoever typed it to prove themselves.
func (e *Entry) claimByRelinkCode(w http.ResponseWriter, r *http.Request) error {
	arrived, err := e.linker.FindArrival(r.Context(), web.Cookie(r, arrivalCookie))
	if err != nil {
		return err
	}
	typed := relinkCodeForm.Read(r)
	if !typed.Complete() {
		return e.askRelinkCode(w, r, http.StatusUnprocessableEntity, typed)
	}
	username := typed.Value("username")
	claimed, err := e.linker.ClaimByRelinkCode(r.Context(), web.Actor(r), arrived, username, typed.Value("code"))
	if reason, refused := linking.RefusalOf(err); refused {
		return frame.SeeLinkRefused(w, r, reason)
	}
	if errors.Is(err, fault.Unauthenticated) || errors.Is(err, fault.TooMany) {
		said, _ := fault.From(err)
		typed.Add(form.Problem{Field: "username", Summary: typed.Say(said)})
		typed.Add(form.Problem{Field: "code"})
		return e.askRelinkCode(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return e.frame.Start(w, r, claimed.Ask())
}
