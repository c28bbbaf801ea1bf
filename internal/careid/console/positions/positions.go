// Package positions serves the pages of the positions of organisations: what they give, what services are told by them,
// who has them and what they were; and those on which registration authority managers create, change and close them.
package positions

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Positions serves the pages.
type Positions struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Positions{frame: f}
	staff := f.Authority()
	s.Handle("GET "+listPath, staff, p.list)
	s.Handle("GET "+createForm.Path, staff, p.askNew)
	f.HandleForm(s, createForm, staff, f.Freshly(createForm, p.create))
	s.Handle("GET "+onePath, staff, p.one)
	s.Handle("GET "+askForm.At, staff, p.edit)
	s.Handle("GET "+changePath, staff, p.look)
	f.HandleForm(s, saveForm, staff, f.Freshly(saveForm, p.save))
	s.Handle("GET "+closeForm.Path, staff, p.askClose)
	f.HandleForm(s, closeForm, staff, f.Freshly(closeForm, p.close))
	f.HandleForm(s, assignableForm, staff, f.Freshly(assignableForm, p.setAssignable))
}

var (
	errManagers = fault.SayCure(fault.Forbidden, "Only a registration authority manager may change positions.",
		"Ask a registration authority manager.")
)

// mayDesign reports whether the pages offer the user to create, change and close positions. The acts decide.
func mayDesign(r *http.Request) bool {
	return frame.User(r).Officers.May(permission.DesignPosition, permission.Yes)
}

func requireDesign(r *http.Request) error {
	if !mayDesign(r) {
		return errManagers
	}
	return nil
}

// positionOf reads the position of a request, which is one of the organisation's.
func positionOf(r *http.Request, read db.R) (organisation.Organisation, access.Position, error) {
	o, err := frame.OrganisationOf(r, read)
	if err != nil {
		return o, access.Position{}, err
	}
	p, err := access.PositionByID(r.Context(), read, r.PathValue("position"))
	if err == nil && p.Organisation != o.Code {
		err = fault.NotFound
	}
	return o, p, err
}

func listOf(code string) string { return frame.PositionsPath(code) }

func pathOf(r *http.Request) string {
	return listOf(r.PathValue("code")) + "/" + url.PathEscape(r.PathValue("position"))
}

// list shows the positions of an organisation.
func (p *Positions) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v listView, err error) {
		o, err := frame.OrganisationOf(r, read)
		if err != nil {
			return v, err
		}
		v.At = o.Text()
		list, err := access.PositionsAt(r.Context(), read, o.Code)
		if err != nil {
			return v, err
		}
		holders, err := access.CountHoldersAt(r.Context(), read, o.Code)
		if err != nil {
			return v, err
		}
		opens := false
		for _, one := range list {
			cells := rowOf(one, holders[one.ID])
			if one.Over(read.Now()) {
				v.Closed = append(v.Closed, cells)
				continue
			}
			opens = opens || access.HoldsDirectoryPosition(one.RoleProfiles())
			v.Open = append(v.Open, cells)
		}
		v.Template = !opens
		return v, nil
	})
	if err != nil {
		return err
	}
	v.MayDesign = mayDesign(r)
	v.StaffHref = frame.StaffRecordPath(r.PathValue("code"))
	v.NewHref = listOf(r.PathValue("code")) + "/new"
	v.Page = p.frame.Page(w, r, "Positions: "+v.At)
	v.Page.BackHref = frame.PeoplePath + "?" + url.Values{"at": {r.PathValue("code")}}.Encode()
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func rowOf(p access.Position, holders int64) []nhsuk.TableCell {
	var profiles []string
	for _, f := range p.Profiles {
		profiles = append(profiles, f.RoleText())
	}
	return []nhsuk.TableCell{
		{HTML: positionLink(listOf(p.Organisation)+"/"+p.ID, p.Name)},
		{Text: strings.Join(profiles, ", ")},
		{Text: strconv.FormatInt(holders, 10)},
	}
}

// template is what fills in a new position, by the word that chooses it.
var template = map[string]positions.Typed{
	"directory": {Name: rbac.DirectoryPosition, Profiles: rbac.AdminClinicalSupport + " " + rbac.DirectoryUIAccess},
}

func (p *Positions) askNew(w http.ResponseWriter, r *http.Request) error {
	f := createForm.New(r)
	if t, known := template[r.URL.Query().Get("as")]; known && !f.HasProblems() {
		f.Set("name", t.Name).Set("profiles", t.Profiles)
	}
	return p.showNew(w, r, f)
}

func (p *Positions) showNew(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if err := requireDesign(r); err != nil {
		return err
	}
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v newView, err error) {
		o, err := frame.OrganisationOf(r, read)
		if err != nil {
			return v, err
		}
		v.At = o.Text()
		v.Codes, err = codesAt(r.Context(), read, o.Code)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Form = f.About(v.At)
	v.Page = p.frame.Page(w, r, "Create a position: "+v.At)
	v.Page.BackHref = listOf(r.PathValue("code"))
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), newPage(v))
}

// codesAt lists the codes of which positions of an organisation can be made.
func codesAt(ctx context.Context, r db.R, organisation string) (c codes, err error) {
	roles, err := reference.Roles(ctx, r)
	if err != nil {
		return c, err
	}
	for _, role := range roles {
		if !role.Retired {
			c.Roles = append(c.Roles, role.Text())
		}
	}
	activities, err := reference.Activities(ctx, r)
	if err != nil {
		return c, err
	}
	for _, a := range activities {
		if !a.Retired {
			c.Activities = append(c.Activities, a.Text())
		}
	}
	groups, err := access.WorkgroupsAt(ctx, r, organisation)
	for _, g := range groups {
		c.Workgroups = append(c.Workgroups, g.Name+" ("+g.Code+")")
	}
	return c, err
}

func (p *Positions) create(w http.ResponseWriter, r *http.Request) error {
	f := createForm.Read(r)
	if !f.Complete() {
		return p.showNew(w, r, f)
	}
	id, err := positions.Create(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("code"), typedIn(f), approvalIn(f))
	if f.Refuse(err) {
		return p.showNew(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, listOf(r.PathValue("code"))+"/"+id, "Position created.")
}

func approvalIn(f *form.Rendered) access.Approval {
	return access.Approval{How: f.Value("how"), Participants: f.Value("participants")}
}
