package connections

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// fill sets a client's settings from a form.
func fill(c *client.Client, f *form.Rendered) {
	for _, s := range sections {
		for _, one := range s.settings {
			c.Fill(f.Values, one.name)
		}
	}
}

// defaults gives the settings with which the form of a new client begins.
func defaults() client.Client {
	return client.Client{
		AuthMethod:       client.PrivateKeyJWT,
		Algorithm:        "RS512",
		IDTokenAlgorithm: "RS256",
		Scopes:           []string{"openid", "profile"},
		RequirePKCE:      true,
	}
}

func (c *Connections) askNew(w http.ResponseWriter, r *http.Request) error {
	begun := registerForm.New(r).Set("sector", string(client.Supplier))
	return c.showNew(w, r, http.StatusOK, filled(begun, defaults(), nil))
}

func (c *Connections) showNew(w http.ResponseWriter, r *http.Request, status int, f *form.Rendered) error {
	type owner struct {
		team     team.Team
		operator bool
	}
	by, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (by owner, err error) {
		by.operator, err = team.Has(r.Context(), read, team.Operators, frame.User(r).Identity.UUID)
		if err != nil {
			return by, err
		}
		by.team, err = ownTeam(r.Context(), read, frame.User(r), r.PathValue("team"))
		return by, err
	})
	if err != nil {
		return err
	}
	t := by.team
	v := formView{Form: f.About(t.Name), Button: registerForm.Act, Lead: leadRegister}
	if by.operator {
		v.First = "sector"
	}
	v.Page.Breadcrumb = breadcrumb(nhsuk.BreadcrumbItem{Text: t.Name, Href: teamPath(t.ID)})
	return c.showForm(w, r, status, registerForm.Page, v)
}

func (c *Connections) showForm(w http.ResponseWriter, r *http.Request, status int, title string, v formView) error {
	crumbs := v.Page.Breadcrumb
	v.Page = c.frame.Page(w, r, title)
	v.Page.Breadcrumb = crumbs
	v.Page.Error = v.Form.HasProblems()
	return web.Show(w, r, status, formPage(v))
}

func (c *Connections) register(w http.ResponseWriter, r *http.Request) error {
	var one client.Client
	f := registerForm.Read(r)
	fill(&one, f)
	sector := client.Sector(f.Value("sector"))
	id, secret, err := c.registry.Create(r.Context(), web.Actor(r), r.PathValue("team"), sector, one)
	var problems client.Problems
	if errors.As(err, &problems) {
		return c.showNew(w, r, http.StatusUnprocessableEntity, filled(f, one, problems))
	}
	if err != nil {
		return err
	}
	if err := leaveSecret(w, r, id, secret); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), c.registeredText(r.Context(), one))
}

func (c *Connections) askChange(w http.ResponseWriter, r *http.Request) error {
	one, err := c.editable(r)
	if err != nil {
		return err
	}
	if f := changeForm.New(r); f.LeadsTo(clashID) {
		typed := one
		fill(&typed, f)
		return c.clash(w, r, typed, one)
	}
	return c.showChange(w, r, http.StatusOK, one, nil, nil)
}

// clashID leads to what is different from what somebody else saved.
const clashID = "#clash"

// editable reads the client of a page, if the person may change it.
func (c *Connections) editable(r *http.Request) (client.Client, error) {
	return db.Read(r.Context(), c.frame.DB, func(read db.R) (client.Client, error) {
		one, may, err := readClient(r.Context(), read, frame.User(r), r.PathValue("client"))
		if err == nil && (!may.edit || one.Closed) {
			err = fault.NotFound
		}
		return one.Wanted(), err
	})
}

func (c *Connections) showChange(
	w http.ResponseWriter,
	r *http.Request,
	status int,
	one client.Client,
	problems client.Problems,
	clash *clashView,
) error {
	f := changeForm.New(r).Set("version", strconv.FormatInt(one.Version, 10))
	// The breadcrumb names the client by its saved name, not by the name that was typed.
	saved, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (client.Client, error) {
		return client.ByID(r.Context(), read, one.ID)
	})
	if err != nil {
		return err
	}
	shown := filled(f, one, problems).About(saved.Name)
	if clash != nil && !shown.LeadsTo(clashID) {
		shown.Add(form.Problem{Text: "Somebody else changed this client: your changes were not saved", Href: clashID})
	}
	v := formView{Form: shown, First: "version", Clash: clash, Button: changeForm.Act}
	if !saved.OnTrial() {
		v.Lead = leadChange
	}
	v.Page.Breadcrumb = breadcrumb(nhsuk.BreadcrumbItem{Text: saved.Name, Href: clientPath(one.ID)})
	return c.showForm(w, r, status, changeForm.Page, v)
}

func (c *Connections) change(w http.ResponseWriter, r *http.Request) error {
	one, err := c.editable(r)
	if err != nil {
		return err
	}
	before := one
	f := changeForm.Read(r)
	fill(&one, f)
	if client.Sensitive(before, one) && !c.frame.Fresh(r) {
		return c.frame.ProveFirst(w, r, changeForm.StandsAt(r))
	}
	if one.Version, err = strconv.ParseInt(f.Value("version"), 10, 64); err != nil {
		return fault.Invalid
	}
	secret, err := c.registry.Change(r.Context(), web.Actor(r), one)
	var problems client.Problems
	var changed *client.Changed
	switch {
	case errors.As(err, &problems):
		return c.showChange(w, r, http.StatusUnprocessableEntity, one, problems, nil)
	case errors.As(err, &changed):
		return c.clash(w, r, one, changed.Now.Wanted())
	case err != nil:
		return err
	}
	if err := leaveSecret(w, r, one.ID, secret); err != nil {
		return err
	}
	saved, err := c.savedText(r, one.ID)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(one.ID), saved+c.keySetText(r.Context(), before, one))
}

// clash shows the form again if somebody else has changed the client in the meantime. It keeps what was typed, so that
// people can save once more on purpose.
func (c *Connections) clash(w http.ResponseWriter, r *http.Request, typed, now client.Client) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (clashView, error) {
		return lastChange(r.Context(), read, now.ID)
	})
	if err != nil {
		return err
	}
	names := labels()
	saved := now.Values()
	entered := typed.Values()
	for _, name := range client.Difference(now, typed) {
		v.Rows = append(v.Rows, nhsuk.Cells(names[name], valueText(saved[name]), valueText(entered[name])))
	}
	typed.Version = now.Version
	return c.showChange(w, r, http.StatusConflict, typed, nil, &v)
}

// lastChange says who made the last change, and when.
func lastChange(ctx context.Context, r db.R, id string) (clashView, error) {
	v := clashView{By: "Somebody"}
	list, err := audit.Of(ctx, r, client.Ref(id), 1, kinds("client.")...)
	for _, e := range list {
		v.By = actorName(e)
		v.At = ", on " + when.DateTime(e.At) + ","
	}
	return v, err
}

// valueText gives a setting's value as a table shows it.
func valueText(value string) string {
	if value == "" {
		return "Nothing"
	}
	return strings.ReplaceAll(value, "\n", ", ")
}
