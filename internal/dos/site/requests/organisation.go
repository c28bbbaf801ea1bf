package requests

import (
	"net/http"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// knowsPlace asks once whoever approves a group for the services of an organisation that nobody knows here: whoever
// gets the code one day would have them as an editor.
func (p *Pages) knowsPlace(r *http.Request, typed *form.Rendered) (bool, error) {
	scope := scopeOf(typed)
	if scope.Kind != account.KindOwnOrganisation || len(account.Group(typed.Value("group")).Permissions()) == 0 {
		return true, nil
	}
	found, err := db.Read(r.Context(), p.requests.DB, func(read db.R) (asking.Found, error) {
		return asking.Find(r.Context(), read, reach(r), r.PathValue("id"))
	})
	if err == nil {
		err = p.frame.AskAbout(r, typed, found.Organisation)
	}
	return !typed.HasProblem(frame.UnknownCode), err
}

// place puts the right ODS code into a request.
func (p *Pages) place(w http.ResponseWriter, r *http.Request) error {
	f := newForms(r)
	f.organisation = organisationForm.Read(r)
	complete := f.organisation.Complete()
	if complete {
		if err := p.frame.AskUnknownCode(r, f.organisation); err != nil {
			return err
		}
		complete = !f.organisation.HasProblems()
	}
	var err error
	if complete {
		err = p.requests.Place(r.Context(), web.Actor(r), r.PathValue("id"), f.organisation.Value("organisation"))
	}
	if !complete || f.organisation.Refuse(err) {
		return p.showRequest(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.RequestsPage,
		"The request has another ODS code now. Look at it again to decide it.")
}
