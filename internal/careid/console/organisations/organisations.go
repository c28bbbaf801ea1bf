// Package organisations serves the pages about one organisation: what the Organisation Data Service says of it, which
// registration authority serves it and served it before, and, for managers, how their own authority is reached.
package organisations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Organisations serves the pages.
type Organisations struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	o := &Organisations{frame: f}
	staff := f.Authority()
	s.Handle("GET "+pagePath, f.May(permission.Find), o.show)
	s.Handle("GET "+takeForm.Path, staff, func(w http.ResponseWriter, r *http.Request) error {
		return o.showTake(w, r, takeForm.New(r))
	})
	f.HandleForm(s, takeForm, staff, f.Freshly(takeForm, o.takeOn))
	s.Handle("GET "+handForm.Path, staff, func(w http.ResponseWriter, r *http.Request) error {
		return o.showHand(w, r, handForm.New(r))
	})
	f.HandleForm(s, handForm, staff, f.Freshly(handForm, o.handOver))
	s.Handle("GET "+reachForm.Path, staff, o.askReach)
	f.HandleForm(s, reachForm, staff, f.Freshly(reachForm, o.setReach))
}

var (
	errNotServed = fault.SayCure(fault.Forbidden, "Your registration authority does not serve this organisation.",
		"The page People lists those that it serves.")
	errOnlyManagers = fault.SayCure(fault.Forbidden,
		"Only a registration authority manager may change which organisations it serves, or how it is reached.",
		"Ask a registration authority manager of your organisation.")
)

// served reads the organisation of a request, which the user's registration authority serves.
func served(r *http.Request, read db.R) (organisation.Organisation, error) {
	code := r.PathValue("code")
	serves, err := hosting.Serves(r.Context(), read, frame.User(r).Office.Organisation, code)
	if err != nil {
		return organisation.Organisation{}, err
	}
	if !serves {
		return organisation.Organisation{}, errNotServed
	}
	return organisation.ByCode(r.Context(), read, code)
}

func (o *Organisations) show(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), o.frame.DB, func(read db.R) (organisationView, error) { return readPage(r, read) })
	if err != nil {
		return err
	}
	code := r.PathValue("code")
	authority := frame.User(r).Authority
	v.Page = o.frame.Page(w, r, "About "+v.At)
	v.Page.BackHref = frame.PeoplePath + "?" + url.Values{"at": {code}}.Encode()
	if authority.Manager && code != authority.Organisation {
		v.HandHref = frame.OrganisationPath(code) + "/host"
	}
	if authority.Manager && code == authority.Organisation {
		v.ReachHref = reachForm.Path
	}
	return web.Show(w, r, http.StatusOK, organisationPage(v))
}

func readPage(r *http.Request, read db.R) (v organisationView, err error) {
	ctx := r.Context()
	found, err := served(r, read)
	if err != nil {
		return v, err
	}
	v.At = found.Text()
	record, err := organisation.RecordOf(ctx, read, found.Code)
	if err != nil {
		return v, err
	}
	if found.Closed() {
		v.Closed = "This organisation has closed."
		if record.Closed != "" {
			v.Closed = "This organisation closed on " + dayText(record.Closed) + "."
		}
		if v.People, err = identity.CountAt(ctx, read, found.Code); err != nil {
			return v, err
		}
	}
	hostings, err := organisation.Hostings(ctx, read, found.Code)
	if err != nil {
		return v, err
	}
	names, err := texts(ctx, read, record, hostings)
	if err != nil {
		return v, err
	}
	authority, err := hosting.RegistrationAuthority(ctx, read, found.Code)
	if errors.Is(err, fault.NotFound) { // a sponsor or an ID checker of an organisation that none serves looks
		authority = organisation.Organisation{Code: "Not known here", Name: "Not known here"}
		err = nil
	}
	if err != nil {
		return v, err
	}
	v.About = aboutRows(record, names)
	v.About = append(v.About, nhsuk.SummaryListRow{
		Key: "Registration authority", ValueHTML: page.Name(authority.Text()),
	})
	v.Hosts, err = hostRows(ctx, read, hostings, names)
	if err != nil {
		return v, err
	}
	if authority.Code != found.Code {
		return v, nil
	}
	reaches, err := hosting.Reaches(ctx, read, []string{found.Code})
	v.Reach = reachRows(reaches[found.Code], authority.Contact)
	return v, err
}

// texts names the organisations that a record and hosts name.
func texts(ctx context.Context, r db.R, o organisation.Record, list []organisation.Hosting) (map[string]string, error) {
	var codes []string
	for _, rel := range o.Relations {
		codes = append(codes, rel.Target)
	}
	for _, succ := range o.Followed {
		codes = append(codes, succ.Code)
	}
	for _, h := range list {
		codes = append(codes, h.Host)
	}
	if len(codes) == 0 {
		return map[string]string{}, nil
	}
	return organisation.Texts(ctx, r, codes)
}

var statusTexts = map[ods.Status]string{
	ods.Active: "Open", ods.Closed: "Closed", ods.Dormant: "Dormant", ods.Proposed: "Proposed",
	"": "Not from the Organisation Data Service: somebody here described it",
}

