package linking

import (
	"net/http"

	"signpost/internal/dos/account"
	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// namesForm says that an account and a Care Identity of different names are both the person's.
var namesForm = form.Form{Path: "/link/names"}

// anotherForm goes back to CIS2 for another Care Identity.
var anotherForm = form.Form{Path: "/link/another", At: "/link/names"}

// names shows both names, where they differ, before anything is linked.
func (l *Linking) names(w http.ResponseWriter, r *http.Request) error {
	c, err := l.linker.FindCeremony(r.Context(), web.Cookie(r, frame.CeremonyCookie))
	if err != nil {
		return problem(w, r, err)
	}
	if !c.NamesAsked() {
		return web.SeeOther(w, r, confirmForm.Path, "")
	}
	a, err := db.Read(r.Context(), l.linker.DB, func(read db.R) (account.Account, error) {
		return account.ByID(r.Context(), read, c.AccountID)
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, namesPage(namesView{
		Page:         l.frame.Page(w, r, "Is this your Care Identity?"),
		Username:     a.Username,
		Account:      a.Name(),
		CareIdentity: c.Name,
		Digits:       ceremony.LastDigits(c.Subject),
		Another:      anotherForm.New(r),
		Accept:       namesForm.New(r),
		Cancel:       l.frame.Cancel(r),
	}))
}

func (l *Linking) acceptNames(w http.ResponseWriter, r *http.Request) error {
	err := l.linker.AcceptNames(r.Context(), web.Actor(r), web.Cookie(r, frame.CeremonyCookie))
	if err != nil {
		return problem(w, r, err)
	}
	return web.SeeOther(w, r, confirmForm.Path, "")
}

// another sends the browser to CIS2 again, for the same account.
func (l *Linking) another(w http.ResponseWriter, r *http.Request) error {
	claim, err := l.linker.Abandon(r.Context(), web.Actor(r), web.Cookie(r, frame.CeremonyCookie))
	if err != nil {
		return problem(w, r, err)
	}
	web.ClearCookie(w, frame.CeremonyCookie)
	return l.frame.Start(w, r, claim.Ask())
}
