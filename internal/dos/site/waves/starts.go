package waves

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/report"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// startRows lists starts for the page of their wave, the newest first.
func startRows(of wave.Wave, starts []wave.Start) (rows [][]nhsuk.TableCell) {
	for _, s := range starts {
		state := nhsuk.TableCell{Text: "Stands"}
		switch {
		case !s.Undone.IsZero():
			state.Text = "Undone " + when.DateTime(s.Undone)
		case of.Phase < s.To:
			state.Text = "Over: the wave was moved back"
		}
		rows = append(rows, []nhsuk.TableCell{
			{Text: when.DateTime(s.At), Href: startHref(s)},
			{Text: frame.PhaseTag(s.To).Text},
			{Text: fmt.Sprint(s.Members), Format: "numeric"},
			{HTML: page.Name(s.Name)},
			{Text: s.Reason},
			state,
		})
	}
	return rows
}

func startHref(s wave.Start) string { return frame.WavesPage + "/" + s.Wave + "/starts/" + s.ID }

func (v *Waves) showStart(w http.ResponseWriter, r *http.Request) error {
	return v.showUndo(w, r, http.StatusOK, undoForm.New(r))
}

func (v *Waves) showUndo(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (startView, error) {
		return v.readStart(r.Context(), read, r.PathValue("id"), r.PathValue("start"))
	})
	if err != nil {
		return err
	}
	view.Form = typed.Saw(view.Seen).About(view.about())
	view.Page = v.frame.Page(w, r, undoTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.Wave.ID
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, startPage(view))
}

func (v *Waves) readStart(ctx context.Context, r db.R, waveID, id string) (view startView, err error) {
	s, err := wave.StartByID(ctx, r, id)
	if err == nil && s.Wave != waveID {
		err = fault.NotFound
	}
	if err != nil {
		return view, err
	}
	if view.Preview, err = v.moving.PreviewOf(ctx, r, s); err != nil {
		return view, err
	}
	view.People, err = report.OfStart(ctx, r, id)
	return view, err
}

// startView is the page of one start.
type startView struct {
	moving.Preview

	Page   page.Params
	People report.StartCounts
	Form   *form.Rendered
}

func (v startView) rows() []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Wave", Value: v.Wave.Name},
		{Key: "Start", Value: "From " + frame.PhaseTag(v.Start.From).Text + " to " + frame.PhaseTag(v.Start.To).Text},
		{Key: "When", ValueHTML: page.Named(v.Start.Name, ", "+when.DateTime(v.Start.At))},
		{Key: "Why", Value: v.Start.Reason},
		{Key: "Accounts in the wave then", Value: fmt.Sprint(v.Start.Members)},
	}
	if !v.Start.Undone.IsZero() {
		rows = append(rows,
			nhsuk.SummaryListRow{Key: "Undone",
				ValueHTML: page.Named(v.Start.UndoneName, ", "+when.DateTime(v.Start.Undone))},
			nhsuk.SummaryListRow{Key: "Why it was undone", Value: v.Start.UndoneReason})
	}
	return rows
}

// about says on a page where the form is held which start it is about, and for how many.
func (v startView) about() string {
	return fmt.Sprintf("%s, the start of %s: %s go back", v.Wave.Name, when.DateTime(v.Start.At),
		accounts(v.Difference.Staying))
}

// accounts words how many accounts there are.
func accounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

// lines say what the undo does for whom.
func (v startView) lines() []string {
	lines := []string{fmt.Sprintf("Back to %s: %s in the wave then and still.",
		frame.PhaseTag(v.Start.From).Text, accounts(v.People.Staying))}
	if v.People.Linked > 0 {
		lines = append(lines, fmt.Sprintf("Linked of these: %s. They go on with Care Identity, and have no password "+
			"any more.", accounts(v.People.Linked)))
	}
	if v.Start.To >= path.Require {
		lines = append(lines, "Sessions that ended at the start stay ended. Whoever is not linked logs in with their "+
			"password again.")
	}
	if v.Start.From == path.Prepare {
		lines = append(lines, "Nobody can link until linking opens again: whoever has no password cannot come in "+
			"meanwhile.")
	}
	if v.People.Joined > 0 {
		lines = append(lines, fmt.Sprintf("Joined since: %s, which keep the phase %s, in a wave of their own.",
			accounts(v.People.Joined), frame.PhaseTag(v.Start.To).Text))
	}
	if v.People.Left > 0 {
		lines = append(lines, fmt.Sprintf("In another wave since, or in none: %s. There they stay.",
			accounts(v.People.Left)))
	}
	if v.others() > 0 {
		lines = append(lines, fmt.Sprintf("Not counted above: %s that nobody can log in with, or of programs.",
			accounts(v.others())))
	}
	return lines
}

// others counts the accounts that are not of people, or not active. What is done with the wave is done with them too.
func (v startView) others() int {
	d := v.Difference
	return d.Staying + d.LeftAll + d.Joined - v.People.Staying - v.People.Left - v.People.Joined
}

// problem words why the start cannot be undone, and what can be done instead.
func (v startView) problem() string {
	f, known := fault.From(v.Problem)
	if !known {
		return fault.InOneLine(v.Problem)
	}
	return strings.TrimSpace(f.Message + " " + f.Cure)
}

// left lists those who are in another wave since.
func (v startView) left() (rows [][]nhsuk.TableCell) {
	for _, a := range v.Left {
		rows = append(rows, []nhsuk.TableCell{{Text: a.Username, Href: "/users/" + a.ID}, {HTML: page.Name(a.Name())}})
	}
	return rows
}

// leftCaption says over the list how many of them are named.
func (v startView) leftCaption() string {
	if v.Difference.LeftAll > len(v.Left) {
		return fmt.Sprintf("In another wave since: the first %d", len(v.Left))
	}
	return "In another wave since"
}

func (v *Waves) undo(w http.ResponseWriter, r *http.Request) error {
	typed := undoForm.Read(r)
	if !typed.Complete() {
		return v.showUndo(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := v.moving.Undo(r.Context(), web.Actor(r), r.PathValue("start"), typed.Seen(), typed.Value("reason"))
	if typed.Refuse(err) {
		return v.showUndo(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, "The start is undone. Those who were in the wave then have the earlier phase again.")
}
