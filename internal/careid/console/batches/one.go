package batches

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// firstRows is how many rows in each state a page shows.
const firstRows = 10

// parts are the rows that a page shows together.
var parts = []struct {
	state   batch.RowState
	caption string
}{
	{batch.RowRefused, "Refused"}, {batch.RowKept, "Could not be undone"}, {batch.RowReady, "Will be done"},
	{batch.RowDone, "Done"}, {batch.RowAlready, "Nothing to do"}, {batch.RowUndone, "Undone"},
}

// one shows a batch: what would be done and what was, and how far it is.
func (p *Batches) one(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, nextForm.New(r))
}

func (p *Batches) showOne(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	user := frame.User(r)
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v oneView, err error) {
		b, err := batch.One(r.Context(), read, user.Officers, r.PathValue("batch"))
		if err != nil {
			return v, err
		}
		if v.told, err = tell(r.Context(), read, b); err != nil {
			return v, err
		}
		if v.counts, err = batch.Count(r.Context(), read, b.ID); err != nil {
			return v, err
		}
		if err := p.readParts(r.Context(), read, user, &v); err != nil {
			return v, err
		}
		v.swapped = b.Swapped
		if b.State == batch.Waiting && b.By != user.Identity.UUID {
			v.swapped, err = batch.Swapped(r.Context(), read, b, user.Identity.UUID)
		}
		return v, err
	})
	if err != nil {
		return err
	}
	items := v.nexts(user.Identity.UUID)
	if f.HasProblems() && len(items) == 0 {
		return web.SeeOther(w, r, pathOf(v.told.ID), "Nothing was changed. Look at the batch: that cannot be done now.")
	}
	f.Offer("next", items)
	f.About(v.told.title())
	v.Form = f
	v.Next = len(items) > 0
	v.tell()
	v.Page = p.frame.Page(w, r, v.told.title())
	v.Page.BackHref = frame.BatchesPath
	v.Page.Error = f.HasProblems()
	v.Page.Wide = true
	v.Works = v.told.State.Works()
	v.Loads = v.Works && r.URL.Query().Get("reload") != "no"
	v.Still = pathOf(v.told.ID) + "?reload=no"
	v.Again = pathOf(v.told.ID)
	if v.Loads {
		w.Header().Set("Refresh", "5")
	}
	return web.Show(w, r, f.Status(), onePage(v))
}

func (p *Batches) readParts(ctx context.Context, r db.R, user *frame.Current, v *oneView) error {
	for _, part := range parts {
		if v.counts[part.state] == 0 {
			continue
		}
		list, err := p.desk.First(ctx, r, user.Officers, v.told.ID, part.state, firstRows)
		if err != nil {
			return err
		}
		shown := partView{Caption: part.caption + ": " + count(v.counts[part.state])}
		if part.state == batch.RowRefused || part.state == batch.RowKept {
			shown.Mend = pathOf(v.told.ID) + "/" + string(part.state) + ".csv"
		}
		if v.counts[part.state] > len(list) {
			shown.More = "The first " + strconv.Itoa(len(list)) + " rows are shown."
		}
		for _, row := range list {
			shown.Rows = append(shown.Rows, rowOf(row)[:len(shown.head())])
		}
		v.Parts = append(v.Parts, shown)
	}
	return nil
}

func rowOf(row batch.Row) []nhsuk.TableCell {
	person := nhsuk.TableCell{HTML: typed(row.Sent())}
	switch {
	case row.Name != "":
		person = nhsuk.TableCell{HTML: personLink(frame.PathOf(row.UUID), row.Name)}
	case strings.Contains(row.Sent(), "@"):
		person = nhsuk.TableCell{HTML: page.Contact(row.Sent())}
	}
	return []nhsuk.TableCell{{Text: strconv.Itoa(row.Number)}, person, {Text: row.UUID}, {Text: row.Problem}}
}

