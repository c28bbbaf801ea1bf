package exceptions

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	listTitle = "Exceptions for passwords"
	filePath  = frame.ExceptionsPage + "/file"
	onPage    = 50
	running   = "running"
)

// looking are the permissions with which one sees exceptions.
var looking = []account.Permission{account.ManageUsers, account.ServiceDesk, account.ManageWaves}

// listForm asks which exceptions are listed.
func listForm(waves []wave.Wave) form.Form {
	items := []nhsuk.SelectItem{{Text: "All waves"}}
	for _, w := range waves {
		items = append(items, nhsuk.SelectItem{Value: w.ID, Text: w.Name})
	}
	return form.Form{Path: frame.ExceptionsPage, Get: true, Fields: []form.Field{
		form.Select(nhsuk.SelectParams{Name: "which", Label: nhsuk.LabelParams{Text: "Which", Size: "s"},
			Items: []nhsuk.SelectItem{{Text: "Asked for, not decided"}, {Value: running, Text: "Running now"}}}),
		form.Select(nhsuk.SelectParams{Name: "wave", Label: nhsuk.LabelParams{Text: "Wave", Size: "s"}, Items: items}),
		form.Hidden("region"), form.Hidden("organisation"), // as the board narrows them
	}}
}

// listView is the page of exceptions.
type listView struct {
	Page    page.Params
	Form    *form.Rendered
	Place   string // to which the list is narrowed; empty for none, or where nothing was found
	AllOver string // leads to the exceptions of all places
	Heading string
	Head    []string
	Rows    [][]nhsuk.TableCell
	Running page.Link // leads from those that are asked for to those that run; empty where none does
	Links   nhsuk.PaginationParams
	File    string
}

// asked is what the page is asked for.
type asked struct {
	form    *form.Rendered
	filter  exception.Filter
	running bool
}

func (e *Exceptions) asked(r *http.Request, read db.R) (asked, error) {
	waves, err := wave.List(r.Context(), read)
	f := listForm(waves).Read(r)
	return asked{form: f, running: f.Value("which") == running,
		filter: exception.Filter{Within: frame.Reach(r, looking...), Wave: f.Value("wave"), Region: f.Value("region"),
			Organisation: f.Value("organisation")}}, err
}

func (e *Exceptions) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), e.office.DB, func(read db.R) (v listView, err error) {
		a, err := e.asked(r, read)
		if err != nil {
			return v, err
		}
		found, err := page.Read(r, onPage, func(skip, limit int) ([]row, int, error) {
			return rowsOf(r.Context(), read, a, skip, limit)
		})
		if err != nil {
			return v, err
		}
		v.Form = a.form
		v.Heading = found.Count("exception", "exceptions")
		v.Head = headOf(a)
		for _, one := range found.Items {
			v.Rows = append(v.Rows, one.cells(r))
		}
		v.Links = found.Links(frame.ExceptionsPage, r)
		v.File = filePath + "?" + page.WithoutPlace(r).Encode()
		v.AllOver = allOver(r)
		if v.Running, err = runningLink(r, read, a); err != nil {
			return v, err
		}
		if found.Total > 0 {
			v.Place, err = frame.PlaceText(r.Context(), read, a.filter.Region, a.filter.Organisation)
		}
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = e.frame.Page(w, r, v.title())
	v.Page.Wide = true
	v.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// runningLink leads to the exceptions that run, where others are listed.
func runningLink(r *http.Request, read db.R, a asked) (l page.Link, err error) {
	if a.running {
		return l, nil
	}
	n, err := exception.CountRunning(r.Context(), read, a.filter)
	if err != nil || n == 0 {
		return l, err
	}
	return page.Link{Text: fmt.Sprintf("Running now: %d. See who has one", n),
		Href: frame.ExceptionsOf(page.WithoutPlace(r))}, nil
}

// allOver leads to the exceptions of all places; empty where they are not narrowed to one.
func allOver(r *http.Request) string {
	query := page.WithoutPlace(r)
	narrowed := query.Get("region") + query.Get("organisation")
	if narrowed == "" {
		return ""
	}
	query.Del("region")
	query.Del("organisation")
	return frame.ExceptionsPage + "?" + query.Encode()
}

// row is one exception, asked for or running, with the account that it is for.
type row struct {
	account account.Account
	place   string
	texts   []string // of the columns after the organisation
}

func headOf(a asked) []string {
	head := []string{"Username", "Name", "Organisation"}
	if a.running {
		return append(head, "Works until", "Given by", "Why")
	}
	return append(head, "Asked", "Days", "Asked by", "Why", "Who can decide")
}

func rowsOf(ctx context.Context, r db.R, a asked, skip, limit int) (rows []row, total int, err error) {
	if a.running {
		list, total, err := exception.ListRunning(ctx, r, a.filter, skip, limit)
		if err != nil {
			return nil, 0, err
		}
		var ids []string
		for _, x := range list {
			ids = append(ids, x.AccountID)
			rows = append(rows, row{texts: []string{when.DateTime(x.Ends), x.Name, x.Reason}})
		}
		return rows, total, addAccounts(ctx, r, rows, ids)
	}
	list, total, err := exception.ListWaiting(ctx, r, a.filter, skip, limit)
	if err != nil {
		return nil, 0, err
	}
	var ids []string
	for _, q := range list {
		deciders, err := exception.Deciders(ctx, r, q)
		if err != nil {
			return nil, 0, err
		}
		ids = append(ids, q.AccountID)
		rows = append(rows, row{texts: []string{when.DateTime(q.At), fmt.Sprint(q.Days), q.Name, q.Reason,
			namesOf(deciders)}})
	}
	return rows, total, addAccounts(ctx, r, rows, ids)
}

// maxNamed is how many are named who can decide.
const maxNamed = 3

func namesOf(deciders []account.Account) string {
	if len(deciders) == 0 {
		return "Nobody: tell the service desk"
	}
	var names []string
	for _, one := range deciders[:min(len(deciders), maxNamed)] {
		names = append(names, one.Name())
	}
	text := strings.Join(names, ", ")
	if more := len(deciders) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// addAccounts puts to rows the accounts with ids, and the names of their organisations.
func addAccounts(ctx context.Context, r db.R, rows []row, ids []string) error {
	accounts, err := account.ByIDs(ctx, r, ids)
	for i, id := range ids {
		if err != nil {
			return err
		}
		rows[i].account = accounts[id]
		if code := accounts[id].Organisation; code != "" {
			rows[i].place, err = directory.OrganisationText(ctx, r, code)
		}
	}
	return err
}

// cells are a row of the page. It leads to where an exception is decided and ended, for whoever may look there.
func (one row) cells(r *http.Request) []nhsuk.TableCell {
	user := nhsuk.TableCell{Text: one.account.Username}
	if frame.Allowed(r, account.ManageUsers, account.ServiceDesk) {
		user.Href = path.UsersPage + "/" + one.account.ID + "/exception"
	}
	cells := []nhsuk.TableCell{user, {HTML: page.Name(one.account.Name())}, {Text: one.place}}
	for _, text := range one.texts {
		cells = append(cells, nhsuk.TableCell{HTML: page.Name(text)})
	}
	return cells
}

// title names the page, with the place to which it is narrowed.
func (v listView) title() string {
	if v.Place == "" {
		return listTitle
	}
	return v.Place + " – " + listTitle
}
