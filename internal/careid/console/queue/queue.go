// Package queue serves the queue of a registration authority: everybody who waits for something, in the order in which
// they are best looked after.
package queue

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/queue"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const onPage = 50

// filterForm chooses what of the queue is listed.
var filterForm = form.Form{Path: frame.QueuePath, Get: true, Fields: []form.Field{
	form.Select(nhsuk.SelectParams{
		Name: "kind", Label: nhsuk.LabelParams{Text: "What they wait for", Size: "s"}, Items: kindItems(),
	}),
	form.Input(nhsuk.InputParams{
		Name: "at", Label: nhsuk.LabelParams{Text: "ODS code of the organisation", Size: "s"},
		Hint: "All that your registration authority serves if you enter nothing", Classes: "nhsuk-input--width-10",
		Autocomplete: "off", Spellcheck: "false",
	}),
	form.Checkboxes(nhsuk.CheckboxesParams{Name: "late", Items: []nhsuk.CheckboxItem{
		{Value: "yes", Text: "Only what is late"},
	}}),
}}

// ticksForm makes a clinic of those who are ticked in the rows.
var ticksForm = form.Form{Path: frame.ClinicsPath + "/new", Get: true}

func kindItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Anything"}}
	for _, k := range queue.Kinds() {
		items = append(items, nhsuk.SelectItem{Value: string(k), Text: k.Label()})
	}
	return items
}

// Queue serves the page.
type Queue struct{ frame *frame.Frame }

// Mount adds the page to the site.
func Mount(s *web.Site, f *frame.Frame) {
	q := &Queue{frame: f}
	s.Handle("GET "+frame.QueuePath, f.SignedInToAct(), q.show)
	s.Handle("GET "+outlookPath, f.SignedInToAct(), q.outlook)
}

var errNotTheirs = fault.SayCure(fault.Forbidden,
	"The queue is for registration authority managers and agents, and for ID checkers.",
	"If you wait for something yourself, ask your registration authority.")

type queueView struct {
	Page     page.Params
	Filter   *form.Rendered
	Rows     [][]nhsuk.TableCell
	Filtered bool
	Decides  bool           // the user decides what is asked for
	Ticks    *form.Rendered // leads to a clinic of those who are ticked
	Head     []nhsuk.TableCell
	Clinics  bool   // the user holds clinics
	Days     string // after which something is due
	Links    nhsuk.PaginationParams

	next queue.Place
}

func (q *Queue) show(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	reader := deciding.Reader{UUID: user.Identity.UUID, List: user.Officers}
	if !reader.Decides() && !reader.May(permission.VerifyProfile, permission.Yes) {
		return errNotTheirs
	}
	f := filterForm.Read(r)
	chosen := queue.Filter{
		Kind: queue.Kind(f.Value("kind")), Organisation: strings.ToUpper(f.Value("at")), Late: f.Value("late") != "",
	}
	if !slices.Contains(queue.Kinds(), chosen.Kind) {
		chosen.Kind = ""
	}
	after := r.URL.Query().Get("after")
	v, err := db.Costly(r.Context(), q.frame.DB, func(read db.R) (v queueView, err error) {
		list, next, err := queue.List(r.Context(), read, reader, chosen, queue.ReadPlace(after), onPage)
		if err != nil {
			return v, err
		}
		v.next = next
		v.Rows, err = rowsOf(r.Context(), read, list, user.Authority.RoleID != "")
		return v, err
	})
	if err != nil {
		return err
	}
	if v.Days, err = q.frame.WorkingDays(r); err != nil {
		return err
	}
	v.Filter = f
	v.Ticks = ticksForm.New(r)
	v.Head = nhsuk.Cells("Person", "What", "At", "Since", "Due", "Why it is here")
	if v.Clinics = user.Authority.RoleID != ""; v.Clinics {
		v.Head = append(v.Head, nhsuk.TableCell{Text: "Clinic"})
	}
	v.Decides = reader.Decides()
	v.Filtered = chosen != queue.Filter{}
	v.Links = links(r, after != "", v.next)
	title := "Queue"
	if after != "" {
		title = "Queue, further on"
	}
	v.Page = q.frame.Page(w, r, title)
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, queuePage(v))
}

// links lead to the beginning of the queue, and to what follows.
func links(r *http.Request, within bool, next queue.Place) (p nhsuk.PaginationParams) {
	query := page.WithoutPlace(r)
	if within {
		p.Previous = nhsuk.PaginationLink{Href: frame.QueuePath + "?" + query.Encode(), Text: "Beginning"}
	}
	if !next.Over() {
		query.Set("after", next.String())
		p.Next = nhsuk.PaginationLink{Href: frame.QueuePath + "?" + query.Encode(), Text: "Next"}
	}
	return p
}

// rowsOf words the items of the queue.
func rowsOf(ctx context.Context, r db.R, list []queue.Item, clinics bool) (rows [][]nhsuk.TableCell, err error) {
	var uuids, codes []string
	for _, i := range list {
		codes = append(codes, i.Organisation)
		if i.UUID != "" && i.Name == "" {
			uuids = append(uuids, i.UUID)
		}
	}
	people := map[string]identity.Identity{}
	if len(uuids) > 0 {
		if people, err = identity.ByUUIDs(ctx, r, uuids); err != nil {
			return nil, err
		}
	}
	places := map[string]string{}
	if len(codes) > 0 {
		if places, err = organisation.Texts(ctx, r, codes); err != nil {
			return nil, err
		}
	}
	for n, i := range list {
		if i.Name == "" {
			i.Name = people[i.UUID].DisplayName()
		}
		cells := row(i, places[i.Organisation])
		switch {
		case clinics && i.UUID != "":
			cells = append(cells, nhsuk.TableCell{HTML: tick(n, i)})
		case clinics:
			cells = append(cells, nhsuk.TableCell{})
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// tick is the box by which a person is put into a clinic.
func tick(n int, i queue.Item) templ.Component {
	return nhsuk.Checkboxes(nhsuk.CheckboxesParams{
		Name: "person", IDPrefix: fmt.Sprintf("person-%d", n), Small: true,
		Items: []nhsuk.CheckboxItem{{Value: i.UUID, HTML: tickLabel(i.Name)}},
	})
}

func row(i queue.Item, at string) []nhsuk.TableCell {
	href := frame.PathOf(i.UUID)
	switch {
	case i.Request.ID != "":
		href = frame.RequestPath(i.Request.ID)
	case i.Application != "":
		href = frame.ApplicationsPath + "/" + url.PathEscape(i.Application)
	case i.Kind == queue.Bare:
		href = frame.PathOf(i.UUID) + "/authenticators"
	}
	due := nhsuk.TableCell{Text: "No day is set"}
	if !i.Due.IsZero() {
		due = nhsuk.TableCell{HTML: dueCell(when.LastDay(i.Due), i.Late)}
	}
	return []nhsuk.TableCell{
		{HTML: itemLink(href, i.Name)}, {Text: i.Kind.Label()}, {Text: at}, {Text: when.Date(i.Since)}, due,
		{Text: i.Reason},
	}
}
