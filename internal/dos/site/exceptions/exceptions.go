// Package exceptions serves the pages on which somebody asks that their password works longer, and administrators
// decide about that.
package exceptions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	title    = "Exception for a password"
	ownTitle = "Ask for more time with your password"
	userPath = path.UsersPage + "/{id}/exception"
	yes      = "yes"
)

var (
	giveForm = form.Form{Path: userPath, Page: title, Act: "Let the password work for 24 hours",
		Fields: []form.Field{reason("reason", "Why?", "It is sent to the person")}}

	askForm = form.Form{Path: userPath + "/ask", At: userPath, Page: title, Act: "Ask for it",
		Fields: []form.Field{days(), reason("cause", "Why?", "Whoever decides reads it")}}

	decideForm = form.Form{Path: userPath + "/decide", At: userPath, Page: title, Act: "Decide",
		Fields: []form.Field{form.Hidden("request"),
			form.Radios(nhsuk.RadiosParams{Name: "approve", Fieldset: nhsuk.FieldsetParams{
				Legend: nhsuk.LegendParams{Text: "What do you decide?", Size: "s"}},
				Items: []nhsuk.RadioItem{{Value: yes, Text: "Let the password work for these days"},
					{Value: "no", Text: "Refuse"}}}).Required("Select what you decide"),
			reason("answer", "Why do you decide so?", "It is sent to the person")}}

	endForm = form.Form{Path: userPath + "/end", At: userPath, Page: title, Act: "End it now"}

	ownForm = form.Form{Path: frame.OwnException, Page: ownTitle, Act: "Ask for it",
		Fields: []form.Field{days(), reason("reason", "Why do you need it?", "Your administrators read it")}}
)

func days() form.Field {
	return form.Input(nhsuk.InputParams{Name: "days", Width: 3, Autocomplete: "off", Inputmode: "numeric",
		Label: nhsuk.LabelParams{Text: "For how many days?", Size: "s"},
		Hint:  fmt.Sprintf("%d at most", exception.MaxDays)}).Required("Enter a number of days")
}

func reason(name, label, hint string) form.Field {
	return form.Textarea(nhsuk.TextareaParams{Name: name, Rows: 3, Hint: hint,
		Label: nhsuk.LabelParams{Text: label, Size: "s"}}).Required("Enter why")
}

// Exceptions serves the pages.
type Exceptions struct {
	frame  *frame.Frame
	office exception.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, home string) {
	e := &Exceptions{frame: f, office: exception.Office{DB: f.Linker.DB, Post: f.Linker.Post, Home: home}}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+frame.ExceptionsPage, f.May(looking...), e.list)
	s.Handle("GET "+filePath, f.May(looking...), e.file)
	s.Handle("GET "+userPath, f.May(account.ManageUsers, account.ServiceDesk), e.show)
	f.HandleForm(s, giveForm, may, f.Freshly(giveForm, e.give))
	f.HandleForm(s, askForm, may, e.ask)
	f.HandleForm(s, decideForm, may, f.Freshly(decideForm, e.decide))
	f.HandleForm(s, endForm, may, e.end)
	s.Handle("GET "+frame.OwnException, f.SignedIn(), e.own)
	f.HandleForm(s, ownForm, f.SignedIn(), e.askOwn)
}

// view is the page about the exception of one account.
type view struct {
	Page    page.Params
	Account account.Account
	Open    bool // it has one now
	Rows    []nhsuk.SummaryListRow
	Waiting []nhsuk.SummaryListRow // what is asked for; none where nothing is
	MayHave bool
	MayGive bool
	Forms   forms
}

type forms struct{ give, ask, decide, end *form.Rendered }

func formsOf(r *http.Request) forms {
	return forms{give: giveForm.New(r), ask: askForm.New(r), decide: decideForm.New(r), end: endForm.New(r)}
}

// list gives all the forms.
func (f forms) list() []*form.Rendered { return []*form.Rendered{f.give, f.ask, f.decide, f.end} }

// problem is the form that came back; nil where none did.
func (v view) problem() *form.Rendered {
	for _, f := range v.Forms.list() {
		if f.HasProblems() {
			return f
		}
	}
	return nil
}

// gone reports whether the form that came back is not on the page any more.
func (v view) gone() bool {
	may := v.MayGive && v.MayHave
	switch v.problem() {
	case nil:
		return false
	case v.Forms.end:
		return !v.Open || !v.MayGive
	case v.Forms.decide:
		return !may || len(v.Waiting) == 0
	case v.Forms.ask:
		return !may || len(v.Waiting) > 0
	}
	return !may
}

func (e *Exceptions) show(w http.ResponseWriter, r *http.Request) error {
	return e.page(w, r, http.StatusOK, formsOf(r))
}

func (e *Exceptions) page(w http.ResponseWriter, r *http.Request, status int, f forms) error {
	v, err := db.Read(r.Context(), e.office.DB, func(read db.R) (view, error) { return readView(r, read, f) })
	if err != nil {
		return err
	}
	if v.gone() {
		return web.SeeOther(w, r, path.UsersPage+"/"+v.Account.ID+"/exception",
			"Nothing changed. The exception is now like this.")
	}
	v.Page = e.frame.Page(w, r, title)
	v.Page.BackHref = path.UsersPage + "/" + v.Account.ID
	v.Page.Error = v.problem() != nil
	return web.Show(w, r, status, exceptionPage(v))
}

