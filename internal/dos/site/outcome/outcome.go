// Package outcome serves the pages that say what came of the move: how logins went, how many tickets there were, how
// long people took and who was locked out, on some days or in a month.
package outcome

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const title = "What came of the move"

const (
	filePath      = frame.OutcomePage + "/file"
	monthPath     = frame.OutcomePage + "/month"
	monthFilePath = monthPath + "/file"
)

// Pages serves the pages.
type Pages struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Pages{frame: f}
	may := f.May(account.ViewReports)
	s.Handle("GET "+frame.OutcomePage, may, p.show)
	s.Handle("GET "+filePath, may, p.file)
	s.Handle("GET "+monthPath, may, p.month)
	s.Handle("GET "+monthFilePath, may, p.monthFile)
}

// usualDays is of how many days the page says something where none are asked for.
const usualDays = 28

// askForm asks for days and a wave.
func askForm(waves []wave.Wave) form.Form {
	items := []nhsuk.SelectItem{{Text: "All waves"}}
	for _, w := range waves {
		items = append(items, nhsuk.SelectItem{Value: w.ID, Text: w.Name})
	}
	return form.Form{Path: frame.OutcomePage, Get: true, Fields: []form.Field{
		form.Input(nhsuk.InputParams{Name: "from", Width: 20, Autocomplete: "off",
			Label: nhsuk.LabelParams{Text: "First day", Size: "s"}, Hint: "For example 1 November 2026"}),
		form.Input(nhsuk.InputParams{Name: "until", Width: 20, Autocomplete: "off",
			Label: nhsuk.LabelParams{Text: "Last day", Size: "s"}}),
		form.Select(nhsuk.SelectParams{Name: "wave", Label: nhsuk.LabelParams{Text: "Wave", Size: "s"}, Items: items}),
	}}
}

// within gives of whom the reader sees results: of the accounts of whom they see the board. Emergency rights widen what
// is done for services, and show nobody's way in.
func within(r *http.Request) account.Reach {
	user := frame.User(r)
	return user.Grants.Reach(user.Account.Organisation, account.ViewReports)
}

// ask reads what is asked for.
func (p *Pages) ask(r *http.Request) (*form.Rendered, outcome.Selection, error) {
	if frame.User(r).Session.State.ByMail {
		return nil, outcome.Selection{}, signin.ErrWithheld // it lists people who are locked out
	}
	d := p.frame.Linker.DB
	waves, err := db.Read(r.Context(), d, func(read db.R) ([]wave.Wave, error) { return wave.List(r.Context(), read) })
	if err != nil {
		return nil, outcome.Selection{}, err
	}
	f := askForm(waves).Read(r)
	s := outcome.Selection{Wave: f.Value("wave"), Within: within(r)}
	readDays(f, &s, d.Now())
	return f, s, nil
}

// readDays reads which days are meant: the last ones unless the form says others.
func readDays(f *form.Rendered, s *outcome.Selection, now time.Time) {
	today := outcome.DayOf(now)
	first := outcome.Earliest(s.Within, now)
	last := readDay(f, "until", today)
	s.Until = last.AddDate(0, 0, 1)
	s.From = readDay(f, "from", last.AddDate(0, 0, 1-usualDays))
	if f.Value("from") == "" && s.From.Before(first) {
		s.From = first
	}
	switch {
	case f.HasProblems():
	case s.From.Before(first):
		f.Add(form.Problem{Field: "from", Text: "Enter " + when.Date(first) + " or a later day: earlier ones are not " +
			"kept for you"})
	case last.After(today):
		f.Add(form.Problem{Field: "until", Text: "Enter today or an earlier day"})
	case s.From.After(last):
		f.Add(form.Problem{Field: "until", Text: "Enter a last day that is not before the first"})
	}
}

func readDay(f *form.Rendered, field string, usual time.Time) time.Time {
	text := f.Value(field)
	if text == "" {
		return usual
	}
	day, is := when.ParseDate(text)
	if !is {
		f.Add(form.Problem{Field: field, Text: "Enter a date, such as 1 November 2026"})
		return usual
	}
	return outcome.DayOf(day)
}

// found is what the pages show.
type found struct {
	results  results.Results
	lockOuts []lockOut
}

// lockOut is one time that somebody was locked out, with whose account it is.
type lockOut struct {
	outcome.Lockout

	account account.Account
}

// maxLockOuts is how many lock-outs a page lists, the latest. The target is none.
const maxLockOuts = 100

func read(ctx context.Context, r db.R, s outcome.Selection) (v found, err error) {
	if v.results, err = results.Read(ctx, r, s); err != nil {
		return v, err
	}
	v.lockOuts, err = readLockOuts(ctx, r, s)
	return v, err
}

func readLockOuts(ctx context.Context, r db.R, s outcome.Selection) (list []lockOut, err error) {
	times, err := outcome.Lockouts(ctx, r, s, maxLockOuts)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(times))
	for i, one := range times {
		ids[i] = one.Account
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	for _, one := range times {
		list = append(list, lockOut{one, accounts[one.Account]})
	}
	return list, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f, s, err := p.ask(r)
	if err != nil {
		return err
	}
	v := view{Form: f, Files: filePath + "?" + askedFor(f).Encode()}
	if !f.HasProblems() {
		got, err := db.Costly(r.Context(), p.frame.Linker.DB, func(d db.R) (found, error) {
			return read(r.Context(), d, s)
		})
		if err != nil {
			return err
		}
		v.Figures = figuresOf(r, got)
	}
	if !f.HasProblems() {
		f.Set("from", when.Date(s.From)).Set("until", when.Date(s.Until.AddDate(0, 0, -1)))
	}
	v.Days = "From " + when.Date(s.From) + " to " + when.Date(s.Until.AddDate(0, 0, -1))
	v.Months = monthPath + "?month=" + results.MonthOf(s.From).String()
	v.Page = p.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = frame.BoardPage
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), outcomePage(v))
}

// askedFor gives what was asked for as an address has it.
func askedFor(f *form.Rendered) url.Values {
	q := url.Values{}
	for _, name := range []string{"from", "until", "wave"} {
		if value := f.Value(name); value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// view is the page of some days.
type view struct {
	Page    page.Params
	Form    *form.Rendered
	Days    string
	Files   string // where the files of the tables are, without the name of one
	Months  string
	Figures figures
}
