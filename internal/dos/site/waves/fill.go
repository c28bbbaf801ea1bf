package waves

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/report"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

const (
	fillTitle = "Put accounts into the wave"

	everybody        = "all"
	ofAnOrganisation = "organisation"
)

// fillView is the page that says which accounts would come into a wave, and how many these are.
type fillView struct {
	Page page.Params
	wave wave.Wave
	Who  string // in words
	Come int
	Form *form.Rendered
}

// cohortOf reads which accounts are meant, and adds to the form what is wrong with that.
func cohortOf(f *form.Rendered) (report.Cohort, bool) {
	code := f.Value("organisation")
	switch {
	case f.Value("which") == everybody && code != "":
		f.Add(form.Problem{Field: "organisation",
			Text: "Leave the ODS code empty, or select “Those of one organisation”"})
		return report.Cohort{}, false
	case f.Value("which") == everybody:
		return report.Cohort{}, true
	case f.Value("which") != ofAnOrganisation:
		return report.Cohort{}, false
	}
	parsed, err := ods.Parse(code)
	if err != nil {
		f.Add(form.Problem{Field: "organisation", Text: "Enter the ODS code of the organisation, such as RXK"})
	}
	return report.Cohort{Organisation: string(parsed)}, err == nil
}

// askFill shows how many accounts would come into the wave. What cannot be is shown at its field on the wave's page.
func (v *Waves) askFill(w http.ResponseWriter, r *http.Request) error {
	if justAddress(r) {
		return web.SeeOther(w, r, strings.TrimSuffix(r.URL.Path, "/accounts"), "")
	}
	f := formsOf(r)
	f.fill = pickForm.Read(r)
	cohort, read := cohortOf(f.fill)
	if !f.fill.Complete() || !read {
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (fillView, error) {
		return readFill(r.Context(), read, r.PathValue("id"), cohort)
	})
	if err != nil {
		return err
	}
	if view.Come == 0 {
		f.fill.Add(nobodyComes(cohort, view.Who))
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	view.Form = fillForm.New(r).Set("which", f.fill.Value("which")).Set("organisation", cohort.Organisation)
	view.Page = v.frame.Page(w, r, fillTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID
	return web.Show(w, r, http.StatusOK, fillPage(view))
}

func readFill(ctx context.Context, r db.R, id string, cohort report.Cohort) (view fillView, err error) {
	if view.wave, err = wave.ByID(ctx, r, id); err != nil {
		return view, err
	}
	view.Who = "All that are in no wave"
	if cohort.Organisation != "" {
		view.Who, err = directory.OrganisationText(ctx, r, cohort.Organisation)
	}
	if err != nil {
		return view, err
	}
	view.Come, err = report.CountUnplaced(ctx, r, cohort)
	return view, err
}

// nobodyComes says why no account is meant: of a code that nobody knows, that it may be mistyped.
func nobodyComes(cohort report.Cohort, who string) form.Problem {
	switch cohort.Organisation {
	case "":
		return form.Problem{Field: "which", Text: "Every account is in a wave already"}
	case who:
		return form.Problem{Field: "organisation", Text: "We do not know an organisation with the ODS code " +
			cohort.Organisation + ", and no account that is in no wave has it. Check the code"}
	}
	return form.Problem{Field: "organisation", Text: "No account of " + who + " is in no wave"}
}

// Accounts are put into a wave in parts of so many, and so many at once: each part is an Update of less than a second,
// and somebody waits for them all.
const (
	maxPart   = 1_000
	maxAtOnce = 20_000
)

func (v *Waves) fill(w http.ResponseWriter, r *http.Request) error {
	cohort, read := cohortOf(fillForm.Read(r))
	if !read {
		return v.done(w, r, "Nothing was changed. Select the accounts again.")
	}
	joined, left, err := v.fillAll(r, cohort)
	if err != nil {
		return err
	}
	switch {
	case joined == 0:
		return v.done(w, r, "Nothing changed. All of those accounts are in a wave already.")
	case left > 0:
		return v.done(w, r, fmt.Sprintf("%d accounts were put into the wave. %d more are left: do the same again.",
			joined, left))
	}
	return v.done(w, r, fmt.Sprintf("Accounts that were put into the wave: %d.", joined))
}

// fillAll puts the accounts of a cohort into a wave, and says how many are left.
func (v *Waves) fillAll(r *http.Request, cohort report.Cohort) (joined, left int, err error) {
	ctx := r.Context()
	ids, err := db.Read(ctx, v.office.DB, func(read db.R) ([]string, error) {
		return report.Unplaced(ctx, read, cohort, maxAtOnce)
	})
	if err != nil {
		return 0, 0, err
	}
	for len(ids) > 0 {
		part := ids[:min(len(ids), maxPart)]
		n, err := v.office.FillWave(ctx, web.Actor(r), r.PathValue("id"), part)
		if err != nil {
			return joined, 0, err
		}
		joined += n
		ids = ids[len(part):]
	}
	left, err = db.Read(ctx, v.office.DB, func(read db.R) (int, error) {
		return report.CountUnplaced(ctx, read, cohort)
	})
	return joined, left, err
}
