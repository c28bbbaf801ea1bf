// Package people serves the pages on which those who have a job at a registration authority list people, make Care
// Identities, and make links to add authenticators and look after these, each as their job lets them, for the people of
// the organisations that it serves. The other tabs of a person are served by package person.
package people

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// People serves the pages.
type People struct {
	frame *frame.Frame
	kinds []authn.Kind // of authenticator that can be added at CIS2
	cards bool         // smartcards are issued here

	address string // of this site
}

// Mount adds the pages to the site; those of smartcards where they are issued here.
func Mount(s *web.Site, f *frame.Frame, kinds []authn.Kind, cards bool, address string) {
	p := &People{frame: f, kinds: kinds, cards: cards, address: address}
	staff := f.Authority()
	finds := f.May(permission.Find)
	s.Handle("GET "+frame.PeoplePath, finds, p.list)
	s.Handle("GET "+searchForm.Path, finds, p.found)
	f.HandleForm(s, searchForm, finds, p.search)
	s.Handle("GET "+worklistPath, staff, p.worklist)
	s.Handle("GET "+worklistFilePath, staff, p.worklistFile)
	s.Handle("GET "+newPath, f.May(permission.CreateProfile), p.askNew)
	f.HandleForm(s, makeForm, f.May(permission.CreateProfile), p.make)
	s.Handle("GET "+addForm.Path, staff, p.askOrganisation)
	f.HandleForm(s, addForm, staff, p.addOrganisation)
	s.Handle("GET "+recodeForm.Path, staff, p.askCode)
	f.HandleForm(s, recodeForm, staff, f.Freshly(recodeForm, p.changeCode))
	s.Handle("GET "+authenticatorsPath, f.Authenticators(), p.authenticators)
	f.HandleForm(s, linkForm, staff, f.Freshly(linkForm, p.link))
	f.HandleForm(s, withdrawForm, staff, p.withdraw)
	f.HandleForm(s, actForm, staff, f.Freshly(actForm, p.act))
	s.Handle("GET "+passPath, staff, p.passes)
	f.HandleForm(s, passForm, staff, f.Freshly(passForm, p.askPass))
	f.HandleForm(s, confirmPassForm, staff, f.Freshly(confirmPassForm, p.confirmPass))
	if cards {
		s.Handle("GET "+cardPath, f.Authenticators(), p.card)
		f.HandleForm(s, cardForm, f.Authenticators(), f.Freshly(cardForm, p.allowCard))
		f.HandleForm(s, cancelForm, f.May(permission.IssueCard), f.Freshly(cancelForm, p.cancelCard))
	}
}

func pathOf(uuid string) string { return frame.PathOf(uuid) }

// onPage is how many people of an organisation are on a page.
const onPage = 50

// chosen gives the code of the organisation whose people are asked for: the user's own unless another is given.
func chosen(r *http.Request, typed string) string {
	if code, err := ods.Parse(typed); err == nil {
		return string(code)
	}
	return frame.User(r).Office.Organisation
}

var errNotServed = fault.OfField("at", "Your registration authority does not serve this organisation. Choose one of "+
	"those listed below")

var errNotServedHere = fault.SayCure(fault.Forbidden, "Your registration authority does not serve this organisation.",
	"The page People lists those that it serves.")

// list shows the people of an organisation.
func (p *People) list(w http.ResponseWriter, r *http.Request) error {
	f := findForm.Read(r)
	user := frame.User(r)
	a := user.Authority
	code := chosen(r, f.Value("at"))
	f.Set("at", code)
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v listView, err error) {
		if v.Served, err = hosting.Served(r.Context(), read, user.Office.Organisation); err != nil {
			return v, err
		}
		at, serves := among(v.Served, code)
		if !serves {
			return v, errNotServed
		}
		v.Organisation = at.Text()
		v.WorklistHref = worklistPath + "?" + url.Values{"at": {at.Code}}.Encode()
		v.ApprovalsHref = frame.ApprovalsPath(at.Code)
		v.PositionsHref = frame.PositionsPath(at.Code)
		v.AboutHref = frame.OrganisationPath(at.Code)
		if a.Manager && at.Typed() {
			v.CodeHref = codePathOf(at.Code)
		}
		return v, v.read(r, read, code, strings.TrimSpace(f.Value("name")))
	})
	if f.Refuse(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	v.Find = f
	v.Manager = a.Manager
	v.Authority = a.RoleID != ""
	v.MayCreate = user.Officers.May(permission.CreateProfile, permission.Yes)
	v.Page = p.frame.Page(w, r, v.found.Titled("People of "+v.Organisation))
	if v.Organisation == "" {
		v.Page.Title = "People"
	}
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), listPage(v))
}

// read reads the people on the page.
func (v *listView) read(r *http.Request, read db.R, code, name string) (err error) {
	v.found, err = page.Read(r, onPage, func(skip, limit int) ([]identity.Identity, int, error) {
		return identity.AtOrganisation(r.Context(), read, code, name, skip, limit)
	})
	if err != nil {
		return err
	}
	v.Count = v.found.Count("person", "people")
	v.Links = v.found.Links(frame.PeoplePath, r)
	v.NewHref = newPath + "?" + url.Values{"organisation": {code}}.Encode()
	v.Rows = rowsOf(v.found.Items)
	return nil
}

func rowsOf(list []identity.Identity) (rows [][]nhsuk.TableCell) {
	for _, i := range list {
		rows = append(rows, []nhsuk.TableCell{
			{HTML: nameLink(pathOf(i.UUID), i.FamilyName+", "+i.GivenName)},
			{Text: i.UUID},
			{HTML: page.Contact(i.Email)},
			{HTML: nhsuk.Tag(frame.StatusTag(i.Status))},
		})
	}
	return rows
}

func among(list []organisation.Organisation, code string) (organisation.Organisation, bool) {
	for _, o := range list {
		if o.Code == code {
			return o, true
		}
	}
	return organisation.Organisation{}, false
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }
