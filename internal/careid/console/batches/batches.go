// Package batches serves the pages on which registration authorities do one thing to many people, and look at and
// approve what others of them are about to do.
package batches

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/careid/registration/officer"
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

// Batches serves the pages.
type Batches struct {
	frame *frame.Frame
	desk  *batch.Desk
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, d *batch.Desk) {
	p := &Batches{frame: f, desk: d}
	may := f.May(permission.AssignBatch)
	s.Handle("GET "+frame.BatchesPath, may, p.list)
	s.Handle("GET "+atForm.Path, may, p.askNew)
	f.HandleForm(s, newForm, may, p.make)
	s.Handle("GET "+onePath, may, p.one)
	f.HandleForm(s, nextForm, may, f.Freshly(nextForm, p.next))
	s.Handle("GET "+mendPath, may, p.mend)
}

func pathOf(id string) string { return frame.BatchesPath + "/" + url.PathEscape(id) }

// tags say how far a batch is.
var tags = map[batch.State]nhsuk.TagParams{
	batch.Looking:   {Text: "Being checked", Colour: nhsuk.TagAwaited},
	batch.Looked:    {Text: "Checked, not sent", Colour: nhsuk.TagAwaited},
	batch.Waiting:   {Text: "Waits for approval", Colour: nhsuk.TagLimited},
	batch.Rejected:  {Text: "Rejected", Colour: nhsuk.TagStopped},
	batch.Withdrawn: {Text: "Withdrawn", Colour: nhsuk.TagStopped},
	batch.Doing:     {Text: "Being done", Colour: nhsuk.TagAwaited},
	batch.Stopped:   {Text: "Stopped", Colour: nhsuk.TagStopped},
	batch.Done:      {Text: "Done", Colour: nhsuk.TagGood},
	batch.Undoing:   {Text: "Being undone", Colour: nhsuk.TagAwaited},
	batch.Undone:    {Text: "Undone", Colour: nhsuk.TagStopped},
}

// told is what people read of a batch.
type told struct {
	batch.Batch

	position, at, maker, decider, undoer string
}

func tell(ctx context.Context, r db.R, b batch.Batch) (t told, err error) {
	t.Batch = b
	p, err := access.PositionByID(ctx, r, b.Position)
	if err != nil {
		return t, err
	}
	t.position = p.Name
	if t.at, err = organisation.Text(ctx, r, b.Organisation); err != nil {
		return t, err
	}
	for uuid, name := range map[string]*string{b.By: &t.maker, b.DecidedBy: &t.decider, b.UndoneBy: &t.undoer} {
		if uuid == "" {
			continue
		}
		i, err := identity.ByUUID(ctx, r, uuid)
		if err != nil {
			return t, err
		}
		*name = i.DisplayName()
	}
	return t, nil
}

func (t told) title() string { return t.Act.Label() + ": " + t.position }

// list lists the newest batches.
func (p *Batches) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v listView, err error) {
		list, err := batch.List(r.Context(), read, frame.User(r).Officers)
		if err != nil {
			return v, err
		}
		for _, b := range list {
			t, err := tell(r.Context(), read, b)
			if err != nil {
				return v, err
			}
			v.Rows = append(v.Rows, []nhsuk.TableCell{
				{HTML: link(pathOf(b.ID), t.title())}, {Text: t.at}, {HTML: page.Name(t.maker)},
				{Text: when.DateTime(b.Made)}, {HTML: nhsuk.Tag(tags[b.State])},
			})
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, "Batches")
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func (p *Batches) askNew(w http.ResponseWriter, r *http.Request) error {
	f := newForm.New(r)
	if at := atForm.Read(r).Value("at"); at != "" {
		f.Set("at", at)
	}
	return p.showNew(w, r, f)
}

var errAt = fault.OfField("at", "Enter the ODS code of an organisation that your registration authority serves")

// showNew asks for what is to be done and to whom, with the positions of the organisation that was chosen.
func (p *Batches) showNew(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	best, _ := frame.User(r).Officers.Best(permission.AssignBatch, permission.Yes)
	at := cmp.Or(f.Value("at"), best.Organisation)
	choose := atForm.New(r).Set("at", at)
	v, err := p.readNew(r, at)
	if errors.Is(err, errAt) {
		choose.Explain(err)
		at = best.Organisation
		v, err = p.readNew(r, at)
	}
	if err != nil {
		return err
	}
	f.Set("at", at)
	f.Offer("position", v.positions)
	v.Choose = choose
	v.Form = f
	v.Page = p.frame.Page(w, r, newForm.Page)
	v.Page.BackHref = frame.BatchesPath
	v.Page.Error = f.HasProblems() || choose.HasProblems()
	return web.Show(w, r, max(f.Status(), choose.Status()), newPage(v))
}

func (p *Batches) readNew(r *http.Request, at string) (newView, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (v newView, err error) {
		code, err := ods.Parse(at)
		if err != nil {
			return v, errAt
		}
		may, err := frame.MayAt(r, read, permission.AssignBatch, string(code))
		if err != nil {
			return v, err
		}
		if !may {
			return v, errAt
		}
		v.At, err = organisation.Text(r.Context(), read, string(code))
		if err != nil {
			return v, err
		}
		v.positions, err = positionsAt(r.Context(), read, string(code))
		return v, err
	})
}

// positionsAt offers the open positions of an organisation that one person may give.
func positionsAt(ctx context.Context, r db.R, code string) (items []nhsuk.RadioItem, err error) {
	list, err := access.PositionsAt(ctx, r, code)
	if err != nil {
		return nil, err
	}
	law, err := officer.LawFor(ctx, r, list...)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if !p.Over(r.Now()) && len(law.JobsIn(p)) == 0 {
			items = append(items, nhsuk.RadioItem{Value: p.ID, Text: p.Name, Hint: p.RolesText()})
		}
	}
	return items, nil
}

func (p *Batches) make(w http.ResponseWriter, r *http.Request) error {
	f := newForm.Read(r)
	if f.Complete() {
		id, err := p.made(r, f)
		if err == nil {
			return web.SeeOther(w, r, pathOf(id), "")
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	return p.showNew(w, r, f)
}

func (p *Batches) made(r *http.Request, f *form.Rendered) (id string, err error) {
	file, err := web.FileOf(r, "file", batch.MaxFileBytes)
	if err != nil {
		return "", err
	}
	during, err := datesIn(f)
	if err != nil {
		return "", err
	}
	people, err := batch.Read(file, f.Value("people"))
	if err != nil {
		return "", err
	}
	return p.desk.Make(r.Context(), web.Actor(r), batch.New{
		Act: batch.Act(f.Value("act")), Position: f.Value("position"), Reason: f.Value("why"), During: during,
		People: people,
	})
}

// datesIn reads the dates of a form. The last day counts.
func datesIn(f *form.Rendered) (during registration.Dates, err error) {
	const like = "Enter a date, for example 31 3 2027, or nothing"
	starts, isDate := when.ParseDate(f.Value("starts"))
	if f.Value("starts") != "" && !isDate {
		return during, fault.OfField("starts", like)
	}
	last, isDate := when.ParseDate(f.Value("ends"))
	if f.Value("ends") != "" && !isDate {
		return during, fault.OfField("ends", like)
	}
	during.Starts = starts
	if isDate {
		during.Ends = last.AddDate(0, 0, 1)
	}
	return during, nil
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool {
	return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) || errors.Is(err, fault.TooMany)
}

func count(n int) string {
	if n == 1 {
		return "1 person"
	}
	return strconv.Itoa(n) + " people"
}
