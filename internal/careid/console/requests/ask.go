package requests

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

type askView struct {
	Page page.Params
	Find *form.Rendered
	Form *form.Rendered // nil before the person and what is asked for are named
	Name string

	Title  string   // what is asked for
	Fields []string // of the form, that what is asked for needs
	Back   string
	Days   string // within which it is decided
}

var (
	errNotAsker = fault.SayCure(fault.Forbidden, "This page is for sponsors and registration authority staff.",
		"If you need something yourself, ask your registration authority.")
	errKind   = fault.OfField("kind", "Select what you ask for")
	errPerson = fault.OfField("uuid", "Enter the 12 digits of a Care Identity number that is known here")
	errStarts = fault.OfField("starts", "Enter the start date as day, month and year, such as 31 3 2027")
	errEnds   = fault.OfField("ends", "Enter the last day as day, month and year, such as 31 3 2027")
)

func (p *Requests) askNew(w http.ResponseWriter, r *http.Request) error {
	return p.showAsk(w, r, askForm.New(r))
}

// numberIn reads a Care Identity number as somebody typed it.
func numberIn(typed string) string { return strings.Join(strings.Fields(typed), "") }

func (p *Requests) showAsk(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !reader(r).MayAsk() {
		return errNotAsker
	}
	find := findForm.Read(r)
	uuid := numberIn(find.Value("uuid"))
	posted := f.Value("uuid")
	if posted != "" {
		uuid = posted
	}
	kind := request.Kind(cmp.Or(f.Value("kind"), find.Value("kind")))
	v := askView{Find: find, Page: p.frame.Page(w, r, askForm.Page), Fields: askFields(kind)}
	v.Page.BackHref = frame.RequestsPath
	if uuid == "" || kind == "" {
		if uuid != "" && r.URL.Query().Get("from") == "" { // a link of ours leaves the choice to its reader
			v.Page.Error = find.Refuse(errKind)
		}
		return web.Show(w, r, find.Status(), askPage(v))
	}
	name, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (string, error) {
		return offerPositions(r, read, f, uuid)
	})
	if err == nil && len(v.Fields) == 0 {
		err = errKind
	}
	if posted != "" && errors.Is(err, fault.Invalid) {
		return web.SeeOther(w, r, newPath, "Nothing was sent. Enter whom the request is about again.")
	}
	if find.Refuse(err) {
		v.Page.Error = true
		return web.Show(w, r, find.Status(), askPage(v))
	}
	if err != nil {
		return err
	}
	if v.Days, err = p.frame.WorkingDays(r); err != nil {
		return err
	}
	v.Name = name
	v.Title = kind.Label()
	v.Back = newPath + "?" + url.Values{"uuid": {uuid}, "from": {"request"}}.Encode()
	v.Form = f.About(name)
	f.Set("uuid", uuid)
	f.Set("kind", string(kind))
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), askPage(v))
}

// askFields are the fields that somebody fills in to ask for something; none for what cannot be asked on the page.
func askFields(k request.Kind) []string {
	switch {
	case !slices.Contains(askable, k):
		return nil
	case k == request.GrantPosition:
		return append([]string{"uuid", "kind", "organisation"}, fixable[k]...)
	}
	return append([]string{"uuid", "kind"}, fixable[k]...)
}

