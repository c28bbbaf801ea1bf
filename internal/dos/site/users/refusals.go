package users

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// How many of the newest events of an account are looked through for refusals.
const maxEvents = 100

// quoted reads the refusals that have a reference, which somebody read out.
func (u *Users) quoted(r *http.Request, quoted string) (refusalsView, error) {
	return db.Read(r.Context(), u.passwords.DB, func(read db.R) (refusalsView, error) {
		v := refusalsView{Reference: reference.Show(quoted)}
		list, err := audit.Refusals(r.Context(), read, quoted)
		if err != nil {
			return v, err
		}
		for _, e := range list {
			rows, err := refusalRows(r.Context(), read, e)
			if err != nil {
				return v, err
			}
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
	v.Page.BackHref = "/users"
	if u.frame.CIM != "" {
		v.Elsewhere = u.frame.CIM + "/desk/sessions?find=" + url.QueryEscape(v.Reference)
	}
	return web.Show(w, r, http.StatusOK, refusalsPage(v))
}

// refusalRows words one refusal, with the account that it is about, if that is known.
func refusalRows(ctx context.Context, r db.R, e audit.Entry) ([]nhsuk.SummaryListRow, error) {
	words := adviceOn(e)
	rows := []nhsuk.SummaryListRow{
		{Key: "What happened", Value: words.what},
		{Key: "Tell the caller", Value: words.tell},
		{Key: "When", Value: when.DateTime(e.At)},
	}
	unknown := nhsuk.SummaryListRow{Key: "Account", Value: "Not known"}
	if e.Subject.Kind != account.Ref("").Kind {
		return append(rows, unknown), nil
	}
	a, err := account.ByID(ctx, r, e.Subject.ID)
	if errors.Is(err, fault.NotFound) {
		return append(rows, unknown), nil
	}
	see := nhsuk.ActionParams{Text: "See account", VisuallyHiddenText: "of " + a.Name(), Href: "/users/" + a.ID}
	return append(rows, nhsuk.SummaryListRow{
		Key: "Account", ValueHTML: page.Named(a.Name(), ", username "+a.Username), Actions: []nhsuk.ActionParams{see},
	}), err
}

// refusalsOf lists the newest refusals of an account.
func refusalsOf(ctx context.Context, r db.R, id string) (rows [][]nhsuk.TableCell, err error) {
	events, err := audit.Of(ctx, r, account.Ref(id), maxEvents)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if !e.Refused {
			continue
		}
		words := adviceOn(e)
		rows = append(rows, nhsuk.Cells(when.DateTime(e.At), words.what, words.tell, reference.Show(e.RequestID)))
	}
	return rows, nil
}
