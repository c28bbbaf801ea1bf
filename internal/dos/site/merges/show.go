package merges

import (
	"net/http"
	"time"

	"signpost/internal/dos/merge"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (m *Merges) show(w http.ResponseWriter, r *http.Request) error {
	return m.showMerge(w, r, undoForm.New(r))
}

func (m *Merges) showMerge(w http.ResponseWriter, r *http.Request, undo *form.Rendered) error {
	v, err := db.Read(r.Context(), m.office.DB, func(read db.R) (mergeView, error) { return m.readMerge(r, read) })
	if err != nil {
		return err
	}
	if undo.HasProblems() && !v.CanUndo {
		return web.SeeOther(w, r, frame.MergesPage+"/"+r.PathValue("id"), "Nothing changed. It stands like this now.")
	}
	v.Do = doForm.New(r).Saw(v.seen).About(v.heading)
	v.Withdraw = withdrawForm.New(r)
	v.Undo = undo.Saw(v.seen).About(v.heading)
	v.Page = m.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = frame.MergesPage
	v.Page.Error = undo.HasProblems()
	return web.Show(w, r, undo.Status(), mergePage(v))
}

func (m *Merges) readMerge(r *http.Request, read db.R) (v mergeView, err error) {
	ctx := r.Context()
	one, err := merge.ByID(ctx, read, r.PathValue("id"))
	if err != nil {
		return v, err
	}
	s, err := merge.SidesOf(ctx, read, one)
	if err == nil {
		err = covered(r, s.Survivor, s.Closed)
	}
	if err != nil {
		return v, err
	}
	v.heading = s.Closed.Username + " into " + s.Survivor.Username
	v.survivor = s.Survivor.Username
	v.closed = s.Closed.Username
	v.Accounts = []page.Link{
		{Text: s.Survivor.Username, Href: "/users/" + s.Survivor.ID},
		{Text: s.Closed.Username, Href: "/users/" + s.Closed.ID},
	}
	v.About = aboutRows(one, read.Now())
	if v.seen, err = merge.Seen(ctx, read, one, s); err != nil {
		return v, err
	}
	if one.Over(read.Now()) {
		return v, nil
	}
	lines, err := merge.Preview(ctx, read, s, one.Memberships)
	if err != nil {
		return v, err
	}
	if one.State == merge.Done {
		v.Now = nowRows(lines)
		problem, err := problemOf(m.office.MayUndo(ctx, read, decider(r), one, s))
		v.say(problem)
		v.CanUndo = err == nil && problem == nil
		return v, err
	}
	v.Rows = previewRows(lines)
	return v, m.readWaiting(r, read, one, s, &v)
}

// readWaiting reads what the user can do about a merge that is not done yet, and what stands against it.
func (m *Merges) readWaiting(r *http.Request, read db.R, one merge.Merge, s merge.Sides, v *mergeView) error {
	ctx := r.Context()
	v.Waits = one.State == merge.Proposed
	ask := m.office.MayDo
	if v.Waits {
		ask = m.office.MayBecome
	}
	problem, err := problemOf(ask(ctx, read, decider(r), one, s))
	if err != nil {
		return err
	}
	v.say(problem)
	v.CanDo = !v.Waits && problem == nil
	problem, err = problemOf(merge.MayWithdraw(ctx, read, decider(r), one, s))
	v.CanWithdraw = err == nil && problem == nil
	return err
}

// say words a problem on the page.
func (v *mergeView) say(problem *fault.Fault) {
	if problem != nil {
		v.Problem = problem.Message
		v.Cure = problem.Cure
	}
}

func aboutRows(m merge.Merge, now time.Time) []nhsuk.SummaryListRow {
	state := stateText(m, now)
	rows := []nhsuk.SummaryListRow{
		{Key: "State", Value: state}, {Key: "Why", Value: m.Reason},
		{Key: "Proposed", ValueHTML: page.Named(m.ProposedName, ", "+when.DateTime(m.Proposed))},
	}
	if !m.Confirmed.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "What the holder showed", ValueHTML: lines(m.Proofs)},
			nhsuk.SummaryListRow{Key: "Confirmed", Value: when.DateTime(m.Confirmed)})
	}
	if !m.Done.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Merged",
			ValueHTML: page.Named(m.DoneName, ", "+when.DateTime(m.Done))})
	}
	if !m.Ended.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: state,
			ValueHTML: page.Named(m.EndedName, ", "+when.DateTime(m.Ended))})
	}
	if m.EndedReason != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Why it was undone", Value: m.EndedReason})
	}
	return rows
}

func (m *Merges) do(w http.ResponseWriter, r *http.Request) error {
	if err := m.office.Do(r.Context(), web.Actor(r), r.PathValue("id"), doForm.Read(r).Seen()); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MergesPage+"/"+r.PathValue("id"), "The accounts are merged. The person is told.")
}

func (m *Merges) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := m.office.Withdraw(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MergesPage, "The merge is withdrawn. The person is told.")
}

func (m *Merges) undo(w http.ResponseWriter, r *http.Request) error {
	typed := undoForm.Read(r)
	if !typed.Complete() {
		return m.showMerge(w, r, typed)
	}
	err := m.office.Undo(r.Context(), web.Actor(r), r.PathValue("id"), typed.Seen(), typed.Value("reason"))
	if typed.Refuse(err) {
		return m.showMerge(w, r, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MergesPage+"/"+r.PathValue("id"), "The merge is undone. The person is told.")
}
