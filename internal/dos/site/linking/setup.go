package linking

import (
	"net/http"

	ceremony "signpost/internal/dos/linking"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// setUpForm sends the first administrator of a directory to CIS2, to link the account that was made for them.
var setUpForm = form.Form{Path: ceremony.SetUpPath + "{account}/{secret}"}

// mountSetUp adds the page that a set-up link leads to.
func (l *Linking) mountSetUp(s *web.Site) {
	s.Handle("GET "+setUpForm.Path, l.frame.MaybeSignedIn(), l.setUp)
	l.frame.HandleForm(s, setUpForm, l.frame.MaybeSignedIn(), l.beginSetUp)
}

func (l *Linking) setUp(w http.ResponseWriter, r *http.Request) error {
	a, err := l.linker.SetUp(r.Context(), r.PathValue("account"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	v := setUpView{Page: l.frame.Page(w, r, "Set up the Directory of Services"), Form: setUpForm.New(r),
		Name: a.Name(), Email: a.Email}
	return web.Show(w, r, http.StatusOK, setUpPage(v))
}

func (l *Linking) beginSetUp(w http.ResponseWriter, r *http.Request) error {
	claim, err := l.linker.ClaimBySetUp(r.Context(), web.Actor(r), r.PathValue("account"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	return l.frame.Start(w, r, claim.Ask())
}
