package app

import (
	"context"
	"net/http"

	"signpost/internal/careid/login/simulated"
	"signpost/internal/demo"
	"signpost/internal/demo/guide"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
)

// The addresses through which somebody of the guide is logged in at once, with a simulated authenticator. They change
// something though they are read: a demo lets people in without proof, and is on this machine only.
const (
	bePath    = "/demo/be/"    // at CIS2: chooses the persona, and goes on to a site
	startPath = "/demo/log-in" // at that site: begins the login
)

// logins are where somebody of the guide can be logged in at once.
func (d *Demo) logins(c demo.Cast) []guide.Login {
	be := d.system.Config.Addresses.CIS2 + bePath + c.UUID
	dos := guide.Login{Site: "the Directory of Services", Href: be + "/dos"}
	cim := guide.Login{Site: "Care Identity Management", Href: be + "/cim"}
	if c.Username == "" {
		return []guide.Login{cim, dos}
	}
	return []guide.Login{dos, cim}
}

func (d *Demo) mountLogins() {
	addresses := d.system.Config.Addresses
	sites := map[string]string{"dos": addresses.DoS, "cim": addresses.CIM}
	d.care.Login.Handle("GET "+bePath+"{uuid}/{site}", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		site, found := sites[r.PathValue("site")]
		if !found {
			return fault.NotFound
		}
		simulated.Next(w, r.PathValue("uuid"))
		http.Redirect(w, r, site+startPath, http.StatusSeeOther)
		return nil
	})
	d.mountStart(d.dos.Site, "dos", d.dos.DB, d.dos.cis2)
	d.mountStart(d.care.Console, "cim", d.care.DB, d.care.cis2)
}

// mountStart lets a site begin a login by a link. Whoever is logged in at CIS2 does not answer it.
func (d *Demo) mountStart(s *web.Site, name string, at *db.DB, cis2 *portal.CIS2) {
	p := portal.New(portal.Options[struct{}, struct{}]{Name: name, DB: at, CIS2: cis2})
	s.Handle("GET "+startPath, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return p.Start(w, r, portal.ProveNow("", "", ""))
	})
}

// tour gives the steps of the main journey, with those that were done.
func (d *Demo) tour(ctx context.Context) ([]guide.Step, error) {
	t, err := d.world.Tour(ctx, d.cast)
	if err != nil {
		return nil, err
	}
	dos := d.system.Config.Addresses.DoS
	ada := "/be/" + d.cast[0].ID()
	return []guide.Step{
		{Done: t.Authenticator, Parts: []guide.Part{
			{Text: "Open the mail", Href: d.mailAddress()},
			{Text: "to Ada Okafor and follow its link: add an authenticator for her."},
		}},
		{Done: t.Password, Parts: []guide.Part{
			{Text: "Be Ada", Href: ada}, {Text: "and"}, {Text: "log in", Href: dos},
			{Text: "with her username and password."},
		}},
		{Done: t.Linked, Parts: []guide.Part{
			{Text: "Read the checklist", Href: dos + "/checklist"}, {Text: "and"},
			{Text: "link the Care Identity", Href: dos + "/link"}, {Text: "to her account."},
		}},
		{Done: t.CareIdentity, Parts: []guide.Part{
			{Text: "Log in", Href: dos}, {Text: "with the Care Identity."},
		}},
		{Done: t.Changed, Parts: []guide.Part{
			{Text: "Find a service", Href: dos + "/services?postcode=FM1"}, {Text: "near FM1 and change its capacity."},
		}},
		{Done: t.Again, Parts: []guide.Part{
			{Text: "Log out and log in again", Href: dos}, {Text: "without a password."},
		}},
		{Done: t.Desk, Parts: []guide.Part{
			{Text: "Be the service desk", Href: "/be/sam.doyle"}, {Text: "and"},
			{Text: "look Ada up", Href: dos + path.UsersPage}, {Text: "under Users."},
		}},
	}, nil
}
