package entry

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/belonging"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// mountChoices adds the pages that ask a visitor something before they come in.
func (e *Entry) mountChoices(s *web.Site) {
	f := e.frame
	s.Handle("GET "+roleForm.Path, f.MaybeSignedIn(), e.role)
	f.HandleForm(s, roleForm, f.MaybeSignedIn(), e.chooseRole)
	s.Handle("GET "+organisationForm.Path, f.MaybeSignedIn(), e.organisation)
	f.HandleForm(s, organisationForm, f.MaybeSignedIn(), e.sayOrganisation)
}

// wait keeps a visitor, and leads them to the page that asks them something.
func (e *Entry) wait(w http.ResponseWriter, r *http.Request, v signin.Visitor, to string) error {
	cookie, err := e.frame.Door.Wait(r.Context(), v)
	if err != nil {
		return err
	}
	web.SetCookie(w, visitorCookie, cookie, flowSeconds)
	return web.SeeOther(w, r, to, "")
}

// waits gives the visitor who waits on the browser. Whoever comes without one goes to the start page.
func (e *Entry) waits(r *http.Request) (signin.Waiting, error) {
	v, err := e.frame.Door.Waits(r.Context(), web.Cookie(r, visitorCookie))
	if errors.Is(err, portal.ErrNotStarted) && r.Method == http.MethodGet {
		return v, web.Redirect{To: "/"}
	}
	return v, err
}

func (e *Entry) role(w http.ResponseWriter, r *http.Request) error {
	return e.askRole(w, r, http.StatusOK, roleForm.New(r))
}

func (e *Entry) askRole(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v, err := e.waits(r)
	if err != nil {
		return err
	}
	if v.Outcome != signin.ChooseRole {
		return web.Redirect{To: "/"}
	}
	places, err := e.placesOf(r.Context(), v.Offered)
	if err != nil {
		return err
	}
	var items []nhsuk.RadioItem
	for _, role := range v.Offered {
		items = append(items, nhsuk.RadioItem{
			Value: role.PersonRoleID, Text: roleName(role), Hint: "At " + places[role.OrgCode],
		})
	}
	typed.Offer("role", items)
	shown := roleView{
		Page: e.frame.Page(w, r, "Choose the role in which you log in"), Form: typed, Name: v.Person.Name,
		Another: v.Person.SelectedRoleID != "",
	}
	shown.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, rolePage(shown))
}

// roleName gives the name of a role for people, as CIS2 has it or, without one, by its code.
func roleName(role cis2.NationalRole) string {
	if name := rbac.JobName(role.RoleName); name != "" {
		return name
	}
	return "Role " + role.RoleCode
}

func (e *Entry) placesOf(ctx context.Context, roles []cis2.NationalRole) (map[string]string, error) {
	var codes []string
	for _, role := range roles {
		codes = append(codes, role.OrgCode)
	}
	return db.Read(ctx, e.passwords.DB, func(read db.R) (map[string]string, error) {
		return directory.OrganisationTexts(ctx, read, codes)
	})
}

// chooseRole lets the visitor in, in the role that they chose.
func (e *Entry) chooseRole(w http.ResponseWriter, r *http.Request) error {
	typed := roleForm.Read(r)
	if !typed.Complete() {
		return e.askRole(w, r, http.StatusUnprocessableEntity, typed)
	}
	v, err := e.waits(r)
	if err != nil {
		return err
	}
	cookie := web.Cookie(r, visitorCookie)
	admit := func(ctx context.Context, u *db.W) (portal.Admission[signin.State], error) {
		return e.frame.Door.AdmitIn(ctx, u, cookie, typed.Value("role"))
	}
	return e.enter(w, r, v.Visitor, admit)
}

func (e *Entry) organisation(w http.ResponseWriter, r *http.Request) error {
	return e.askOrganisation(w, r, http.StatusOK, organisationForm.New(r))
}

func (e *Entry) askOrganisation(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v, err := e.waits(r)
	if err != nil {
		return err
	}
	if !v.Outcome.AsksOrganisation() {
		return web.Redirect{To: "/"}
	}
	places, err := e.placesOf(r.Context(), append(v.Offered, cis2.NationalRole{OrgCode: v.Account.Organisation}))
	if err != nil {
		return err
	}
	shown := organisationView{
		Form: typed, Username: v.Account.Username, Theirs: places[v.Account.Organisation],
		LogIn: frame.LogInForm.New(r), Reference: web.Reference(r.Context()),
	}
	if err := e.readClaim(r.Context(), v, &shown, places); err != nil {
		return err
	}
	var items []nhsuk.RadioItem
	offered := map[string]bool{}
	for _, role := range v.Offered {
		if !offered[role.OrgCode] {
			items = append(items, nhsuk.RadioItem{Value: role.OrgCode, Text: places[role.OrgCode]})
			offered[role.OrgCode] = true
		}
	}
	typed.Offer("organisation", items)
	shown.Another = shown.Asked == "" || len(items) > 1
	title := "We do not know your organisation"
	if shown.Theirs != "" {
		title = "Your position is at another organisation than your account"
	}
	if shown.Asked != "" {
		shown.Variant = "secondary"
		title = "Your organisation waits to be confirmed"
	}
	shown.Page = e.frame.Page(w, r, title)
	shown.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, organisationPage(shown))
}

// readClaim reads what the visitor has said already, and who decides about it.
func (e *Entry) readClaim(
	ctx context.Context, v signin.Waiting, shown *organisationView, places map[string]string,
) error {
	claim, err := db.Read(ctx, e.passwords.DB, func(read db.R) (belonging.Claim, error) {
		return belonging.Of(ctx, read, v.Account.ID)
	})
	if err != nil {
		return err
	}
	var codes []string
	for _, role := range v.Offered {
		codes = append(codes, role.OrgCode)
	}
	switch {
	case claim.Waits():
		codes = []string{claim.Organisation}
		shown.Asked = nameOf(places, claim.Organisation)
		shown.Since = when.DateTime(claim.Claimed)
	case claim.Organisation != "":
		shown.Refused = nameOf(places, claim.Organisation)
	}
	deciders, err := db.Read(ctx, e.passwords.DB, func(read db.R) ([]account.Account, error) {
		return belonging.Deciders(ctx, read, v.Account, codes...)
	})
	shown.Deciders = frame.HelpersOf(deciders)
	return err
}

func nameOf(places map[string]string, code string) string {
	if name := places[code]; name != "" {
		return name
	}
	return code
}

// sayOrganisation takes where the visitor belongs, which an administrator confirms.
func (e *Entry) sayOrganisation(w http.ResponseWriter, r *http.Request) error {
	typed := organisationForm.Read(r)
	if !typed.Complete() {
		return e.askOrganisation(w, r, http.StatusUnprocessableEntity, typed)
	}
	cookie := web.Cookie(r, visitorCookie)
	err := e.frame.Belonging.Say(r.Context(), web.Actor(r), cookie, typed.Value("organisation"))
	if typed.Refuse(err) {
		return e.askOrganisation(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	v, err := e.waits(r)
	if err != nil {
		return err
	}
	if !v.Outcome.AsksOrganisation() {
		return web.SeeOther(w, r, "/", "Your organisation has been saved. Log in again.")
	}
	return web.SeeOther(w, r, organisationForm.Path, "")
}
