// Package desk is where the service desk helps somebody with their sign-in: where they are signed in,
// which services were told that a sign-in ended, why they were refused, and the end of a sign-in.
//
// Registration authority managers and agents and systems support come here, nobody else.
package desk

import (
	"errors"
	"net/http"
	"net/url"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Desk is the pages.
type Desk struct {
	frame    *frame.Frame
	sessions *session.Sessions
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, sessions *session.Sessions) {
	d := &Desk{frame: f, sessions: sessions}
	s.Handle("GET "+frame.DeskPath, d.staff(), d.find)
	f.HandleForm(s, endForm, d.staff(), d.end)
	s.Handle("GET /desk/refusals", d.staff(), d.refusals)
}

var errNotStaff = fault.SayCure(fault.Forbidden, "This page is for the service desk: registration authority managers and agents, and systems support.",
	"If you hold one of these roles, ask your registration authority to look at your profile.")

// staff lets through whoever holds a role of the service desk, and has that role stand in what they do.
func (d *Desk) staff() web.Guard {
	in := d.frame.SignedIn()
	return web.Guard{Name: "service desk", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil {
			return nil, err
		}
		by := frame.Who(r).Desk
		if by == "" {
			return nil, errNotStaff
		}
		who := web.Actor(r)
		who.Role = by
		web.WithActor(r, who)
		return r, nil
	}}
}

const (
	saysWhat   = "Enter a Care Identity number of 12 digits, or an email address"
	saysNobody = "Nobody has that Care Identity number or email address"
)

// find shows whom was asked for: one person with their sign-ins, or those of whom to choose one.
func (d *Desk) find(w http.ResponseWriter, r *http.Request) error {
	v := searchView{Find: findForm.Read(r), Look: referenceForm.New(r)}
	if v.Find.Value("find") == "" {
		return d.showSearch(w, r, http.StatusOK, v)
	}
	found, says, err := d.people(r, v.Find.Value("find"))
	switch {
	case err != nil:
		return err
	case says != "":
		v.Find.Add(form.Problem{Field: "find", Text: says})
		return d.showSearch(w, r, http.StatusUnprocessableEntity, v)
	case len(found) == 1:
		return d.showPerson(w, r, http.StatusOK, found[0], endForm.New(r, "uuid", found[0].UUID))
	}
	for _, i := range found {
		v.People = append(v.People, nhsuk.SummaryListRow{Key: i.DisplayName(), Value: i.UUID,
			Actions: []nhsuk.ActionParams{{Text: "Choose", VisuallyHiddenText: i.DisplayName(), Href: personPath(i.UUID)}}})
	}
	return d.showSearch(w, r, http.StatusOK, v)
}

func personPath(uuid string) string { return frame.DeskPath + "?find=" + url.QueryEscape(uuid) }

func (d *Desk) showSearch(w http.ResponseWriter, r *http.Request, status int, v searchView) error {
	v.Page = d.frame.Page(w, r, "Help somebody with their sign-in")
	v.Page.Error = v.Find.Wrong() || v.Look.Wrong()
	return web.Show(w, r, status, searchPage(v))
}

// people finds care identities by number or by the address on their profile, or says what to type.
func (d *Desk) people(r *http.Request, typed string) (found []identity.Identity, says string, err error) {
	address, wrong := email.Parse(typed)
	if wrong != nil && !identity.IsNumber(typed) {
		return nil, saysWhat, nil
	}
	err = d.frame.DB.View(r.Context(), func(read db.R) error {
		if identity.IsNumber(typed) {
			one, err := identity.ByUUID(r.Context(), read, typed)
			if errors.Is(err, fault.NotFound) {
				return nil
			}
			found = []identity.Identity{one}
			return err
		}
		key, _ := address.Canonical()
		found, err = identity.ByEmail(r.Context(), read, key)
		return err
	})
	if err == nil && len(found) == 0 {
		says = saysNobody
	}
	return found, says, err
}

// all is the choice to end every sign-in.
const all = "all"

func (d *Desk) end(w http.ResponseWriter, r *http.Request) error {
	f := endForm.Read(r)
	whose, err := d.whose(r)
	if err != nil {
		return err
	}
	if !f.Complete() {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, whose, f)
	}
	chosen := f.Value("session")
	if chosen == all {
		chosen = ""
	}
	err = d.sessions.EndFromDesk(r.Context(), web.Actor(r), whose.UUID, chosen, f.Value("reason"))
	if f.Refuse(err) {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, whose, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, personPath(whose.UUID), "Ended. The services that were signed in to are being told.")
}

func (d *Desk) whose(r *http.Request) (identity.Identity, error) {
	return db.Read(r.Context(), d.frame.DB, func(read db.R) (identity.Identity, error) {
		return identity.ByUUID(r.Context(), read, r.PathValue("uuid"))
	})
}
