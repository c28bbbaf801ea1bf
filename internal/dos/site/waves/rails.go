package waves

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const (
	railsTitle = "Guard rails"
	railsPath  = wavePath + "/guard-rails"

	maxListed = 50 // people who are locked out
)

// railsForm makes the form of the limits of what is measured.
func railsForm(measures []guardrail.Measure) form.Form {
	f := form.Form{Path: railsPath, Page: railsTitle, Act: "Save the limits"}
	for _, m := range measures {
		f.Fields = append(f.Fields,
			limitField(guardrail.PeopleField(m.Name), m.Title+": more than how many are too many?", "").
				Required(noPeople),
			limitField(guardrail.ShareField(m.Name), m.Title+": or more than which part of the wave?", "%").
				Required(noShare))
	}
	return f
}

const (
	noPeople = "Enter a number of people, such as 5"
	noShare  = "Enter a percentage of the people in the wave, such as 1 or 0.5"
)

func limitField(name, label, unit string) form.Field {
	return form.Input(nhsuk.InputParams{Name: name, Width: 5, Inputmode: "decimal", Suffix: unit, Autocomplete: "off",
		Label: nhsuk.LabelParams{Text: label, Size: "s"}})
}

// limitsIn reads limits; one that is no number is a problem of its field.
func limitsIn(f *form.Rendered, measures []guardrail.Measure) (map[guardrail.Name]guardrail.Limit, bool) {
	limits := map[guardrail.Name]guardrail.Limit{}
	for _, m := range measures {
		people, err := strconv.Atoi(f.Value(guardrail.PeopleField(m.Name)))
		if err != nil {
			f.Add(form.Problem{Field: guardrail.PeopleField(m.Name), Text: noPeople})
		}
		text := strings.TrimSuffix(strings.TrimSpace(f.Value(guardrail.ShareField(m.Name))), "%")
		share, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || share < 0 || share > 100 {
			f.Add(form.Problem{Field: guardrail.ShareField(m.Name), Text: noShare})
			continue
		}
		limits[m.Name] = guardrail.Limit{People: people, Permille: int(math.Round(share * 10))}
	}
	return limits, !f.HasProblems()
}

func (v *Waves) showRails(w http.ResponseWriter, r *http.Request) error {
	return v.showLimits(w, r, http.StatusOK, v.rails.New(r))
}

func (v *Waves) setLimits(w http.ResponseWriter, r *http.Request) error {
	typed := v.rails.Read(r)
	complete := typed.Complete()
	limits, read := limitsIn(typed, v.moving.Rails.Measures())
	if !complete || !read {
		return v.showLimits(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := v.moving.Rails.SetLimits(r.Context(), v.office.DB, web.Actor(r), r.PathValue("id"), limits)
	if typed.Refuse(err) {
		return v.showLimits(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.WavesPage+"/"+r.PathValue("id")+"/guard-rails", "Limits saved.")
}

// railsView is the page of the guard rails of a wave.
type railsView struct {
	Page   page.Params
	wave   wave.Wave
	rails  []guardrail.Rail
	undo   string // the page that undoes the last start; empty where there is none
	people [][]nhsuk.TableCell
	Form   *form.Rendered
}

func (v *Waves) showLimits(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (railsView, error) {
		return v.readRails(r.Context(), read, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	if !typed.HasProblems() {
		for _, rail := range view.rails {
			typed.Set(guardrail.PeopleField(rail.Measure.Name), fmt.Sprint(rail.Limit.People))
			typed.Set(guardrail.ShareField(rail.Measure.Name), share(rail.Limit))
		}
	}
	view.Form = typed.About(view.wave.Name)
	view.Page = v.frame.Page(w, r, railsTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, railsPage(view))
}

// share words the part of a wave that a limit allows, in percent.
func share(l guardrail.Limit) string { return strconv.FormatFloat(float64(l.Permille)/10, 'f', -1, 64) }

func (v *Waves) readRails(ctx context.Context, r db.R, id string) (view railsView, err error) {
	if view.wave, err = wave.ByID(ctx, r, id); err != nil {
		return view, err
	}
	if view.rails, err = v.moving.Rails.Of(ctx, r, view.wave); err != nil {
		return view, err
	}
	last, err := wave.LastStart(ctx, r, id)
	if err == nil && last.To == view.wave.Phase {
		view.undo = startHref(last)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return view, err
	}
	view.people, err = lockedOut(ctx, r, view.wave)
	return view, err
}

// lockedOut lists the people of a wave who are locked out.
func lockedOut(ctx context.Context, r db.R, of wave.Wave) (rows [][]nhsuk.TableCell, err error) {
	ids, err := outcome.LockedOut(ctx, r, of.ID, of.CountsFrom(), maxListed)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	found, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		a := found[id]
		where, err := directory.OrganisationText(ctx, r, a.Organisation)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []nhsuk.TableCell{{Text: a.Username, Href: path.UsersPage + "/" + a.ID},
			{HTML: page.Name(a.Name())}, {Text: where}})
	}
	return rows, nil
}

func (v railsView) rows() (rows [][]nhsuk.TableCell) {
	for _, rail := range v.rails {
		state := nhsuk.TagParams{Text: "Holds", Colour: nhsuk.TagGood}
		if rail.Broken() {
			state = nhsuk.TagParams{Text: "Too many", Colour: nhsuk.TagStopped}
		}
		rows = append(rows, []nhsuk.TableCell{{Text: rail.Measure.Title},
			{Text: fmt.Sprint(rail.Count), Format: "numeric"},
			{Text: fmt.Sprint(rail.Allowed()), Format: "numeric"}, {HTML: nhsuk.Tag(state)}})
	}
	return rows
}

// sayPaused says of a wave that it was paused by itself, and why.
func sayPaused(of wave.Wave) string {
	return "The wave " + of.Name + " was paused by itself. " + of.Pause.Reason + "."
}
