package waves

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/report"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	othersTitle = "Move accounts to another wave"
	othersPath  = wavePath + "/others"

	ofAPerson = "person"
)

var (
	// whichForm says which accounts of the wave are meant, and to which wave; othersForm moves them.
	whichForm = form.Form{Path: othersPath + "/check", Get: true, Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{Name: "which", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which accounts of this wave?", Size: "s"}},
			Items: []nhsuk.RadioItem{
				{Value: ofAPerson, Text: "One account"},
				{Value: ofAnOrganisation, Text: "Those of one organisation"},
				{Value: everybody, Text: "All of them"},
			}}).Required("Select which accounts"),
		form.Input(nhsuk.InputParams{Name: "of", Width: 20, Autocomplete: "off", Spellcheck: "false",
			Label: nhsuk.LabelParams{Text: "Its username, or the ODS code of the organisation", Size: "s"},
			Hint:  "Leave it empty if you selected all of them"}),
		form.Radios(nhsuk.RadiosParams{Name: "into", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "To which wave?", Size: "s"}}}).Required("Select a wave"),
	}}
	othersForm = form.Form{Path: othersPath + "/check", Page: othersTitle, Act: "Move them to the other wave",
		Fields: []form.Field{form.Hidden("which"), form.Hidden("of"), form.Hidden("into"),
			form.Textarea(nhsuk.TextareaParams{Name: "reason", Rows: 3, Hint: "It is kept with your name",
				Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}}).Required("Enter why")}}
)

// othersView is the page on which somebody says which accounts go to another wave, and the one that says how many.
type othersView struct {
	Page page.Params
	wave wave.Wave
	into wave.Wave
	Any  bool // there is another wave that takes them
	Who  string
	Come int
	Form *form.Rendered
}

// stops says when passwords stop in the other wave, and when people were told so in this one.
func (v othersView) stops() string {
	day := func(at time.Time) string {
		if at.IsZero() {
			return "on no day yet"
		}
		return "on " + when.Date(at)
	}
	here := day(v.wave.Dates.Require)
	there := day(v.into.Dates.Require)
	if here == there {
		return "Planned " + there + ", as here"
	}
	return "Planned " + there + ". Here it is " + here + ", and they may have been told so"
}

// othersOf are the accounts of a wave that are meant.
func othersOf(ctx context.Context, r db.R, f *form.Rendered, id string) (report.Others, error) {
	of := strings.TrimSpace(f.Value("of"))
	others := report.Others{Wave: id}
	switch {
	case f.Value("which") == everybody && of != "":
		return others, fault.OfField("of", "Leave it empty, or select which accounts you mean")
	case f.Value("which") == everybody:
		return others, nil
	case of == "":
		return others, fault.OfField("of", "Enter the username, or the ODS code")
	case f.Value("which") == ofAnOrganisation:
		others.Organisation = strings.ToUpper(of)
		return others, nil
	}
	a, err := account.ByUsername(ctx, r, of)
	if errors.Is(err, fault.NotFound) {
		return others, fault.OfField("of", "We do not know an account with the username "+fault.Quoted(of))
	}
	others.Account = a.ID
	return others, err
}

func (v *Waves) showOthers(w http.ResponseWriter, r *http.Request) error {
	return v.pickOthers(w, r, http.StatusOK, whichForm.New(r))
}

func (v *Waves) pickOthers(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (view othersView, err error) {
		if view.wave, err = wave.ByID(r.Context(), read, r.PathValue("id")); err != nil {
			return view, err
		}
		list, err := wave.List(r.Context(), read)
		var items []nhsuk.RadioItem
		for _, one := range list {
			if moving.MayPass(view.wave, one) == nil {
				items = append(items, nhsuk.RadioItem{
					Value: one.ID, Text: one.Name, Hint: frame.PhaseTag(one.Phase).Text,
				})
			}
		}
		view.Any = len(items) > 0
		typed.Offer("into", items)
		return view, err
	})
	if err != nil {
		return err
	}
	view.Form = typed
	view.Page = v.frame.Page(w, r, othersTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, pickOthersPage(view))
}

// checkOthers says how many accounts would go to the other wave, and asks why.
func (v *Waves) checkOthers(w http.ResponseWriter, r *http.Request) error {
	if back := othersForm.New(r); back.Value("into") != "" { // it came back without a reason
		return v.showCheck(w, r, back.Status(), back)
	}
	if justAddress(r) {
		return web.SeeOther(w, r, strings.TrimSuffix(r.URL.Path, "/check"), "")
	}
	typed := whichForm.Read(r)
	if !typed.Complete() {
		return v.pickOthers(w, r, http.StatusUnprocessableEntity, typed)
	}
	asked := othersForm.New(r)
	for _, field := range []string{"which", "of", "into"} {
		asked.Set(field, typed.Value(field))
	}
	err := v.showCheck(w, r, http.StatusOK, asked)
	if typed.Refuse(err) {
		return v.pickOthers(w, r, http.StatusUnprocessableEntity, typed)
	}
	return err
}

func (v *Waves) showCheck(w http.ResponseWriter, r *http.Request, status int, asked *form.Rendered) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (othersView, error) {
		return readOthers(r.Context(), read, asked, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	view.Form = asked.About(fmt.Sprintf("%s: %s, to %s", view.wave.Name, view.Who, view.into.Name))
	view.Page = v.frame.Page(w, r, othersTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID + "/others"
	view.Page.Error = asked.HasProblems()
	return web.Show(w, r, status, checkOthersPage(view))
}

func readOthers(ctx context.Context, r db.R, f *form.Rendered, id string) (view othersView, err error) {
	if view.wave, view.into, err = moving.Passing(ctx, r, id, f.Value("into")); err != nil {
		return view, err
	}
	others, err := othersOf(ctx, r, f, id)
	if err != nil {
		return view, err
	}
	if view.Come, err = report.CountOthers(ctx, r, others); err != nil {
		return view, err
	}
	if view.Who, err = whoOf(ctx, r, others); err != nil {
		return view, err
	}
	if view.Come == 0 {
		return view, fault.OfField("of", "No account of this wave is meant by that. Check it")
	}
	return view, nil
}

func whoOf(ctx context.Context, r db.R, o report.Others) (string, error) {
	switch {
	case o.Account != "":
		a, err := account.ByID(ctx, r, o.Account)
		return a.Username, err
	case o.Organisation != "":
		return directory.OrganisationText(ctx, r, o.Organisation)
	}
	return "All of the wave", nil
}

func (v *Waves) moveOthers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	asked := othersForm.Read(r)
	if !asked.Complete() {
		return v.showCheck(w, r, http.StatusUnprocessableEntity, asked)
	}
	ids, err := db.Read(ctx, v.office.DB, func(read db.R) ([]string, error) {
		if _, err := readOthers(ctx, read, asked, id); err != nil { // nobody may be meant any more
			return nil, err
		}
		others, err := othersOf(ctx, read, asked, id)
		if err != nil {
			return nil, err
		}
		return report.OthersOf(ctx, read, others, maxAtOnce)
	})
	if err != nil {
		return err
	}
	moved, err := v.moving.Pass(ctx, web.Actor(r), id, asked.Value("into"), asked.Value("reason"), ids)
	if asked.Refuse(err) {
		return v.showCheck(w, r, asked.Status(), asked)
	}
	if err != nil {
		return err
	}
	said := fmt.Sprintf("Accounts that were moved to the other wave: %d.", moved)
	if moved == maxAtOnce {
		said += " If more are left, do the same again."
	}
	return v.done(w, r, said)
}
