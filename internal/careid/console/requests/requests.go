// Package requests serves the pages on which sponsors and others ask a registration authority for something about a
// person, and on which managers and agents look at that and decide it.
package requests

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Requests serves the pages.
type Requests struct{ frame *frame.Frame }

// Mount adds the pages to the site. Whoever is logged in may come: everybody sees what they asked for, and what they
// may decide.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Requests{frame: f}
	in := f.SignedInToAct()
	s.Handle("GET "+frame.RequestsPath, in, p.dashboard)
	s.Handle("GET "+newPath, in, p.askNew)
	f.HandleForm(s, askForm, in, p.ask)
	s.Handle("GET "+onePath, in, p.one)
	f.HandleForm(s, lookForm, in, p.look)
	f.HandleForm(s, leaveForm, in, p.leave)
	f.HandleForm(s, approveForm, in, f.Freshly(approveForm, p.approve))
	f.HandleForm(s, rejectForm, in, p.reject)
	f.HandleForm(s, againForm, in, p.again)
	f.HandleForm(s, withdrawForm, in, p.withdraw)
}

func pathOf(id string) string { return frame.RequestPath(id) }

// reader is the user, with their jobs.
func reader(r *http.Request) deciding.Reader {
	user := frame.User(r)
	return deciding.Reader{UUID: user.Identity.UUID, List: user.Officers}
}

// filterFrom is how many requests a list has before it can be filtered and sorted.
const filterFrom = 5

type dashboardView struct {
	Page    page.Params
	Decides bool // the user decides requests
	MayAsk  bool
	Filter  *form.Rendered
	Filters bool // the list is long enough to filter it, or is filtered
	Open    [][]nhsuk.TableCell
	Closed  [][]nhsuk.TableCell
	Mine    [][]nhsuk.TableCell
	Batches string // that wait for somebody to approve them; empty if none does
}

func (p *Requests) dashboard(w http.ResponseWriter, r *http.Request) error {
	f := filterForm.Read(r)
	user := reader(r)
	chosen := deciding.Choice{Kind: request.Kind(f.Value("kind")), Order: request.Order(f.Value("order"))}
	if !slices.Contains(request.Kinds(), chosen.Kind) {
		chosen.Kind = ""
	}
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v dashboardView, err error) {
		open, err := user.Waiting(r.Context(), read, chosen)
		if err != nil {
			return v, err
		}
		closed, err := user.Closed(r.Context(), read)
		if err != nil {
			return v, err
		}
		mine, err := user.Mine(r.Context(), read)
		if err != nil {
			return v, err
		}
		v.Filters = len(open) >= filterFrom || chosen != deciding.Choice{}
		names, err := namesOf(r.Context(), read, slices.Concat(open, closed, mine))
		if err != nil {
			return v, err
		}
		for _, q := range open {
			v.Open = append(v.Open, names.row(q, dueText(q, read), lookText(q, names, read)))
		}
		for _, q := range closed {
			v.Closed = append(v.Closed, names.row(q, q.State.Label(), when.Date(q.Decided)))
		}
		for _, q := range mine {
			v.Mine = append(v.Mine, names.row(q, when.Date(q.Asked), q.State.Label()))
		}
		if v.Batches, err = batchesText(r.Context(), read, user); err != nil {
			return v, err
		}
		changed, err := identity.OwnEmailChanges(r.Context(), read, user.UUID, read.Now().Add(-deciding.Kept))
		for _, at := range changed {
			v.Mine = append(v.Mine, ownEmailRow(frame.User(r).Identity, at))
		}
		return v, err
	})
	if err != nil {
		return err
	}
	v.Decides = user.Decides()
	v.MayAsk = user.MayAsk()
	v.Filter = f
	v.Page = p.frame.Page(w, r, "Requests")
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, dashboardPage(v))
}

// batchesText says how many batches wait that the user may approve.
func batchesText(ctx context.Context, r db.R, user deciding.Reader) (string, error) {
	list, err := batch.List(ctx, r, user.List)
	n := 0
	for _, b := range list {
		if b.State == batch.Waiting && b.By != user.UUID {
			n++
		}
	}
	switch {
	case err != nil || n == 0:
		return "", err
	case n == 1:
		return "1 batch waits", nil
	}
	return strconv.Itoa(n) + " batches wait", nil
}

// names are those of people, by their numbers.
type names map[string]identity.Identity

func namesOf(ctx context.Context, r db.R, list []request.Request) (names, error) {
	var uuids []string
	for _, q := range list {
		for _, uuid := range []string{q.Subject.UUID, q.AskedBy, q.DecidedBy, q.Look.By} {
			if uuid != "" {
				uuids = append(uuids, uuid)
			}
		}
	}
	slices.Sort(uuids)
	uuids = slices.Compact(uuids)
	if len(uuids) == 0 {
		return names{}, nil
	}
	return identity.ByUUIDs(ctx, r, uuids)
}

func (n names) of(uuid string) string { return n[uuid].DisplayName() }

// subject names whom a request is about.
func (n names) subject(q request.Request) string {
	if q.Subject.UUID == "" {
		return q.Subject.Name
	}
	return n.of(q.Subject.UUID)
}

// asker names who asked.
func (n names) asker(q request.Request) string {
	if q.Kind().Recorded() {
		return byStaffRecord
	}
	if q.AskedBy == "" {
		return q.Subject.Name + ", without a login"
	}
	return n.of(q.AskedBy)
}

func (n names) row(q request.Request, more ...string) []nhsuk.TableCell {
	cells := []nhsuk.TableCell{
		{HTML: numberLink(pathOf(q.ID), random.Grouped(q.Number))}, {Text: q.Kind().Label()},
		{HTML: page.Name(n.subject(q))}, {HTML: page.Name(n.asker(q))}, {Text: q.Organisation},
	}
	for _, text := range more {
		cells = append(cells, nhsuk.TableCell{Text: text})
	}
	return cells
}

// ownEmailRow shows the change of somebody's own email address, which is done as they ask for it.
func ownEmailRow(i identity.Identity, at time.Time) []nhsuk.TableCell {
	name := nhsuk.TableCell{HTML: page.Name(i.DisplayName())}
	return []nhsuk.TableCell{
		{Text: "None"}, {Text: "Change your email address"}, name, name, {Text: i.Organisation}, {Text: when.Date(at)},
		{Text: request.Completed.Label()},
	}
}

func dueText(q request.Request, r db.R) string {
	last := when.Date(q.Due.Add(-1))
	if !r.Now().Before(q.Due) {
		return last + " (late)"
	}
	return last
}

func lookText(q request.Request, n names, r db.R) string {
	if look := q.Look.Of(r.Now()); look.By != "" {
		return n.of(look.By) + ", until " + when.TimeOfDay(look.Until)
	}
	return "Nobody"
}

var errNoRequest = fault.SayCure(fault.NotFound, "There is no such request, or it is not for you to see.",
	"Go back to the list of requests.")

// readOne reads a request that the user may see.
func readOne(r *http.Request, read db.R) (request.Request, error) {
	q, err := request.ByID(r.Context(), read, r.PathValue("id"))
	if errors.Is(err, fault.NotFound) {
		return q, errNoRequest
	}
	if err != nil {
		return q, err
	}
	sees, err := reader(r).Sees(r.Context(), read, q)
	if err == nil && !sees {
		err = errNoRequest
	}
	return q, err
}
