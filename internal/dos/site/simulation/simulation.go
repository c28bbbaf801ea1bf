// Package simulation serves the page that says who would be locked out if a wave were in another phase, and what would
// let them in.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const (
	title = "Who would be locked out"

	peopleOnPage = 50
	// maxRows is how many rows the tables of a result have: those that matter most stand first.
	maxRows = 20
)

// Pages serves the pages.
type Pages struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Pages{frame: f}
	may := f.May(account.ManageWaves)
	s.Handle("GET "+frame.SimulationPage, may, p.show)
	f.HandleForm(s, saveForm, may, p.save)
}

// askForm asks for the switch.
func askForm(waves []wave.Wave) form.Form {
	items := []nhsuk.SelectItem{{Text: "All accounts"}}
	for _, w := range waves {
		items = append(items, nhsuk.SelectItem{Value: w.ID, Text: w.Name})
	}
	var to []nhsuk.SelectItem
	for p := path.Prepare; p <= path.Closed; p++ {
		to = append(to, nhsuk.SelectItem{Value: p.Word(), Text: frame.PhaseTag(p).Text})
	}
	return form.Form{Path: frame.SimulationPage, Get: true, Fields: []form.Field{
		form.Select(nhsuk.SelectParams{Name: "wave", Label: nhsuk.LabelParams{Text: "Wave", Size: "s"}, Items: items}),
		form.Select(nhsuk.SelectParams{Name: "phase", Label: nhsuk.LabelParams{Text: "Phase", Size: "s"}, Items: to}),
	}}
}

var saveForm = form.Form{Path: frame.SimulationPage, Page: title, Act: "Save this result",
	Fields: []form.Field{form.Hidden("wave"), form.Hidden("phase")}}

// switchOf reads what is proposed; false if nothing is.
func switchOf(typed interface{ Value(name string) string }) (simulation.Switch, bool) {
	phase := path.PhaseOf(typed.Value("phase"))
	return simulation.Switch{Wave: typed.Value("wave"), Phase: phase}, phase != path.PhaseUnknown
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d := p.frame.Linker.DB
	waves, err := db.Read(ctx, d, func(read db.R) ([]wave.Wave, error) { return wave.List(ctx, read) })
	if err != nil {
		return err
	}
	v := view{Form: askForm(waves).Read(r)}
	v.Page = p.frame.Page(w, r, titleOf(v.Form, waves))
	s, asked := switchOf(v.Form)
	if !asked {
		v.Form = askForm(waves).New(r).Set("phase", path.Require.Word()) // the first in which a phase locks people out
	}
	if asked {
		result, err := simulation.Run(ctx, d, s)
		if err != nil {
			return err
		}
		v.Result, err = db.Read(ctx, d, func(read db.R) (*shown, error) { return readResult(r, read, result) })
		if err != nil {
			return err
		}
		v.Save = saveForm.New(r).Set("wave", s.Wave).Set("phase", v.Form.Value("phase"))
	}
	v.Page.Wide = true
	v.Page.BackHref = frame.WavesPage
	return web.Show(w, r, http.StatusOK, simulationPage(v))
}

// titleOf names what is looked at, so that tabs and bookmarks can be told apart.
func titleOf(asked *form.Rendered, waves []wave.Wave) string {
	s, is := switchOf(asked)
	if !is {
		return title
	}
	at := slices.IndexFunc(waves, func(w wave.Wave) bool { return w.ID == s.Wave })
	if at < 0 {
		return title + " in " + frame.PhaseTag(s.Phase).Text + ": all accounts"
	}
	return title + " in " + frame.PhaseTag(s.Phase).Text + ": " + waves[at].Name
}

func (p *Pages) save(w http.ResponseWriter, r *http.Request) error {
	typed := saveForm.Read(r)
	s, asked := switchOf(typed)
	if !asked {
		return web.SeeOther(w, r, frame.SimulationPage, "Choose a phase first.")
	}
	result, err := simulation.Run(r.Context(), p.frame.Linker.DB, s)
	if err != nil {
		return err
	}
	if err := simulation.Save(r.Context(), p.frame.Linker.DB, web.Actor(r), result); err != nil {
		return err
	}
	at := url.Values{"wave": {s.Wave}, "phase": {typed.Value("phase")}}
	return web.SeeOther(w, r, frame.SimulationPage+"?"+at.Encode(),
		"The result is saved. Come back later to see what has changed since.")
}

