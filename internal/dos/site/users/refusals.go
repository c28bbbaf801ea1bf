package users

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/advice"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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

// refusal is what was refused, and what is known of the person whom it was about; nothing if they are not known.
type refusal struct {
	event  audit.Entry
	person rollout.Known
}

// quoted shows the refusals that have a reference, which somebody read out.
func (u *Users) quoted(r *http.Request, quoted string) (refusalsView, error) {
	v := refusalsView{Reference: reference.Show(quoted)}
	list, err := db.Read(r.Context(), u.passwords.DB, func(read db.R) ([]refusal, error) {
		return refusalsOf(r.Context(), read, quoted)
	})
	for _, one := range list {
		if a := one.person.Account; a.ID == "" || seen(r).Covers(a) {
			v.List = append(v.List, append(refusalRows(one), u.authorityRows(r, one)...))
		}
	}
	return v, err
}

// refusalsOf reads the refusals that have a reference.
func refusalsOf(ctx context.Context, r db.R, quoted string) (list []refusal, err error) {
	events, err := audit.Refusals(ctx, r, quoted)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		person, err := personIn(ctx, r, e)
		if err != nil {
			return nil, err
		}
		list = append(list, refusal{e, person})
	}
	return list, nil
}

// personIn reads what the directory knows of the person whom an event is about.
func personIn(ctx context.Context, r db.R, e audit.Entry) (rollout.Known, error) {
	id, err := signin.HolderIn(ctx, r, e)
	if err != nil || id == "" {
		return rollout.Known{}, err
	}
	known, err := rollout.Read(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return rollout.Known{}, nil
	}
	return known, err
}

// authorityRows name the registration authority of whoever was refused, with how to reach it, where it can help.
func (u *Users) authorityRows(r *http.Request, one refusal) []nhsuk.SummaryListRow {
	if !advice.On(one.event).Authority || one.person.Account.ID == "" {
		return nil
	}
	facts, silent := rollout.Facts(r.Context(), u.asker, one.person)
	if silent != nil {
		web.Log(r, slog.String("extract", silent.Error()))
	}
	return authorityRow(facts)
}

// authorityRow names a registration authority, with how to reach it; nothing where it is not known.
func authorityRow(facts path.Facts) []nhsuk.SummaryListRow {
	if facts.Authority == "" {
		return nil
	}
	return []nhsuk.SummaryListRow{{Key: "Registration authority",
		ValueHTML: page.Contact(facts.Authority + ": " + facts.Contact)}}
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
func refusalRows(one refusal) []nhsuk.SummaryListRow {
	e := one.event
	words := advice.On(e)
	return []nhsuk.SummaryListRow{
		{Key: "What happened", Value: words.What},
		{Key: "Tell the caller", Value: words.Tell},
		{Key: "When", Value: when.DateTime(e.At)},
		{Key: "From", Value: e.From()},
		accountRow(one.person.Account),
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
	if list.Number == 1 && len(list.Items) > 0 {
		newest := list.Items[0]
		v.Last = when.DateTime(newest.At) + ": " + advice.On(newest).What
	}
	v.RefusalCount = list.Count("refusal", "refusals")
	v.Links = list.Links(accountPath(id), r)
	v.title = list.Titled(v.Username)
	return err
}
