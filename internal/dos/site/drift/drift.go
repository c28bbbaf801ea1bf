// Package drift serves the pages on which administrators see whose email address is not that of the Care Identity, why
// that may be, and what is done about it.
package drift

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/site/frame"
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
	title       = "Email addresses that differ"
	casesOnPage = 50
)

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	watch drift.Watch
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, watch drift.Watch) {
	p := &Pages{frame: f, watch: watch}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+frame.DriftPage, may, p.list)
	s.Handle("GET "+frame.DriftPage+"/export", may, p.export)
	s.Handle("GET "+frame.DriftPage+"/{id}", may, p.show)
	f.HandleForm(s, decideForm, may, p.decide)
	f.HandleForm(s, compareForm, may, p.compare)
}

// ages are how long ago cases were found that one can ask for.
var ages = []struct {
	value, text string
	days        int
}{{"7", "A week ago or longer", 7}, {"28", "4 weeks ago or longer", 28}}

// listForm narrows the list.
func listForm(regions []directory.Region) form.Form {
	causes := []nhsuk.SelectItem{{Text: "Any cause"}}
	for _, cause := range drift.Causes() {
		causes = append(causes, nhsuk.SelectItem{Value: string(cause), Text: causeText(cause)})
	}
	since := []nhsuk.SelectItem{{Text: "Any time"}}
	for _, age := range ages {
		since = append(since, nhsuk.SelectItem{Value: age.value, Text: age.text})
	}
	f := form.Form{
		Path: frame.DriftPage, Get: true, Attributes: templ.Attributes{"class": "signpost-filters"},
		Fields: []form.Field{
			selectField("state", "What is done about it", []nhsuk.SelectItem{{Text: "Nothing yet"},
				{Value: string(drift.Done), Text: stateText(drift.Done)},
				{Value: string(drift.Left), Text: stateText(drift.Left)}}),
			selectField("cause", "Likely cause", causes), selectField("age", "Found", since),
		},
	}
	if len(regions) > 0 {
		items := []nhsuk.SelectItem{{Text: "Any region"}}
		for _, one := range regions {
			items = append(items, nhsuk.SelectItem{Value: one.ID, Text: one.Name})
		}
		items = append(items, nhsuk.SelectItem{Value: account.NoRegion, Text: "Not known"})
		f.Fields = append(f.Fields, selectField("region", "Region", items))
	}
	return f
}

func selectField(name, label string, items []nhsuk.SelectItem) form.Field {
	return form.Select(nhsuk.SelectParams{Name: name, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Items: items})
}

// regions lists those that the user can choose from; none if there is no choice.
func (p *Pages) regions(r *http.Request) ([]directory.Region, error) {
	if !reach(r).Everywhere {
		return nil, nil
	}
	return db.Read(r.Context(), p.watch.DB, func(read db.R) ([]directory.Region, error) {
		return directory.Regions(r.Context(), read)
	})
}

func reach(r *http.Request) account.Reach { return frame.Reach(r, account.ManageUsers) }

// filterOf reads which cases are asked for.
func filterOf(f *form.Rendered, within account.Reach, now time.Time) drift.Filter {
	filter := drift.Filter{
		Within: within, State: drift.State(f.Value("state")), Cause: drift.Cause(f.Value("cause")),
		Region: f.Value("region"),
	}
	for _, age := range ages {
		if f.Value("age") == age.value {
			filter.Before = now.AddDate(0, 0, -age.days)
		}
	}
	return filter
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	regions, err := p.regions(r)
	if err != nil {
		return err
	}
	typed := listForm(regions).Read(r)
	v, err := db.Costly(r.Context(), p.watch.DB, func(read db.R) (listView, error) {
		return readList(r, read, filterOf(typed, reach(r), read.Now()))
	})
	if err != nil {
		return err
	}
	v.Form = typed
	v.Asks = p.watch.Asker != nil
	if len(v.Rows) > 0 {
		query := r.URL.Query()
		query.Del("page")
		v.Export = frame.DriftPage + "/export?" + query.Encode()
	}
	v.Page = p.frame.Page(w, r, v.titled)
	v.Page.Wide = true
	v.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readList(r *http.Request, read db.R, filter drift.Filter) (v listView, err error) {
	ctx := r.Context()
	found, err := page.Read(r, casesOnPage, func(skip, limit int) ([]drift.Case, int, error) {
		return drift.List(ctx, read, filter, skip, limit)
	})
	if err != nil {
		return v, err
	}
	accounts, err := accountsOf(ctx, read, found.Items)
	if err != nil {
		return v, err
	}
	v.titled = found.Titled(title)
	v.Count = found.Count("account", "accounts")
	v.Links = found.Links(frame.DriftPage, r)
	for _, c := range found.Items {
		a := accounts[c.AccountID]
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{Text: a.Username, Href: frame.DriftPage + "/" + a.ID},
			{HTML: page.Contact(c.Ours)}, {HTML: otherAddress(c)},
			{Text: causeText(c.Cause)},
			{HTML: page.Lines(when.Ago(c.Found, read.Now()), linkedText(c))},
		})
	}
	v.Compared, err = comparedText(ctx, read)
	return v, err
}

func accountsOf(ctx context.Context, r db.R, list []drift.Case) (map[string]account.Account, error) {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.AccountID)
	}
	return account.ByIDs(ctx, r, ids)
}

// comparedText says when the addresses were compared.
func comparedText(ctx context.Context, r db.R) (string, error) {
	run, err := drift.LastRun(ctx, r)
	switch {
	case errors.Is(err, fault.NotFound):
		return "No comparison has ended yet. The first one begins within an hour.", nil
	case err != nil:
		return "", err
	case run.Ended.IsZero():
		return "A comparison is under way since " + when.DateTime(run.Begun) + ".", nil
	}
	return "All addresses were compared on " + when.DateTime(run.Begun) + ". They are compared once a day.", nil
}