// readResult words a result.
func readResult(r *http.Request, read db.R, result *simulation.Result) (*shown, error) {
	ctx := r.Context()
	v := &shown{Headline: result.Headline(), Accounts: result.Accounts, Later: result.Later}
	for _, p := range result.LockedOut {
		if p.AtNight {
			v.AtNight++
		}
	}
	for _, o := range simulation.Outcomes() {
		v.Outcomes = append(v.Outcomes, []nhsuk.TableCell{{Text: o.Title()},
			{Text: fmt.Sprint(result.Now[o]), Format: "numeric"},
			{Text: fmt.Sprint(result.After[o]), Format: "numeric"}})
	}
	v.readFixes(r, result)
	var err error
	if v.Places, err = placeRows(ctx, read, result); err != nil {
		return nil, err
	}
	v.MorePlaces = len(result.Places) - len(v.Places)
	if v.Covers, err = coverRows(ctx, read, result); err != nil {
		return nil, err
	}
	v.MoreCovers = len(result.Covers) - len(v.Covers)
	if v.Saved, err = savedRows(r, read, result); err != nil {
		return nil, err
	}
	if v.Told, err = toldText(ctx, read, result); err != nil {
		return nil, err
	}
	return v, v.readPeople(r, read, result)
}

// readFixes words what would let people in, and apart from it what has to be found out.
func (s *shown) readFixes(r *http.Request, result *simulation.Result) {
	for _, f := range result.Fixes {
		people := nhsuk.TableCell{Text: fmt.Sprint(f.People), Format: "numeric", Href: listing(r, byFix, f.Key),
			VisuallyHiddenText: "with this to do: " + tasksText(f)}
		days := nhsuk.TableCell{Text: fmt.Sprint(f.Days), Format: "numeric"}
		already := nhsuk.TableCell{Text: fmt.Sprint(f.Already), Format: "numeric"}
		switch f.Of {
		case simulation.Unsure:
			s.Questions.add(nhsuk.TableCell{HTML: tasks(f)}, people, days)
		case simulation.Limited:
			s.InTime.add(nhsuk.TableCell{HTML: tasks(f)}, people, days)
		default:
			s.Fixes.add(nhsuk.TableCell{HTML: tasks(f)}, people, already, days)
		}
	}
}

// tasksText names what is to be done, for somebody who does not see beside what a number stands.
func tasksText(f simulation.Fix) string {
	var tasks []string
	for _, b := range f.Bars {
		tasks = append(tasks, b.Task)
	}
	return strings.Join(tasks, ", ")
}

// listed are the rows of a table, and how many more there are.
type listed struct {
	Rows [][]nhsuk.TableCell
	More int
}

func (l *listed) add(cells ...nhsuk.TableCell) {
	if len(l.Rows) == maxRows {
		l.More++
		return
	}
	l.Rows = append(l.Rows, cells)
}

func placeRows(ctx context.Context, read db.R, result *simulation.Result) (rows [][]nhsuk.TableCell, err error) {
	for _, p := range result.Places[:min(len(result.Places), maxRows)] {
		name, err := directory.OrganisationText(ctx, read, p.Organisation)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = "No organisation known"
		}
		rows = append(rows, []nhsuk.TableCell{{Text: name}, {Text: fmt.Sprint(p.LockedOut), Format: "numeric"},
			{Text: fmt.Sprint(p.Accounts), Format: "numeric"}})
	}
	return rows, nil
}

func coverRows(ctx context.Context, read db.R, result *simulation.Result) (rows [][]nhsuk.TableCell, err error) {
	for _, c := range result.Covers[:min(len(result.Covers), maxRows)] {
		where, err := directory.OrganisationText(ctx, read, c.Home)
		if err == nil && c.Scope.Kind != account.KindOwnOrganisation {
			where, err = directory.ScopeText(ctx, read, c.Scope, account.Account{})
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, []nhsuk.TableCell{{Text: where}, {Text: fmt.Sprint(c.Now), Format: "numeric"},
			{Text: fmt.Sprint(c.After), Format: "numeric"}, {Text: fmt.Sprint(c.Unsure), Format: "numeric"}})
	}
	return rows, nil
}

// toldText says of how many the care identity side has said something, and when it was last asked.
func toldText(ctx context.Context, read db.R, result *simulation.Result) (string, error) {
	run, err := drift.LastRun(ctx, read)
	switch {
	case errors.Is(err, fault.NotFound):
		return "The care identity side has said nothing yet about anybody.", nil
	case err != nil:
		return "", err
	}
	text := fmt.Sprintf("The care identity side has said something about %d of %d people.", result.Told,
		result.Told+result.Untold)
	if run.Ended.IsZero() {
		return text + " It is being asked about everybody now.", nil
	}
	return text + " It was last asked about all there were on " + when.DateTime(run.Begun) + ".", nil
}

// ownerOf names who does a step: a registration authority by its name.
func ownerOf(b simulation.Bar, f simulation.Fix) string {
	if b.Owner == path.RegistrationAuthority && f.Authority.Organisation != "" {
		return f.Authority.Organisation
	}
	return b.Owner.Title()
}
