// Package desk serves the pages on which the service desk helps people with their sign-ins: it shows where they are
// signed in, which services were told that a sign-in ended and why sign-ins were refused, and ends sign-ins.
//
// Only registration authority managers and agents and systems support may come here.
package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/session"
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
	found, total, problem, err := d.people(r, typed)
	switch {
	case isReference && err == nil && total == 0: // and nobody has such a name
		f.Set("find", reference.Show(quoted))
		f.Add(form.Problem{Field: "find", Text: textNoEvent})
		return d.showSearch(w, r, http.StatusUnprocessableEntity, searchView{Find: f, Elsewhere: d.elsewhere(quoted)})
	case f.Refuse(err):
		return d.showSearch(w, r, http.StatusUnprocessableEntity, searchView{Find: f})
	case err != nil:
		return err
	case problem != "":
		return d.showProblem(w, r, f, problem)
	case total == 1:
		return d.showPerson(w, r, http.StatusOK, found[0], formsOf(r, found[0].UUID))
	}
	number := min(page.Number(r), page.Pages(total, peopleOnPage))
	v := searchView{Find: f, Links: page.Around(frame.DeskPath, r.URL.Query(), number, page.Pages(total, peopleOnPage))}
	v.Count = page.CountText((number-1)*peopleOnPage, len(found), total, "person", "people")
	for _, i := range found {
		choose := nhsuk.ActionParams{Text: "Choose", VisuallyHiddenText: i.DisplayName(), Href: personPath(i.UUID)}
		v.People = append(v.People, nhsuk.SummaryListRow{
			Key: i.DisplayName(), Value: i.UUID + ", " + i.Organisation, Actions: []nhsuk.ActionParams{choose},
		})
	}
	return d.showSearch(w, r, http.StatusOK, v)
}

// showProblem shows the search again with what is wrong with it.
func (d *Desk) showProblem(w http.ResponseWriter, r *http.Request, f *form.Rendered, problem string) error {
	f.Add(form.Problem{Field: "find", Text: problem})
	return d.showSearch(w, r, http.StatusUnprocessableEntity, searchView{Find: f})
}

// elsewhere is where the directory looks a reference up; empty if its address is not known.
func (d *Desk) elsewhere(quoted string) string {
	if d.frame.Directory == "" {
		return ""
	}
	return d.frame.Directory + "/users?q=" + url.QueryEscape(reference.Show(quoted))
}

func personPath(uuid string) string { return frame.DeskPath + "?find=" + url.QueryEscape(uuid) }

func (d *Desk) showSearch(w http.ResponseWriter, r *http.Request, status int, v searchView) error {
	v.Page = d.frame.Page(w, r, "Help somebody to log in")
	v.Page.Error = v.Find.HasProblems()
	return web.Show(w, r, status, searchPage(v))
}

// people finds care identities by number, however it is grouped, by the address on their profile or by name: those of
// one page and how many there are in all, or the problem with what was typed.
func (d *Desk) people(r *http.Request, typed string) (found []identity.Identity, total int, problem string, err error) {
	address, noAddress := email.Parse(typed)
	number, isNumber := identity.Digits(typed)
	if isNumber && !identity.IsNumber(number) {
		return nil, 0, textNumber, nil
	}
	if !isNumber && noAddress != nil && searchname.Of(typed) == "" {
		return nil, 0, textEnter, nil
	}
	err = d.frame.DB.Costly(r.Context(), func(read db.R) (err error) {
		switch {
		case isNumber:
			found, err = withNumber(r.Context(), read, number)
			total = len(found)
		case noAddress == nil:
			key, _ := address.Canonical()
			found, err = identity.ByEmail(r.Context(), read, key)
			total = len(found)
		default:
			found, total, err = named(r.Context(), read, typed, page.Number(r))
		}
		return err
	})
	if err == nil && total == 0 {
		problem = textNobody
	}
	return found, total, problem, err
}

// named finds a page of the people of a name, or the last page if there are fewer.
func named(ctx context.Context, r db.R, typed string, number int) ([]identity.Identity, int, error) {
	found, total, err := identity.ByName(ctx, r, typed, (number-1)*peopleOnPage, peopleOnPage)
	if last := page.Pages(total, peopleOnPage); err == nil && number > last {
		return named(ctx, r, typed, last)
	}
	return found, total, err
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
