package waves

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	guidanceTitle = "Who lacks guidance"
	guidancePath  = wavePath + "/guidance"

	untoldOnPage = 50
	// maxExported is how many accounts a file has at most, so that no export holds the others up.
	maxExported = 20_000
)

var (
	daysForm = form.Form{Path: guidancePath + "/days", At: guidancePath, Page: guidanceTitle, Act: "Save the days",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{Name: "days", Width: 3, Autocomplete: "off", Inputmode: "numeric",
				Label: nhsuk.LabelParams{Text: "For how many days must everybody have had it?", Size: "s"},
				Hint:  "With 0 the wave waits for nobody"}).Required("Enter a number of days"),
			form.Textarea(nhsuk.TextareaParams{Name: "reason", Rows: 2, Hint: "It is kept with your name",
				Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}}).Required("Enter why"),
		}}

	passForm = form.Form{Path: guidancePath + "/pass", At: guidancePath, Page: guidanceTitle,
		Act: "Put them into another wave",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{Name: "into", Fieldset: nhsuk.FieldsetParams{
				Legend: nhsuk.LegendParams{Text: "Into which wave of the same phase?", Size: "s"}}}).
				Required("Select a wave"),
			form.Textarea(nhsuk.TextareaParams{Name: "cause", Rows: 2, Hint: "It is kept with your name",
				Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}}).Required("Enter why"),
		}}

	allowanceForm = form.Form{Path: guidancePath + "/allowance", At: guidancePath, Page: guidanceTitle,
		Act: "Save the days of work",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{Name: "allowance", Width: 3, Autocomplete: "off", Inputmode: "numeric",
				Label: nhsuk.LabelParams{Size: "s",
					Text: "On how many days of work do passwords still work in Require?"},
				Hint: "Counted for each person from their first login in Require. With 0 passwords stop at once"}).
				Required("Enter a number of days"),
			form.Textarea(nhsuk.TextareaParams{Name: "why", Rows: 2, Hint: "It is kept with your name",
				Label: nhsuk.LabelParams{Text: "Why?", Size: "s"}}).Required("Enter why"),
		}}

	tellForm = form.Form{Path: guidancePath + "/mail", At: guidancePath, Page: guidanceTitle, Act: "Write to them"}
)

var errTooMany = fault.SayCure(fault.Invalid,
	fmt.Sprintf("There are more than %d people in this list, which is too many for one file.", maxExported),
	"Ask whoever runs the system: signpost rollout plan counts them.")

// guidanceForms are those on the page of who lacks guidance.
type guidanceForms struct{ days, pass, tell, allowance *form.Rendered }

func guidanceFormsOf(r *http.Request) guidanceForms {
	return guidanceForms{days: daysForm.New(r), pass: passForm.New(r), tell: tellForm.New(r),
		allowance: allowanceForm.New(r)}
}

func (f guidanceForms) all() []*form.Rendered {
	return []*form.Rendered{f.days, f.pass, f.tell, f.allowance}
}

// guidanceView is the page of who lacks guidance for the next phase of a wave.
type guidanceView struct {
	Page    page.Params
	wave    wave.Wave
	days    int
	enough  time.Time // when whoever is told today has known it for that long
	Own     bool      // the days are the wave's own
	Total   int
	Never   int // of these, who were never told
	Rows    [][]nhsuk.TableCell
	Links   nhsuk.PaginationParams
	Others  bool // there are waves into which they can be put
	MayTell bool
	Forms   guidanceForms
}

// next names the next phase.
func (v guidanceView) next() string { return frame.PhaseTag(v.wave.Phase + 1).Text }

func (v guidanceView) file() string { return frame.WavesPage + "/" + v.wave.ID + "/guidance/file" }

// problem is the form that came back; nil where none did.
func (v guidanceView) problem() *form.Rendered {
	for _, f := range v.Forms.all() {
		if f.HasProblems() {
			return f
		}
	}
	return nil
}

func (v *Waves) guidance(w http.ResponseWriter, r *http.Request) error {
	return v.showGuidance(w, r, http.StatusOK, guidanceFormsOf(r))
}

