// Package clinic serves the pages of clinics: several people in one room, looked after one after another, by the
// keyboard alone if whoever does it likes that better.
package clinic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/clinic"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Clinics serves the pages.
type Clinics struct {
	frame *frame.Frame
	kinds []authn.Kind
}

// Mount adds the pages to the site, for managers and agents of registration authorities. kinds are those of
// authenticators that can be added at CIS2.
func Mount(s *web.Site, f *frame.Frame, kinds []authn.Kind) {
	c := &Clinics{frame: f, kinds: kinds}
	staff := f.Authority()
	s.Handle("GET "+frame.ClinicsPath, staff, c.list)
	s.Handle("GET "+newForm.Path, staff, c.askNew)
	f.HandleForm(s, newForm, staff, c.make)
	s.Handle("GET "+onePath, staff, c.one)
	f.HandleForm(s, addForm, staff, c.add)
	f.HandleForm(s, endForm, staff, c.end)
	s.Handle("GET "+listPath, staff, c.print)
	s.Handle("GET "+filePath, staff, c.file)
	s.Handle("GET "+personPath, staff, c.person)
	f.HandleForm(s, actForm, staff, c.act)
}

func reader(r *http.Request) deciding.Reader {
	user := frame.User(r)
	return deciding.Reader{UUID: user.Identity.UUID, List: user.Officers}
}

// refused reports whether an error is said at the form that was sent.
func refused(err error) bool { return errors.Is(err, fault.Conflict) || errors.Is(err, fault.Invalid) }

func (p *Clinics) list(w http.ResponseWriter, r *http.Request) error {
	all, err := db.Read(r.Context(), p.frame.DB, func(read db.R) ([]clinic.Clinic, error) {
		return clinic.List(r.Context(), read, reader(r))
	})
	if err != nil {
		return err
	}
	v := listView{Page: p.frame.Page(w, r, "Clinics")}
	for _, c := range all {
		state := nhsuk.TagParams{Text: "Open", Colour: nhsuk.TagAwaited}
		if !c.Ended.IsZero() {
			state = nhsuk.TagParams{Text: "Ended", Colour: nhsuk.TagGood}
		}
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{HTML: link(pathOf(c.ID), c.Name)}, {Text: when.Date(c.Day)}, {Text: c.Room}, {HTML: nhsuk.Tag(state)},
		})
	}
	v.Page.BackHref = frame.QueuePath
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// askNew asks for a clinic, with those filled in who were ticked in the queue.
func (p *Clinics) askNew(w http.ResponseWriter, r *http.Request) error {
	f := newForm.New(r)
	if !f.HasProblems() {
		f.Set("people", strings.Join(r.URL.Query()["person"], "\n"))
	}
	return p.showNew(w, r, f)
}

func (p *Clinics) showNew(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	v := newView{Page: p.frame.Page(w, r, newForm.Page), Form: f}
	v.Page.BackHref = frame.ClinicsPath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), newPage(v))
}

var errDay = fault.OfField("day", "Enter the day as day, month and year, such as 31 3 2027")

func (p *Clinics) make(w http.ResponseWriter, r *http.Request) error {
	f := newForm.Read(r)
	if !f.Complete() {
		return p.showNew(w, r, f)
	}
	day, is := when.ParseDate(f.Value("day"))
	if !is {
		f.Explain(errDay)
		return p.showNew(w, r, f)
	}
	id, err := clinic.Make(r.Context(), p.frame.DB, web.Actor(r), clinic.New{
		Name: f.Value("name"), Room: f.Value("room"), Day: day, People: f.Value("people"),
	})
	if refused(err) {
		f.Explain(err)
		return p.showNew(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), "") // a message would take the focus
}

// seen is a clinic with its people, of whom those are left out whom the user may not look after.
type seen struct {
	clinic clinic.Clinic
	people []clinic.Person
	who    map[string]identity.Identity
	left   map[string]clinic.Left
	next   string
}

func (p *Clinics) read(r *http.Request) (seen, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (s seen, err error) {
		return look(r.Context(), read, reader(r), r.PathValue("clinic"))
	})
}

func look(ctx context.Context, r db.R, by deciding.Reader, id string) (s seen, err error) {
	if s.clinic, err = clinic.ByID(ctx, r, by, id); err != nil {
		return s, err
	}
	all, err := s.clinic.People(ctx, r)
	if err != nil {
		return s, err
	}
	var uuids []string
	for _, one := range all {
		uuids = append(uuids, one.UUID)
	}
	if s.who, err = identity.ByUUIDs(ctx, r, uuids); err != nil {
		return s, err
	}
	served := map[string]bool{}
	for _, one := range all {
		at := s.who[one.UUID].Organisation
		if _, asked := served[at]; !asked {
			served[at], err = by.MayAt(ctx, r, permission.DecideRequest, at, permission.Yes)
			if err != nil {
				return s, err
			}
		}
		if !served[at] {
			delete(s.who, one.UUID)
			continue
		}
		s.people = append(s.people, one)
	}
	s.next = clinic.Next(s.people, by.UUID, r.Now())
	s.left, err = clinic.LeftFor(ctx, r, s.who)
	return s, err
}