// offerPositions offers the positions that somebody has, at organisations where the user may ask for something, and
// gives their name. Of somebody for whom the user may ask nothing it says no more than of nobody.
func offerPositions(r *http.Request, read db.R, f *form.Rendered, uuid string) (name string, err error) {
	i, err := identity.ByUUID(r.Context(), read, uuid)
	if errors.Is(err, fault.NotFound) {
		return "", errPerson
	}
	if err != nil {
		return "", err
	}
	may, err := deciding.MayAskAt(r.Context(), read, reader(r), i.Organisation)
	if err != nil {
		return "", err
	}
	if !may {
		return "", errPerson
	}
	held, err := access.OfIdentity(r.Context(), read, uuid)
	if err != nil {
		return "", err
	}
	var items []nhsuk.RadioItem
	for _, a := range held {
		if a.Over(read.Now()) {
			continue
		}
		at, err := organisation.Text(r.Context(), read, a.Position.Organisation)
		if err != nil {
			return "", err
		}
		items = append(items, nhsuk.RadioItem{Value: a.ID, Text: a.Position.Name, Hint: at})
	}
	f.Offer("assignment", items)
	return i.DisplayName(), offerGrants(r.Context(), read, f, i.Organisation)
}

// offerGrants offers what can be asked for at an organisation: its own open positions, and those that can be given at
// any, unless the organisation has one of that name.
func offerGrants(ctx context.Context, r db.R, f *form.Rendered, code string) error {
	list, err := access.PositionsAt(ctx, r, code)
	var items []nhsuk.RadioItem
	has := map[string]bool{}
	for _, p := range list {
		if !p.Over(r.Now()) {
			has[p.Name] = true
			items = append(items, nhsuk.RadioItem{Value: p.ID, Text: p.Name, Hint: p.RolesText()})
		}
	}
	for _, t := range registration.Templates {
		if !has[t.Name] {
			items = append(items, nhsuk.RadioItem{Value: t.Code, Text: t.Name, Hint: t.Codes()})
		}
	}
	f.Offer("position", items)
	return err
}

// grantIn reads which position is asked for: one that can be given at any organisation, by its code, or one of an
// organisation.
func grantIn(chosen string, starts, ends time.Time) request.Grant {
	if _, is := registration.TemplateNamed(chosen); is {
		return request.Grant{Template: chosen, Starts: starts, Ends: ends}
	}
	return request.Grant{Position: chosen, Starts: starts, Ends: ends}
}

func (p *Requests) ask(w http.ResponseWriter, r *http.Request) error {
	f := askForm.Read(r)
	what, err := whatIn(f, request.Kind(f.Value("kind")))
	if !f.Complete() || f.Refuse(err) {
		return p.showAsk(w, r, f)
	}
	asked, err := deciding.Ask(r.Context(), p.frame.DB, web.Actor(r), deciding.Asked{
		UUID: f.Value("uuid"), Organisation: f.Value("organisation"), What: what, Reason: f.Value("reason"),
	})
	if f.Refuse(err) {
		return p.showAsk(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(asked.ID), "Request "+random.Grouped(asked.Number)+" sent.")
}

// whatIn reads exactly what is asked for.
func whatIn(f *form.Rendered, k request.Kind) (request.What, error) {
	starts, err := dateIn(f.Value("starts"), errStarts)
	if err != nil {
		return nil, err
	}
	ends, err := dateIn(f.Value("ends"), errEnds)
	if err != nil {
		return nil, err
	}
	if !ends.IsZero() {
		ends = ends.AddDate(0, 0, 1) // the position is held on the last day too
	}
	switch k {
	case request.GrantPosition:
		what := grantIn(f.Value("position"), starts, ends)
		return what, what.Check()
	case request.ChangeDates:
		what := request.Dates{Assignment: f.Value("assignment"), Starts: starts, Ends: ends}
		return what, what.Check()
	case request.EndPosition:
		what := request.End{Assignment: f.Value("assignment")}
		return what, what.Check()
	case request.ChangeDetails:
		what := request.Details{InWords: f.Value("details")}
		return what, what.Check()
	case request.CloseIdentity, request.ReopenIdentity, request.Reactivate, request.NewIdentity,
		request.VerifyIdentity, request.Authenticator, request.SomethingElse:
	}
	return request.Ask(k), request.Ask(k).Check()
}

func dateIn(typed string, problem error) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	at, is := when.ParseDate(typed)
	if !is {
		return at, problem
	}
	return at, nil
}
