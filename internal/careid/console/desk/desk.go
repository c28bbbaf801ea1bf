// Package desk serves the pages on which the service desk helps people with their sign-ins: it shows where they are
// signed in, which services were told that a sign-in ended and why sign-ins were refused, and ends sign-ins.
//
// Only registration authority managers and agents and systems support may come here.
package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Desk serves the pages.
type Desk struct {
	frame    *frame.Frame
	sessions *session.Sessions
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, sessions *session.Sessions) {
	d := &Desk{frame: f, sessions: sessions}
	s.Handle("GET "+frame.DeskPath, d.staff(), d.find)
	f.HandleForm(s, endForm, d.staff(), d.end)
	f.HandleForm(s, unlockForm, d.staff(), d.unlock)
	s.Handle("GET /desk/refusals", d.staff(), d.refusals)
}

var errNotStaff = fault.SayCure(fault.Forbidden,
	"This page is for the service desk: registration authority managers and agents, and systems support.",
	"If you hold one of these roles, ask your registration authority to look at your profile.")

// staff lets only people through who hold a role of the service desk, and records that role with what they do.
func (d *Desk) staff() web.Guard {
	in := d.frame.SignedIn()
	return web.Guard{Name: "service desk", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil {
			return nil, err
		}
		role := frame.User(r).Desk
		if role == "" {
			return r, errNotStaff
		}
		by := web.Actor(r)
		by.Role = role
		web.WithActor(r, by)
		return r, nil
	}}
}

const (
	textEnter = "Enter a name, an email address, a Care Identity number of 12 digits, or a reference of 8 letters " +
		"and digits"
	textHelp   = "Help somebody to log in"
	textNumber = "A Care Identity number has 12 digits. Telephone numbers of people are not kept here"
	textNobody = "Nobody has this name, email address or Care Identity number"
)

// peopleOnPage is how many people of one name are on a page.
const peopleOnPage = 50

// find shows the person or the refusal that was searched for, or a choice if there are several.
func (d *Desk) find(w http.ResponseWriter, r *http.Request) error {
	f := findForm.Read(r)
	typed := strings.TrimSpace(f.Value("find"))
	if typed == "" {
		return d.showSearch(w, r, http.StatusOK, searchView{Find: f})
	}
	quoted := reference.Read(typed)
	isReference := reference.Valid(quoted) || reference.Long(quoted)
	if isReference {
		if refusals, err := d.quoted(r, quoted); err != nil || len(refusals.List) > 0 {
			return d.showRefusals(w, r, refusals, err)
		}
	}
	found, problem, err := d.people(r, typed)
	switch {
	case isReference && err == nil && found.Total == 0: // and nobody has such a name
		if refusals, err := d.told(r, quoted); err != nil || len(refusals.List) > 0 {
			return d.showRefusals(w, r, refusals, err)
		}
		return d.showNoEvent(w, r, f, quoted)
	case f.Refuse(err):
		return d.showSearch(w, r, http.StatusUnprocessableEntity, searchView{Find: f})
	case err != nil:
		return err
	case problem != "":
		return d.showProblem(w, r, f, problem)
	case found.Total == 1:
		return d.showPerson(w, r, http.StatusOK, found.Items[0].Identity, formsOf(r, found.Items[0].UUID))
	}
	v := searchView{Find: f, Links: found.Links(frame.DeskPath, r), Count: found.Count("person", "people")}
	v.title = found.Titled(v.Count)
	for _, i := range found.Items {
		choose := nhsuk.ActionParams{Text: "Choose", VisuallyHiddenText: i.DisplayName(), Href: personPath(i.UUID)}
		v.People = append(v.People, nhsuk.SummaryListRow{
			Key: i.DisplayName(), ValueHTML: choice(i), Actions: []nhsuk.ActionParams{choose},
		})
	}
	return d.showSearch(w, r, http.StatusOK, v)
}

// showProblem shows the search again with what is wrong with it.
func (d *Desk) showProblem(w http.ResponseWriter, r *http.Request, f *form.Rendered, problem string) error {
	f.Add(form.Problem{Field: "find", Text: problem})
	return d.showSearch(w, r, http.StatusUnprocessableEntity, searchView{Find: f})
}

