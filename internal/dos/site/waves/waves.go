// Package waves serves the pages on which the programme team moves accounts to Care Identity, wave by wave.
package waves

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/report"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// Waves serves the pages.
type Waves struct {
	frame  *frame.Frame
	office administration.Office
	moving moving.Office
	home   string    // address of the site
	rails  form.Form // the limits of guard rails
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, m moving.Office, home string) {
	v := &Waves{frame: f, office: administration.Office{DB: f.Linker.DB, Post: f.Linker.Post}, moving: m,
		home: home, rails: railsForm(m.Rails.Measures())}
	may := f.May(account.ManageWaves)
	s.Handle("GET "+frame.WavesPage, may, v.list)
	s.Handle("GET "+newForm.Path, may, v.ask)
	s.Handle("GET "+wavePath, may, v.show)
	s.Handle("GET "+startPath, may, v.showStart)
	s.Handle("GET "+chooseForm.Path, may, v.choose)
	s.Handle("GET "+moveForm.Path, may, v.askMove)
	s.Handle("GET "+fillForm.Path, may, v.askFill)
	s.Handle("GET "+othersPath, may, v.showOthers)
	s.Handle("GET "+othersForm.Path, may, v.checkOthers)
	f.HandleForm(s, othersForm, may, v.moveOthers)
	s.Handle("GET "+guidancePath, may, v.guidance)
	s.Handle("GET "+guidancePath+"/file", may, v.guidanceFile)
	s.Handle("GET "+railsPath, may, v.showRails)
	f.HandleForm(s, v.rails, may, v.setLimits)
	f.HandleForm(s, newForm, may, v.add)
	f.HandleForm(s, daysForm, may, v.setGuidance)
	f.HandleForm(s, passForm, may, v.pass)
	f.HandleForm(s, allowanceForm, may, v.setAllowance)
	f.HandleForm(s, tellForm, may, v.tell)
	f.HandleForm(s, datesForm, may, v.setDates)
	f.HandleForm(s, fillForm, may, v.fill)
	f.HandleForm(s, pauseForm, may, v.pause)
	f.HandleForm(s, resumeForm, may, v.resume)
	f.HandleForm(s, moveForm, may, f.Freshly(moveForm, v.move))
	f.HandleForm(s, undoForm, may, f.Freshly(undoForm, v.undo))
}

// meanings say what a phase is for those who are in it.
var meanings = map[path.Phase]string{
	path.Prepare: "People log in with their password, and see on their checklist what they need. Nobody can link yet.",
	path.Choose: "People log in with their password or their Care Identity. At each password login they are " +
		"offered to link.",
	path.Require: "People log in with their Care Identity. The password proves the old account while they link; on " +
		"as many days of work as the wave grants it still opens the directory too.",
	path.Closed: "Passwords have no use any more. Who has not linked needs a code from a DoS user administrator.",
}

func (v *Waves) list(w http.ResponseWriter, r *http.Request) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (listView, error) {
		return readList(r.Context(), read)
	})
	if err != nil {
		return err
	}
	view.Page = v.frame.Page(w, r, title)
	view.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(view))
}

func readList(ctx context.Context, r db.R) (view listView, err error) {
	list, err := wave.List(ctx, r)
	if err != nil {
		return view, err
	}
	counts, err := report.Waves(ctx, r)
	if err != nil {
		return view, err
	}
	for _, one := range list {
		if guardrail.Paused(one) {
			view.Paused = append(view.Paused, one)
		}
		c := counts[one.ID]
		view.Rows = append(view.Rows, []nhsuk.TableCell{
			{Text: one.Name, Href: frame.WavesPage + "/" + one.ID},
			{HTML: nhsuk.Tag(frame.PhaseTag(one.Phase))},
			{Text: fmt.Sprint(c.Accounts), Format: "numeric"},
			{Text: fmt.Sprint(c.Linked), Format: "numeric"},
			{Text: fmt.Sprint(c.Unable), Format: "numeric"},
			{Text: next(one)},
		})
	}
	view.Unplaced, err = report.CountUnplaced(ctx, r, report.Cohort{})
	return view, err
}

func (v *Waves) ask(w http.ResponseWriter, r *http.Request) error {
	return v.showNew(w, r, http.StatusOK, newForm.New(r))
}

func (v *Waves) showNew(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view := newView{Page: v.frame.Page(w, r, newTitle), Form: typed}
	view.Page.BackHref = frame.WavesPage
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, newPage(view))
}