func readView(r *http.Request, read db.R, f forms) (v view, err error) {
	ctx := r.Context()
	v.Forms = f
	if v.Account, err = account.ByID(ctx, read, r.PathValue("id")); err != nil {
		return v, err
	}
	if !frame.Reach(r, account.ManageUsers, account.ServiceDesk).Covers(v.Account) {
		return v, account.ErrOutside
	}
	for _, one := range f.list() {
		one.About(v.Account.Name() + " (" + v.Account.Username + ")")
	}
	v.MayGive = frame.Reach(r, account.ManageUsers).Covers(v.Account) && v.Account.ID != frame.User(r).Account.ID
	_, err = account.LinkOf(ctx, read, v.Account.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return v, err
	}
	v.MayHave = err != nil && v.Account.Active && v.Account.Kind == account.Individual
	if v.Rows, err = openRows(ctx, read, v.Account.ID); err != nil {
		return v, err
	}
	v.Open = len(v.Rows) > 0
	q, err := exception.Waiting(ctx, read, v.Account.ID)
	if errors.Is(err, fault.NotFound) {
		return v, nil
	}
	v.Forms.decide.Set("request", q.ID)
	v.Waiting = []nhsuk.SummaryListRow{
		{Key: "Asked by", ValueHTML: page.Named(q.Name, ", "+when.DateTime(q.At))},
		{Key: "Days", Value: fmt.Sprint(q.Days)}, {Key: "Why", Value: q.Reason},
	}
	return v, err
}

// openRows tell of the exception that an account has now; none where it has none.
func openRows(ctx context.Context, r db.R, accountID string) ([]nhsuk.SummaryListRow, error) {
	x, err := exception.Of(ctx, r, accountID)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return []nhsuk.SummaryListRow{{Key: "The password works until", Value: when.DateTime(x.Ends)},
		{Key: "Given by", ValueHTML: page.Named(x.Name, ", "+when.DateTime(x.Begun))},
		{Key: "Why", Value: x.Reason}}, err
}

func (e *Exceptions) give(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.give = giveForm.Read(r)
	return e.act(w, r, f, f.give, "The password works for 24 hours. The person has been told.", func() error {
		return e.office.Give(r.Context(), web.Actor(r), r.PathValue("id"), f.give.Value("reason"))
	})
}

func (e *Exceptions) ask(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.ask = askForm.Read(r)
	return e.act(w, r, f, f.ask, "You have asked for it. Another DoS user administrator decides.", func() error {
		return reasonAt("cause", e.office.Ask(r.Context(), web.Actor(r), r.PathValue("id"), daysIn(f.ask),
			f.ask.Value("cause")))
	})
}

func (e *Exceptions) decide(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.decide = decideForm.Read(r)
	return e.act(w, r, f, f.decide, "Decided. The person has been told.", func() error {
		return reasonAt("answer", e.office.Decide(r.Context(), web.Actor(r), f.decide.Value("request"),
			f.decide.Value("approve") == yes, f.decide.Value("answer")))
	})
}

func (e *Exceptions) end(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.end = endForm.Read(r)
	return e.act(w, r, f, f.end, "The exception has ended. The person has been told.", func() error {
		return e.office.End(r.Context(), web.Actor(r), r.PathValue("id"))
	})
}

// reasonAt gives a fault of a reason to the field in which a form has it, as several forms stand on one page.
func reasonAt(field string, err error) error {
	if f, is := fault.From(err); is && f.Field == "reason" {
		return fault.At(field, err)
	}
	return err
}

// act does what a form is for, if it is complete, and shows the page again.
func (e *Exceptions) act(
	w http.ResponseWriter, r *http.Request, f forms, typed *form.Rendered, done string, do func() error,
) error {
	if !typed.Complete() {
		return e.page(w, r, http.StatusUnprocessableEntity, f)
	}
	err := do()
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
	}
	if typed.HasProblems() || typed.Refuse(err) {
		return e.page(w, r, typed.Status(), f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path.UsersPage+"/"+r.PathValue("id")+"/exception", done)
}

// daysIn reads how many days somebody typed; 0 where that is no number.
func daysIn(f *form.Rendered) int {
	n, err := strconv.Atoi(strings.TrimSpace(f.Value("days")))
	if err != nil {
		return 0
	}
	return n
}

// ownView is the page on which somebody asks for themselves.
type ownView struct {
	Page  page.Params
	Rows  []nhsuk.SummaryListRow // of the exception that they have
	Since string                 // since when they ask for one; empty if they do not
	Form  *form.Rendered
}

func (e *Exceptions) own(w http.ResponseWriter, r *http.Request) error {
	return e.ownPage(w, r, http.StatusOK, ownForm.New(r))
}

func (e *Exceptions) ownPage(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	id := frame.User(r).Account.ID
	v, err := db.Read(r.Context(), e.office.DB, func(read db.R) (v ownView, err error) {
		if v.Rows, err = openRows(r.Context(), read, id); err != nil {
			return v, err
		}
		q, err := exception.Waiting(r.Context(), read, id)
		if errors.Is(err, fault.NotFound) {
			return v, nil
		}
		v.Since = when.DateTime(q.At)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Form = typed
	v.Page = e.frame.Page(w, r, ownTitle)
	v.Page.BackHref = frame.AccountPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, ownPage(v))
}

func (e *Exceptions) askOwn(w http.ResponseWriter, r *http.Request) error {
	typed := ownForm.Read(r)
	if !typed.Complete() {
		return e.ownPage(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := e.office.Ask(r.Context(), web.Actor(r), frame.User(r).Account.ID, daysIn(typed), typed.Value("reason"))
	if errors.Is(err, exception.ErrAsked) {
		return web.SeeOther(w, r, frame.OwnException, "Nothing changed. Somebody has asked for you already.")
	}
	if typed.Refuse(err) {
		return e.ownPage(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.OwnException, "You have asked for more time. You get an email once it is decided.")
}