func (p *Clinics) one(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, addForm.New(r), endForm.New(r))
}

func (p *Clinics) showOne(w http.ResponseWriter, r *http.Request, add, end *form.Rendered) error {
	s, err := p.read(r)
	if err != nil {
		return err
	}
	c := s.clinic
	v := oneView{Page: p.frame.Page(w, r, "Clinic: "+c.Name), Add: add.About(c.Name), End: end.About(c.Name),
		Where: whereOf(c), Ended: !c.Ended.IsZero(), List: pathOf(c.ID) + "/list",
		File: pathOf(c.ID) + "/list.csv"}
	if s.next != "" && !v.Ended {
		v.Next = personPathOf(c.ID, s.next)
		v.NextName = s.who[s.next].DisplayName()
	}
	count := map[clinic.State]int{}
	for _, one := range s.people {
		count[one.State]++
		name := nhsuk.TableCell{HTML: link(personPathOf(c.ID, one.UUID), s.who[one.UUID].DisplayName())}
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			name, {HTML: nhsuk.Tag(tagOf(one.State))}, {Text: leftText(s.left[one.UUID])},
		})
	}
	for _, state := range []clinic.State{clinic.Done, clinic.Here, clinic.Expected, clinic.Absent} {
		v.Counts = append(v.Counts, nhsuk.SummaryListRow{Key: state.Label(), Value: fmt.Sprint(count[state])})
	}
	v.Page.BackHref = frame.ClinicsPath
	v.Page.Error = add.HasProblems() || end.HasProblems()
	if v.Ended && v.Page.Error {
		return web.SeeOther(w, r, pathOf(c.ID), "Nothing was changed. This clinic has ended.")
	}
	return web.Show(w, r, max(add.Status(), end.Status()), onePage(v))
}

// whereOf says when and where a clinic is.
func whereOf(c clinic.Clinic) string {
	if c.Room == "" {
		return when.Date(c.Day)
	}
	return when.Date(c.Day) + ", " + c.Room
}

func tagOf(s clinic.State) nhsuk.TagParams {
	colour := nhsuk.TagAwaited
	switch s {
	case clinic.Here:
		colour = nhsuk.TagLimited
	case clinic.Done:
		colour = nhsuk.TagGood
	case clinic.Absent:
		colour = nhsuk.TagStopped
	}
	return nhsuk.TagParams{Text: s.Label(), Colour: colour}
}

func leftText(l clinic.Left) string {
	if list := l.Texts(); len(list) > 0 {
		return strings.Join(list, ", ")
	}
	return "Nothing"
}

func (p *Clinics) add(w http.ResponseWriter, r *http.Request) error {
	f := addForm.Read(r)
	if !f.Complete() {
		return p.showOne(w, r, f, endForm.New(r))
	}
	n, err := clinic.Add(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("clinic"), f.Value("people"))
	if refused(err) {
		f.Explain(err)
		return p.showOne(w, r, f, endForm.New(r))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r.PathValue("clinic")), fmt.Sprintf("Added to the clinic: %d.", n))
}

func (p *Clinics) end(w http.ResponseWriter, r *http.Request) error {
	f := endForm.Read(r)
	if !f.Complete() {
		return p.showOne(w, r, addForm.New(r), f)
	}
	err := clinic.End(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("clinic"))
	if refused(err) {
		f.Explain(err)
		return p.showOne(w, r, addForm.New(r), f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r.PathValue("clinic")),
		"Clinic ended. Whoever still needs something stays in the queue.")
}

// rows are the list of a clinic for a room without a computer: no birth dates and no National Insurance numbers.
func (s seen) rows() (rows [][]string) {
	for _, one := range s.people {
		rows = append(rows, []string{
			s.who[one.UUID].DisplayName(), one.UUID, leftText(s.left[one.UUID]), one.State.Label(),
		})
	}
	return rows
}

var heading = []string{"Name", "Care Identity number", "What is needed", "State"}

func (p *Clinics) print(w http.ResponseWriter, r *http.Request) error {
	s, err := p.listed(r)
	if err != nil {
		return err
	}
	v := printView{Page: p.frame.Page(w, r, "List of the clinic: "+s.clinic.Name), Where: whereOf(s.clinic)}
	for _, row := range s.rows() {
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{HTML: page.Name(row[0])}, {Text: row[1]}, {Text: row[2]}, {Text: "☐"},
		})
	}
	v.Page.BackHref = pathOf(s.clinic.ID)
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, printPage(v))
}

func (p *Clinics) file(w http.ResponseWriter, r *http.Request) error {
	s, err := p.listed(r)
	if err != nil {
		return err
	}
	content, err := sheet.CSV(heading, s.rows())
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "clinic.csv", content)
}

// listed reads a clinic, and records that its list is taken out.
func (p *Clinics) listed(r *http.Request) (s seen, err error) {
	if s, err = p.read(r); err != nil {
		return s, err
	}
	return s, clinic.NoteListed(r.Context(), p.frame.DB, web.Actor(r), s.clinic.ID)
}