func (v *Waves) add(w http.ResponseWriter, r *http.Request) error {
	typed := newForm.Read(r)
	dates, read := datesOf(typed)
	if !typed.Complete() || !read {
		return v.showNew(w, r, http.StatusUnprocessableEntity, typed)
	}
	id, err := v.office.AddWave(r.Context(), web.Actor(r), typed.Value("name"), dates)
	if typed.Refuse(err) {
		return v.showNew(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.WavesPage+"/"+id, "The wave is made. Nobody is in it yet: put accounts into it.")
}

// forms are those on the page of a wave.
type forms struct{ dates, fill, choose, pause, resume *form.Rendered }

func formsOf(r *http.Request) forms {
	return forms{dates: datesForm.New(r), fill: pickForm.New(r), choose: chooseForm.New(r),
		pause: pauseForm.New(r), resume: resumeForm.New(r)}
}

func (f forms) all() []*form.Rendered {
	return []*form.Rendered{f.dates, f.fill, f.choose, f.pause, f.resume}
}

func (v *Waves) show(w http.ResponseWriter, r *http.Request) error {
	return v.showWave(w, r, http.StatusOK, formsOf(r))
}

func (v *Waves) showWave(w http.ResponseWriter, r *http.Request, status int, f forms) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (waveView, error) {
		return v.readWave(r.Context(), read, r.PathValue("id"), f)
	})
	if err != nil {
		return err
	}
	if view.rails, err = db.Read(r.Context(), v.office.DB, func(read db.R) ([]guardrail.Rail, error) {
		return v.moving.Rails.Of(r.Context(), read, view.wave)
	}); err != nil {
		return err
	}
	for _, one := range f.all() {
		one.About(view.about())
	}
	view.to = waysFrom(r, view.wave.ID)
	view.Page = v.frame.Page(w, r, view.wave.Name)
	view.Page.BackHref = frame.WavesPage
	view.Page.Error = view.problem() != nil
	return web.Show(w, r, status, wavePage(view))
}

func (v *Waves) readWave(ctx context.Context, r db.R, id string, f forms) (view waveView, err error) {
	view = waveView{Forms: f}
	if view.wave, err = wave.ByID(ctx, r, id); err != nil {
		return view, err
	}
	counts, err := report.Waves(ctx, r)
	if err != nil {
		return view, err
	}
	view.Counts = counts[id]
	if view.Unplaced, err = report.CountUnplaced(ctx, r, report.Cohort{}); err != nil {
		return view, err
	}
	if view.seen, err = moving.Seen(ctx, r, id); err != nil {
		return view, err
	}
	stops, err := v.moving.Stops(ctx, r, view.wave)
	if err != nil {
		return view, err
	}
	view.stops = stops.Text()
	if view.untold, err = v.moving.Untold(ctx, r, view.wave, view.wave.Phase+1); err != nil {
		return view, err
	}
	view.days = v.moving.Policy.Days(view.wave)
	all := exception.Filter{Within: account.Reach{Everywhere: true}, Wave: id}
	if view.exceptions, err = exception.CountRunning(ctx, r, all); err != nil {
		return view, err
	}
	view.starts, err = wave.Starts(ctx, r, id)
	view.offer()
	return view, err
}

// about says on a page where a form is held which wave it is about, and how many are in it.
func (v waveView) about() string {
	return v.wave.Name + ", " + frame.PhaseTag(v.wave.Phase).Text + ", " + accounts(v.Counts.Accounts)
}

// offer fills the forms in with what stands now.
func (v *waveView) offer() {
	for field, at := range map[string]time.Time{"choose": v.wave.Dates.Choose, "require": v.wave.Dates.Require,
		"close": v.wave.Dates.Close} {
		if !at.IsZero() && !v.Forms.dates.HasProblems() {
			v.Forms.dates.Set(field, when.Date(at))
		}
	}
	var phases []nhsuk.RadioItem
	for p := path.Prepare; p <= path.Closed; p++ {
		if p != v.wave.Phase {
			phases = append(phases, nhsuk.RadioItem{Value: p.Word(), Text: movesTo(p, v.wave.Phase),
				Hint: meanings[p]})
		}
	}
	v.Forms.choose.Offer("phase", phases)
}

func movesTo(to, from path.Phase) string {
	if to < from {
		return "Back to " + frame.PhaseTag(to).Text
	}
	return "Forward to " + frame.PhaseTag(to).Text
}

func (v *Waves) setDates(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.dates = datesForm.Read(r)
	dates, read := datesOf(f.dates)
	if !f.dates.Complete() || !read {
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	err := v.office.SetWaveDates(r.Context(), web.Actor(r), r.PathValue("id"), dates)
	if f.dates.Refuse(err) {
		return v.showWave(w, r, f.dates.Status(), f)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, "Dates saved. People read them on their checklist. Nothing moves by itself.")
}

func (v *Waves) done(w http.ResponseWriter, r *http.Request, message string) error {
	return web.SeeOther(w, r, frame.WavesPage+"/"+r.PathValue("id"), message)
}