func (v *Waves) showGuidance(w http.ResponseWriter, r *http.Request, status int, f guidanceForms) error {
	view, err := db.Costly(r.Context(), v.office.DB, func(read db.R) (guidanceView, error) {
		return v.readGuidance(r, read, f)
	})
	if err != nil {
		return err
	}
	view.MayTell = frame.Allowed(r, account.ManageUsers)
	view.Page = v.frame.Page(w, r, guidanceTitle)
	view.Page.BackHref = frame.WavesPage + "/" + view.wave.ID
	view.Page.Error = view.problem() != nil
	return web.Show(w, r, status, guidancePage(view))
}

func (v *Waves) readGuidance(r *http.Request, read db.R, f guidanceForms) (view guidanceView, err error) {
	view.Forms = f
	if view.wave, err = wave.ByID(r.Context(), read, r.PathValue("id")); err != nil {
		return view, err
	}
	for _, one := range f.all() {
		one.About(view.wave.Name)
	}
	view.days = v.moving.Policy.Days(view.wave)
	view.enough = read.Now().AddDate(0, 0, view.days)
	view.Own = view.wave.Guidance.Set
	if !f.days.HasProblems() {
		f.days.Set("days", fmt.Sprint(view.days))
	}
	if !f.allowance.HasProblems() {
		f.allowance.Set("allowance", fmt.Sprint(view.wave.Allowance))
	}
	if err := view.offerWaves(r.Context(), read); err != nil || view.wave.Phase == path.Closed {
		return view, err
	}
	missing := v.moving.Policy.Missing(view.wave, view.wave.Phase+1, read.Now())
	found, err := page.ReadAt(r, untoldOnPage, func(a account.Found) string { return a.Username },
		func(at page.Place, limit int) ([]account.Found, int, error) {
			found, err := account.Find(r.Context(), read, untold(missing), account.Place(at), limit)
			return found.Accounts, found.Total, err
		})
	if err != nil {
		return view, err
	}
	view.Total = found.Total
	never := guidance.Missing{Wave: missing.Wave, Phase: missing.Phase}
	if view.Never, err = never.Count(r.Context(), read); err != nil {
		return view, err
	}
	view.Rows, err = untoldRows(r.Context(), read, found.Items, missing.Phase)
	view.Links = found.Links(r.URL.Path, r)
	return view, err
}

// untold is the search for those who lack guidance.
func untold(m guidance.Missing) account.Search {
	return account.Search{Within: account.Reach{Everywhere: true},
		Among: among.All{among.Having(m.Condition)}}
}

func untoldRows(
	ctx context.Context, r db.R, list []account.Found, phase path.Phase,
) (rows [][]nhsuk.TableCell, err error) {
	told, err := toldOf(ctx, r, list, phase)
	for _, a := range list {
		rows = append(rows, []nhsuk.TableCell{{Text: a.Username, Href: path.UsersPage + "/" + a.ID},
			{HTML: page.Name(a.Name())}, {Text: a.Organisation}, {Text: toldText(told[a.ID])}})
	}
	return rows, err
}

func toldOf(ctx context.Context, r db.R, list []account.Found, phase path.Phase) (map[string]time.Time, error) {
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return guidance.Told(ctx, r, ids, phase)
}

func toldText(at time.Time) string {
	if at.IsZero() {
		return "Not yet"
	}
	return when.Date(at)
}

// offerWaves offers the waves into which those can be put who lack guidance.
func (v *guidanceView) offerWaves(ctx context.Context, r db.R) error {
	list, err := wave.List(ctx, r)
	var items []nhsuk.RadioItem
	for _, one := range list {
		if one.ID != v.wave.ID && one.Phase == v.wave.Phase {
			items = append(items, nhsuk.RadioItem{Value: one.ID, Text: one.Name})
		}
	}
	v.Others = len(items) > 0
	v.Forms.pass.Offer("into", items)
	return err
}

func (v *Waves) setGuidance(w http.ResponseWriter, r *http.Request) error {
	f := guidanceFormsOf(r)
	f.days = daysForm.Read(r)
	if !f.days.Complete() {
		return v.showGuidance(w, r, http.StatusUnprocessableEntity, f)
	}
	days := daysIn(f.days, "days")
	err := v.moving.SetGuidance(r.Context(), web.Actor(r), r.PathValue("id"), days, f.days.Value("reason"))
	if f.days.Refuse(err) {
		return v.showGuidance(w, r, f.days.Status(), f)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, fmt.Sprintf("Days of guidance before a phase begins: %d.", days))
}