// tell says what the batch does, and who did what to it.
func (v *oneView) tell() {
	t := v.told
	v.Tag = tags[t.State]
	v.About = []nhsuk.SummaryListRow{
		{Key: "Position", Value: t.position}, {Key: "Organisation", Value: t.at},
	}
	if t.Act != batch.End {
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "Dates", Value: datesText(t.Batch)})
	}
	v.About = append(v.About,
		nhsuk.SummaryListRow{Key: "Why", ValueHTML: typed(t.Reason)},
		nhsuk.SummaryListRow{Key: "Made", ValueHTML: byAt(t.maker, when.DateTime(t.Made))},
	)
	if t.decider != "" {
		key := "Approved"
		if t.State == batch.Rejected {
			key = "Rejected"
		}
		v.About = append(v.About, nhsuk.SummaryListRow{Key: key, ValueHTML: byAt(t.decider, when.DateTime(t.Decided))})
	}
	if t.Notes != "" {
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "Notes", ValueHTML: typed(t.Notes)})
	}
	if t.undoer != "" {
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "Undone by", ValueHTML: page.Name(t.undoer)})
	}
	all := v.counts.All()
	left := map[batch.State]int{
		batch.Looking: v.counts[batch.RowUnread], batch.Doing: v.counts[batch.RowReady],
		batch.Undoing: v.counts[batch.RowDone],
	}[t.State]
	if t.State.Works() {
		v.Progress = strconv.Itoa(all-left) + " of " + count(all) + " are through."
	}
}

func datesText(b batch.Batch) string {
	starts := "at once"
	if b.Act == batch.ChangeDates {
		starts = "as it is"
	}
	if !b.During.Starts.IsZero() {
		starts = when.Date(b.During.Starts)
	}
	ends := "none"
	if !b.During.Ends.IsZero() {
		ends = when.LastDay(b.During.Ends)
	}
	return "Start: " + starts + ". Last day: " + ends + "."
}

// nexts lists what a user may do with the batch now.
func (v *oneView) nexts(user string) (items []nhsuk.RadioItem) {
	add := func(one next) {
		items = append(items, nhsuk.RadioItem{Value: string(one), Text: nextTexts[one], Hint: nextHints[one]})
	}
	mine := v.told.By == user
	switch state := v.told.State; state {
	case batch.Looked:
		if mine && v.counts[batch.RowReady] > 0 {
			add(sends)
		}
	case batch.Waiting:
		if !mine {
			add(approves)
			add(rejects)
		}
	case batch.Doing:
		add(stops)
	case batch.Stopped:
		add(goesOn)
	}
	switch state := v.told.State; state {
	case batch.Looking, batch.Looked, batch.Waiting:
		if mine {
			add(withdraws)
		}
	case batch.Done, batch.Stopped:
		if v.counts[batch.RowDone] > 0 {
			add(undoes)
		}
	}
	return items
}

func (p *Batches) next(w http.ResponseWriter, r *http.Request) error {
	f := nextForm.Read(r)
	if !f.Complete() {
		return p.showOne(w, r, f)
	}
	done, err := p.does(r, next(f.Value("next")), f.Value("notes"))
	if refused(err) {
		f.Explain(err)
		return p.showOne(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r.PathValue("batch")), done)
}

// does does what was chosen, and says what was done.
func (p *Batches) does(r *http.Request, chosen next, notes string) (string, error) {
	ctx := r.Context()
	by := web.Actor(r)
	id := r.PathValue("batch")
	switch chosen {
	case sends:
		return "Sent.", p.desk.Send(ctx, by, id)
	case withdraws:
		return "Withdrawn.", p.desk.Withdraw(ctx, by, id)
	case approves:
		if notes != "" {
			if _, err := access.Reason("notes", notes, ""); err != nil {
				return "", err
			}
		}
		return "Approved. It is being done.", p.desk.Approve(ctx, by, id, notes)
	case rejects:
		return "Rejected.", p.desk.Reject(ctx, by, id, notes)
	case stops:
		return "Stopped. What was done stands.", p.desk.Stop(ctx, by, id)
	case goesOn:
		return "It goes on.", p.desk.GoOn(ctx, by, id)
	case undoes:
		return "It is being undone.", p.desk.Undo(ctx, by, id, notes)
	}
	return "", fault.OfField("next", "Select what to do")
}

// mend sends the rows that were refused, or could not be undone, to be mended and sent again.
func (p *Batches) mend(w http.ResponseWriter, r *http.Request) error {
	state := batch.RowRefused
	switch r.PathValue("state") {
	case string(batch.RowRefused) + ".csv":
	case string(batch.RowKept) + ".csv":
		state = batch.RowKept
	default:
		return fault.NotFound
	}
	content, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) ([]byte, error) {
		b, err := batch.One(r.Context(), read, frame.User(r).Officers, r.PathValue("batch"))
		if err != nil {
			return nil, err
		}
		return p.desk.Mend(r.Context(), read, b, state)
	})
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, string(state)+".csv", content)
}