// aboutRows word what the Organisation Data Service says.
func aboutRows(o organisation.Record, names map[string]string) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{{Key: "Status", Value: statusTexts[o.Status]}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhsuk.SummaryListRow{Key: key, Value: value})
		}
	}
	add("What it is", roleText(o))
	add("Address", strings.Trim(o.Address+", "+o.Postcode, ", "))
	if o.Phone != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Telephone", ValueHTML: page.Contact(o.Phone)})
	}
	add("Opened", dayText(o.Opened))
	for _, rel := range o.Relations {
		name, known := rel.ID.Name()
		if !known {
			name = "Relationship " + string(rel.ID)
		}
		add(name, names[rel.Target]+spanText(rel.From, rel.To))
	}
	for _, succ := range o.Followed {
		key := "Came after"
		if succ.After {
			key = "Was followed by"
		}
		add(key, names[succ.Code]+spanText(succ.On, ""))
	}
	return rows
}

func roleText(o organisation.Record) string {
	var parts []string
	for _, id := range append([]ods.RoleID{o.Role}, currentRoles(o)...) {
		if name, known := id.Name(); known {
			parts = append(parts, name)
		} else if id != "" {
			parts = append(parts, "Role "+string(id))
		}
	}
	return strings.Join(parts, ", ")
}

func currentRoles(o organisation.Record) (list []ods.RoleID) {
	for _, role := range o.Roles {
		if !role.Ended {
			list = append(list, role.ID)
		}
	}
	return list
}

func spanText(from, to string) string {
	switch {
	case from != "" && to != "":
		return ", from " + dayText(from) + " to " + dayText(to)
	case from != "":
		return ", from " + dayText(from)
	case to != "":
		return ", to " + dayText(to)
	}
	return ""
}

// hostRows word the hosts of an organisation.
func hostRows(ctx context.Context, r db.R, list []organisation.Hosting,
	names map[string]string) (rows [][]nhsuk.TableCell, err error) {
	var authors []string
	for _, h := range list {
		authors = append(authors, h.By, h.EndedBy)
	}
	people, err := identity.ByUUIDs(ctx, r, authors)
	if err != nil {
		return nil, err
	}
	name := func(uuid string) string {
		if author, known := people[uuid]; known {
			return author.DisplayName()
		}
		return "Set up"
	}
	for _, h := range list {
		from := "Before 2026"
		if !h.From.IsZero() {
			from = when.DateTime(h.From)
		}
		to := "Now"
		why := strings.TrimSpace(name(h.By) + ": " + cmp.Or(h.Reason, "no reason kept"))
		if !h.To.IsZero() {
			to = when.DateTime(h.To)
			why += ". Ended by " + name(h.EndedBy) + ": " + h.EndReason
		}
		rows = append(rows, []nhsuk.TableCell{{Text: names[h.Host]}, {Text: from}, {Text: to}, {Text: why}})
	}
	return rows, nil
}

func (o *Organisations) showTake(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !frame.User(r).Authority.Manager {
		return errOnlyManagers
	}
	v := formView{Form: f, Page: o.frame.Page(w, r, takeForm.Page), Act: takeForm.Act}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PeoplePath
	return web.Show(w, r, f.Status(), takePage(v))
}

func (o *Organisations) takeOn(w http.ResponseWriter, r *http.Request) error {
	f := takeForm.Read(r)
	if !f.Complete() {
		return o.showTake(w, r, f)
	}
	code, err := registration.TakeOn(r.Context(), o.frame.DB, web.Actor(r), f.Value("code"), f.Value("reason"))
	if f.Refuse(err) {
		return o.showTake(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.OrganisationPath(code), "Your registration authority serves this organisation now.")
}

func (o *Organisations) showHand(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !frame.User(r).Authority.Manager {
		return errOnlyManagers
	}
	at, err := db.Read(r.Context(), o.frame.DB, func(read db.R) (organisation.Organisation, error) {
		return served(r, read)
	})
	if err != nil {
		return err
	}
	v := formView{Form: f.About(at.Text()), At: at.Text(), Page: o.frame.Page(w, r, handForm.Page), Act: handForm.Act}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.OrganisationPath(at.Code)
	return web.Show(w, r, f.Status(), handPage(v))
}

func (o *Organisations) handOver(w http.ResponseWriter, r *http.Request) error {
	f := handForm.Read(r)
	if !f.Complete() {
		return o.showHand(w, r, f)
	}
	code := r.PathValue("code")
	err := registration.HandOver(r.Context(), o.frame.DB, web.Actor(r), code, f.Value("host"), f.Value("reason"))
	if f.Refuse(err) {
		return o.showHand(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PeoplePath, "Your registration authority does not serve "+code+" any more.")
}

// peopleText counts those who still work at an organisation that has closed.
func peopleText(n int64) string {
	switch n {
	case 0:
		return "Nobody’s Care Identity is there any more."
	case 1:
		return "1 person’s Care Identity is still there. Move it to where the person works now."
	}
	return fmt.Sprintf("%d people’s Care Identities are still there. Move them to where the people work now.", n)
}