// showNoEvent shows the search again if a reference finds nothing, and says where else it may be found.
func (d *Desk) showNoEvent(w http.ResponseWriter, r *http.Request, f *form.Rendered, quoted string) error {
	f.Set("find", reference.Show(quoted))
	f.Add(form.Problem{Field: "find", Text: textNoEvent})
	v := searchView{Find: f, NoEvent: true, Elsewhere: d.elsewhere(quoted)}
	return d.showSearch(w, r, http.StatusUnprocessableEntity, v)
}

// elsewhere is where the directory looks a reference up; empty if its address is not known.
func (d *Desk) elsewhere(quoted string) string {
	if d.frame.Directory == "" {
		return ""
	}
	return d.frame.Directory + path.UsersPage + "?q=" + url.QueryEscape(reference.Show(quoted))
}

func personPath(uuid string) string { return frame.DeskPath + "?find=" + url.QueryEscape(uuid) }

func (d *Desk) showSearch(w http.ResponseWriter, r *http.Request, status int, v searchView) error {
	v.Page = d.frame.Page(w, r, cmp.Or(v.title, textHelp))
	v.Page.Error = v.Find.HasProblems()
	return web.Show(w, r, status, searchPage(v))
}

// foundPerson is somebody with the organisation they belong to, by name and code.
type foundPerson struct {
	identity.Identity
	At string
}

// people finds care identities by number, however it is grouped, by email address or its beginning, or by name: the
// page that is asked for, or the problem with what was typed.
func (d *Desk) people(r *http.Request, typed string) (found page.List[foundPerson], problem string, err error) {
	number, isNumber := identity.Digits(typed)
	if isNumber && !identity.IsNumber(number) {
		return found, textNumber, nil
	}
	if !isNumber && searchname.Of(typed) == "" {
		return found, textEnter, nil
	}
	found, err = db.Costly(r.Context(), d.frame.DB, func(read db.R) (page.List[foundPerson], error) {
		return page.Read(r, peopleOnPage, func(skip, limit int) ([]foundPerson, int, error) {
			list, total, err := search(r.Context(), read, typed, skip, limit)
			if err != nil {
				return nil, 0, err
			}
			people, err := withOrganisations(r.Context(), read, list)
			return people, total, err
		})
	})
	if err == nil && found.Total == 0 {
		problem = textNobody
	}
	return found, problem, err
}

// search finds those of a page, and how many there are in all. Where somebody has the address that was typed, those
// whose addresses only begin with it are left out.
func search(ctx context.Context, r db.R, typed string, skip, limit int) ([]identity.Identity, int, error) {
	if number, isNumber := identity.Digits(typed); isNumber {
		list, err := withNumber(ctx, r, number)
		return list, len(list), err
	}
	if address, err := email.Parse(typed); err == nil {
		key, _ := address.Canonical()
		list, err := identity.ByEmail(ctx, r, key)
		if err != nil || len(list) > 0 {
			first := min(skip, len(list))
			return list[first:min(first+limit, len(list))], len(list), err
		}
	}
	return identity.Search(ctx, r, typed, skip, limit)
}

func withOrganisations(ctx context.Context, r db.R, list []identity.Identity) (people []foundPerson, err error) {
	var codes []string
	for _, i := range list {
		codes = append(codes, i.Organisation)
	}
	texts, err := organisation.Texts(ctx, r, codes)
	for _, i := range list {
		people = append(people, foundPerson{Identity: i, At: texts[i.Organisation]})
	}
	return people, err
}

// withNumber gives the care identity with a number, or none.
func withNumber(ctx context.Context, r db.R, number string) ([]identity.Identity, error) {
	i, err := identity.ByUUID(ctx, r, number)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return []identity.Identity{i}, err
}

// all is the value of the choice that ends every sign-in.
const all = "all"

func (d *Desk) end(w http.ResponseWriter, r *http.Request) error {
	person, err := d.person(r)
	if err != nil {
		return err
	}
	f := endForm.Read(r)
	forms := formsOf(r, person.UUID)
	forms.end = f
	if !f.Complete() {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, person, forms)
	}
	chosen := f.Value("session")
	if chosen == all {
		chosen = ""
	}
	err = d.sessions.EndFromDesk(r.Context(), web.Actor(r), person.UUID, chosen, f.Value("reason"))
	if f.Refuse(err) {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, person, forms)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, personPath(person.UUID), "Session ended. The services it was used for are being told.")
}

func (d *Desk) person(r *http.Request) (identity.Identity, error) {
	return db.Read(r.Context(), d.frame.DB, func(read db.R) (identity.Identity, error) {
		return identity.ByUUID(r.Context(), read, r.PathValue("uuid"))
	})
}