func (v *Waves) setAllowance(w http.ResponseWriter, r *http.Request) error {
	f := guidanceFormsOf(r)
	f.allowance = allowanceForm.Read(r)
	if !f.allowance.Complete() {
		return v.showGuidance(w, r, http.StatusUnprocessableEntity, f)
	}
	days := daysIn(f.allowance, "allowance")
	err := v.moving.SetAllowance(r.Context(), web.Actor(r), r.PathValue("id"), days, f.allowance.Value("why"))
	if f.allowance.Refuse(err) {
		return v.showGuidance(w, r, f.allowance.Status(), f)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, fmt.Sprintf("Days of work on which passwords still work in Require: %d.", days))
}

// daysIn reads a number of days that somebody typed; -1 where it is none.
func daysIn(f *form.Rendered, field string) int {
	days, err := strconv.Atoi(strings.TrimSpace(f.Value(field)))
	if err != nil {
		return -1
	}
	return days
}

func (v *Waves) pass(w http.ResponseWriter, r *http.Request) error {
	f := guidanceFormsOf(r)
	f.pass = passForm.Read(r)
	if !f.pass.Complete() {
		return v.showGuidance(w, r, http.StatusUnprocessableEntity, f)
	}
	n, err := v.moving.PassOn(r.Context(), web.Actor(r), r.PathValue("id"), f.pass.Value("into"),
		f.pass.Value("cause"))
	if f.pass.Refuse(err) {
		return v.showGuidance(w, r, f.pass.Status(), f)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, fmt.Sprintf("Accounts that were put into another wave: %d.", n))
}

// tell prepares a mail to those who were never told, and leads to where it is looked at before it is sent.
func (v *Waves) tell(w http.ResponseWriter, r *http.Request) error {
	f := guidanceFormsOf(r)
	f.tell = tellForm.Read(r)
	of, err := db.Read(r.Context(), v.office.DB, func(read db.R) (wave.Wave, error) {
		return wave.ByID(r.Context(), read, r.PathValue("id"))
	})
	if err != nil {
		return err
	}
	office := mailing.Office{DB: v.office.DB, Post: v.office.Post, Home: v.home, Author: campaign.Author()}
	m, err := office.Prepare(r.Context(), web.Actor(r),
		mailing.Selection{Untold: &guidance.Missing{Wave: of.ID, Phase: of.Phase + 1}},
		mailing.Text{Kind: mailing.Steps})
	if f.tell.Refuse(err) {
		return v.showGuidance(w, r, f.tell.Status(), f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+m.ID, "")
}

// guidanceFile sends those who lack guidance as a CSV file. That it was taken is an event.
func (v *Waves) guidanceFile(w http.ResponseWriter, r *http.Request) error {
	type list struct {
		found account.Results
		told  map[string]time.Time
	}
	l, err := db.Costly(r.Context(), v.office.DB, func(read db.R) (l list, err error) {
		of, err := wave.ByID(r.Context(), read, r.PathValue("id"))
		if err != nil {
			return l, err
		}
		missing := v.moving.Policy.Missing(of, of.Phase+1, read.Now())
		l.found, err = account.Find(r.Context(), read, untold(missing), account.Place{}, maxExported)
		if err == nil && l.found.Total > maxExported {
			err = errTooMany
		}
		if err != nil {
			return l, err
		}
		l.told, err = toldOf(r.Context(), read, l.found.Accounts, missing.Phase)
		return l, err
	})
	if err != nil {
		return err
	}
	file, err := guidanceRows(l.found.Accounts, l.told)
	if err != nil {
		return err
	}
	if err := v.moving.NoteExport(r.Context(), web.Actor(r), r.PathValue("id"), len(l.found.Accounts)); err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "guidance.csv", file)
}

// guidanceRows writes accounts as a file.
func guidanceRows(list []account.Found, told map[string]time.Time) ([]byte, error) {
	var rows [][]string
	for _, a := range list {
		rows = append(rows, []string{a.Username, a.FirstName, a.LastName, a.Email, a.Organisation,
			toldText(told[a.ID])})
	}
	return sheet.CSV([]string{"username", "first_name", "last_name", "email", "organisation", "told"}, rows)
}
