package users

import (
	"context"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/advice"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// refusalsOnPage is how many refusals of an account are on a page.
const refusalsOnPage = 20

// quoted reads the refusals that have a reference, which somebody read out.
func (u *Users) quoted(r *http.Request, quoted string) (refusalsView, error) {
	return db.Read(r.Context(), u.passwords.DB, func(read db.R) (refusalsView, error) {
		v := refusalsView{Reference: reference.Show(quoted)}
		list, err := audit.Refusals(r.Context(), read, quoted)
		if err != nil {
			return v, err
		}
		accounts, err := accountsOf(r.Context(), read, list)
		for _, e := range list {
			if a, known := accounts[e.Subject.ID]; !known || seen(r).Covers(a) {
				v.List = append(v.List, refusalRows(e, accounts))
			}
		}
		return v, err
	})
}

// accountsOf reads the accounts that events are about, by their ids.
func accountsOf(ctx context.Context, r db.R, list []audit.Entry) (map[string]account.Account, error) {
	var ids []string
	for _, e := range list {
		if e.Subject.Kind == account.Ref("").Kind {
			ids = append(ids, e.Subject.ID)
		}
	}
	return account.ByIDs(ctx, r, ids)
}

// told reads what a reference says by itself, where no event has it.
func (u *Users) told(r *http.Request, quoted string) (refusalsView, error) {
	return db.Read(r.Context(), u.passwords.DB, func(read db.R) (refusalsView, error) {
		v := refusalsView{Reference: reference.Show(quoted)}
		if rows := portal.ToldRows(u.frame.Box, quoted, read.Now()); rows != nil {
			v.List = append(v.List, rows)
		}
		return v, nil
	})
}

func (u *Users) showRefusals(w http.ResponseWriter, r *http.Request, v refusalsView, err error) error {
	if err != nil {
		return err
	}
	v.Page = u.frame.Page(w, r, "What happened")
	v.Page.BackHref = path.UsersPage
	if u.frame.CIM != "" {
		v.Elsewhere = u.frame.CIM + "/desk/sessions?find=" + url.QueryEscape(v.Reference)
	}
	return web.Show(w, r, http.StatusOK, refusalsPage(v))
}

// refusalRows words one refusal, with the account that it is about, if that is known.
func refusalRows(e audit.Entry, accounts map[string]account.Account) []nhsuk.SummaryListRow {
	words := advice.On(e)
	return []nhsuk.SummaryListRow{
		{Key: "What happened", Value: words.What},
		{Key: "Tell the caller", Value: words.Tell},
		{Key: "When", Value: when.DateTime(e.At)},
		{Key: "From", Value: e.From()},
		accountRow(accounts[e.Subject.ID]),
	}
}

func accountRow(a account.Account) nhsuk.SummaryListRow {
	if a.ID == "" {
		return nhsuk.SummaryListRow{Key: "Account", Value: "Not known"}
	}
	see := nhsuk.ActionParams{Text: "See account", VisuallyHiddenText: "of " + a.Name(), Href: accountPath(a.ID)}
	return nhsuk.SummaryListRow{
		Key: "Account", ValueHTML: page.Named(a.Name(), ", username "+a.Username), Actions: []nhsuk.ActionParams{see},
	}
}

// readRefusals reads the page of an account's refusals that a request asks for, the newest first.
func (v *userView) readRefusals(r *http.Request, read db.R, id string) error {
	search := audit.Search{Subject: account.Ref(id), Refused: true}
	list, err := page.Read(r, refusalsOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
		return search.Page(r.Context(), read, skip, limit)
	})
	v.Refusals = nil
	for _, e := range list.Items {
		words := advice.On(e)
		v.Refusals = append(v.Refusals, []nhsuk.TableCell{
			{HTML: page.Lines(when.DateTime(e.At), "Reference "+reference.Show(e.RequestID))},
			{HTML: page.Lines(words.What+tries.MoreIn(e).Text(), "From: "+e.From())},
			{Text: words.Tell},
		})
	}
	v.RefusalCount = list.Count("refusal", "refusals")
	v.Links = list.Links(accountPath(id), r)
	v.title = list.Titled(v.Username)
	return err
}
