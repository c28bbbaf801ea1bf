package waves

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/rollout/simulation"
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

// moveView is the page that says what a move would do, before it is done.
type moveView struct {
	Page   page.Params
	waveOf waveView
	to     path.Phase
	result *simulation.Result // of a phase without passwords
	told   time.Time          // the later day that people were told; zero if there is none
	Form   *form.Rendered

	hinders moving.Hindrances // why it cannot be now
}

func (v moveView) title() string { return movesTo(v.to, v.waveOf.wave.Phase) }

func (v moveView) rows() []nhsuk.SummaryListRow {
	of := v.waveOf
	rows := []nhsuk.SummaryListRow{
		{Key: "The wave is now in", Value: frame.PhaseTag(of.wave.Phase).Text},
		{Key: "What it means then", Value: meanings[v.to]},
		{Key: "Accounts", Value: fmt.Sprint(of.Counts.Accounts)},
		{Key: "Not linked yet", Value: fmt.Sprint(of.waiting())},
	}
	if v.result == nil {
		return rows
	}
	for _, o := range simulation.Outcomes() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "After it: " + o.Title(), Value: fmt.Sprint(v.result.After[o])})
	}
	if v.result.Later > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Locked out once their days are used up, if nothing changes",
			Value: fmt.Sprint(v.result.Later)})
	}
	if len(v.result.Covers) > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Places that one person or nobody could edit",
			Value: fmt.Sprint(len(v.result.Covers))})
	}
	return rows
}

// lockedOut says how many cannot come in any more after the move; empty where nobody is locked out by it.
func (v moveView) lockedOut() string {
	if v.result == nil {
		return ""
	}
	switch n := v.result.After[simulation.LockedOut]; n {
	case 0:
		return ""
	case 1:
		return "1 account is locked out by this"
	default:
		return fmt.Sprintf("%d accounts are locked out by this", n)
	}
}

// simulationHref leads to who would be locked out by the move.
func (v moveView) simulationHref() string {
	return frame.SimulationPage + "?" + url.Values{"wave": {v.waveOf.wave.ID}, "phase": {v.to.Word()}}.Encode()
}

// shut says what becomes of shared accounts; empty where nothing does.
func (v moveView) shut() string {
	if v.to < path.Require || v.waveOf.Counts.Shared == 0 {
		return ""
	}
	return fmt.Sprintf("Shared accounts in the wave: %d. They are shut: nobody can link one, so each person of the "+
		"team needs an account of their own before.", v.waveOf.Counts.Shared)
}

// justAddress reports whether somebody typed the address of a form that asks, so that nothing was left out.
func justAddress(r *http.Request) bool { return r.URL.RawQuery == "" && !r.URL.ForceQuery }

// choose leads to the page of the phase that was chosen.
func (v *Waves) choose(w http.ResponseWriter, r *http.Request) error {
	if justAddress(r) {
		return web.SeeOther(w, r, strings.TrimSuffix(r.URL.Path, "/phase"), "")
	}
	f := formsOf(r)
	f.choose = chooseForm.Read(r)
	if !f.choose.Complete() {
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	return web.SeeOther(w, r, r.URL.Path+"/"+url.PathEscape(f.choose.Value("phase")), "")
}

// askMove shows what a move would do. What cannot be now is shown at its field on the wave's page.
func (v *Waves) askMove(w http.ResponseWriter, r *http.Request) error {
	return v.showMove(w, r, moveForm.New(r))
}

func (v *Waves) showMove(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	to := path.PhaseOf(r.PathValue("phase"))
	if to == path.PhaseUnknown {
		return fault.NotFound
	}
	f := formsOf(r)
	f.choose.Set("phase", to.Word())
	view, err := v.readMove(r, f, to)
	if err != nil {
		return err
	}
	if len(view.hinders) > 0 {
		f.choose.Add(form.Problem{Field: "phase", Text: view.hinders.Text()})
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	if !view.told.IsZero() {
		typed.Offer("early", []nhsuk.RadioItem{{Value: "yes",
			Text: "People were told " + when.Date(view.told) + ". Move the wave before that day"}})
	}
	view.Form = typed.Saw(view.waveOf.seen).About(view.waveOf.about() + ": " + view.title())
	view.Page = v.frame.Page(w, r, view.title())
	view.Page.BackHref = frame.WavesPage + "/" + view.waveOf.wave.ID
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), movePage(view))
}

func (v *Waves) readMove(r *http.Request, f forms, to path.Phase) (view moveView, err error) {
	ctx := r.Context()
	view.to = to
	view, err = db.Read(ctx, v.office.DB, func(read db.R) (moveView, error) {
		one := moveView{to: to}
		of, err := v.readWave(ctx, read, r.PathValue("id"), f)
		if err != nil {
			return one, err
		}
		one.waveOf = of
		one.told = moving.ToldLater(one.waveOf.wave, to, read.Now())
		one.hinders, err = v.moving.StopsAt(ctx, read, one.waveOf.wave, to)
		return one, err
	})
	if err != nil || len(view.hinders) > 0 || to < path.Require || to < view.waveOf.wave.Phase {
		return view, err
	}
	view.result, err = simulation.Run(ctx, v.office.DB, simulation.Switch{Wave: view.waveOf.wave.ID, Phase: to})
	return view, err
}

func (v *Waves) move(w http.ResponseWriter, r *http.Request) error {
	typed := moveForm.Read(r)
	if !typed.Complete() {
		return v.showMove(w, r, typed)
	}
	to := path.PhaseOf(r.PathValue("phase"))
	err := v.moving.Move(r.Context(), web.Actor(r), r.PathValue("id"), moving.Move{To: to,
		Reason: typed.Value("reason"), Early: typed.Value("early") == "yes", Seen: typed.Seen()})
	if typed.Refuse(err) {
		return v.showMove(w, r, typed)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, "The wave is in the phase "+frame.PhaseTag(to).Text+" now. You can move it back.")
}

// next words the next change of a wave, which nothing makes but a person.
func next(w wave.Wave) string {
	at := map[path.Phase]time.Time{path.Prepare: w.Dates.Choose, path.Choose: w.Dates.Require,
		path.Require: w.Dates.Close}[w.Phase]
	switch {
	case w.Phase == path.Closed:
		return "None"
	case at.IsZero():
		return "No date set"
	}
	return frame.PhaseTag(w.Phase+1).Text + ", planned for " + when.Date(at) + ". Somebody has to move it"
}
