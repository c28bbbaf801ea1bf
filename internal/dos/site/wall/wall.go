// Package wall serves a page to be printed on one sheet and put up where a team meets: what everybody needs, until
// when, and a code that leads to their own checklist. It names nobody and says nothing of anybody.
package wall

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/web/qr"
	"signpost/internal/platform/when"
)

const title = "Log in to the Directory of Services as yourself"

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	home  string // address of the directory, without a path
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, home string) {
	p := &Pages{frame: f, home: home}
	s.Handle("GET "+frame.WallPage, f.May(account.ViewReports), p.ofOrganisation)
	s.Handle("GET "+frame.TeamWallPath, f.May(account.ManageUsers), p.ofTeam)
}

type view struct {
	Page    page.Params
	Caption string // the organisation, or the team
	When    string
	How     string // with what they log in
	Team    string // what a team has to know of its shared account; empty for an organisation
	Far     string // how far the organisation is; empty where nothing is counted
	Needs   []string
	Address string // as people type it
	FindRA  string // likewise; empty if it is not known
	Code    qr.Code
	Desk    string
}

// ofOrganisation shows the page for the people of an organisation whom the reader looks after.
func (p *Pages) ofOrganisation(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	code := strings.ToUpper(strings.TrimSpace(r.URL.Query().Get("organisation")))
	if code == "" {
		code = user.Account.Organisation
	}
	s := report.Selection{Organisation: code,
		Within: user.Grants.Reach(user.Account.Organisation, account.ViewReports)}
	v, err := db.Costly(r.Context(), p.frame.Linker.DB, func(read db.R) (view, error) {
		return organisationView(r.Context(), read, s)
	})
	if err != nil {
		return err
	}
	v.Needs = needs(path.Needs()[1:]) // whoever is counted here has an account
	return p.show(w, r, v, frame.BoardPage+"?organisation="+code)
}

var errNobody = fault.SayCure(fault.NotFound, "There is nobody there whom you look after.",
	"Choose an organisation on the page How far everybody is.")

func organisationView(ctx context.Context, read db.R, s report.Selection) (v view, err error) {
	counted, err := board.Read(ctx, read, s, report.ByOrganisation)
	if err != nil {
		return v, err
	}
	if s.Organisation == "" || counted.Accounts == 0 {
		return v, errNobody
	}
	if v.Caption, err = directory.OrganisationText(ctx, read, s.Organisation); err != nil {
		return v, err
	}
	v.Far = farOf(counted)
	waves, err := wavesOf(ctx, read, s)
	v.When, v.How = whenOf(waves), howOf(waves)
	return v, err
}

func wavesOf(ctx context.Context, read db.R, s report.Selection) (waves []wave.Wave, err error) {
	ids, err := report.WavesOf(ctx, read, s)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		one, err := wave.ByID(ctx, read, id)
		if err != nil {
			return nil, err
		}
		waves = append(waves, one)
	}
	return waves, nil
}

// ofTeam shows the page for those who use a shared account.
func (p *Pages) ofTeam(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, err := db.Read(r.Context(), p.frame.Linker.DB, func(read db.R) (view, error) {
		a, err := account.ByID(r.Context(), read, id)
		if err != nil {
			return view{}, err
		}
		if !frame.Reach(r, account.ManageUsers).Covers(a) {
			return view{}, account.ErrOutside
		}
		return teamView(r.Context(), read, a)
	})
	if err != nil {
		return err
	}
	v.Needs = needs(path.Needs())
	return p.show(w, r, v, shared.CasePath(id))
}

func teamView(ctx context.Context, read db.R, a account.Account) (v view, err error) {
	if a.Kind != account.Shared {
		return v, fault.NotFound
	}
	found, err := shared.Of(ctx, read, a.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return v, err
	}
	of, err := wave.Of(ctx, read, a.ID)
	if err != nil {
		return v, err
	}
	v.Caption = "Everybody who uses the account " + a.Username
	v.When, v.How = whenOf([]wave.Wave{of}), howOf([]wave.Wave{of})
	v.Team = teamText(found)
	return v, nil
}

// teamText says what becomes of a shared account. The case is zero where there is none.
func teamText(c shared.Case) string {
	const each = "Each of you gets an account of your own."
	switch {
	case c.AccountID == "":
		return "This account is shared, and shared accounts are going away. " + each
	case c.State == shared.Retired:
		return "This shared account has ended. " + each
	}
	return "This shared account ends on " + when.Date(c.Retires) + ". " + each +
		" Log in with it once more and say who you are."
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, v view, back string) error {
	var err error
	if v.Code, err = qr.Of(p.home + frame.ChecklistPage); err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, title+": "+v.Caption)
	v.Page.BackHref = back
	v.Address = plain(p.home + frame.ChecklistPage)
	if p.frame.CIM != "" {
		v.FindRA = plain(p.frame.CIM + path.FindRAPage)
	}
	v.Desk = v.Page.ServiceDesk.Line
	return web.Show(w, r, http.StatusOK, wallPage(v))
}

// plain is an address as people type it.
func plain(address string) string {
	for _, scheme := range []string{"https://", "http://"} {
		address = strings.TrimPrefix(address, scheme)
	}
	return address
}

func needs(list []path.Need) (titles []string) {
	for _, n := range list {
		titles = append(titles, n.Title())
	}
	return titles
}

// farOf says how many of an organisation are there already.
func farOf(b *board.Board) string {
	there := b.States[planning.Moved] + b.States[planning.Ready]
	return fmt.Sprintf("%d of %d of us are ready, or log in with their Care Identity already.", there, b.Accounts)
}

// whenOf says until when passwords log people in, for all of some waves.
func whenOf(waves []wave.Wave) string {
	first := wave.Wave{} // of those that are still to come, that with the first day
	ended, own := 0, 0   // where passwords have stopped, and where they stop for each person after days of work
	for _, one := range waves {
		switch day := one.Dates.Require; {
		case stopsByPerson(one):
			own++
		case one.Phase >= path.Require:
			ended++
		case !day.IsZero() && (first.Dates.Require.IsZero() || day.Before(first.Dates.Require)):
			first = one
		}
	}
	switch {
	case ended > 0 && ended == len(waves):
		return "Passwords have stopped."
	case own > 0 && own == len(waves):
		return "Passwords stop for each of you on a day of your own. " + checklistSays
	}
	var said []string
	if ended > 0 {
		said = append(said, "For some of you passwords have stopped already.")
	}
	if own > 0 {
		said = append(said, "For some of you passwords stop on a day of your own. "+checklistSays)
	}
	return strings.Join(append(said, comingOf(first, ended+own > 0)...), " ")
}

const checklistSays = "Your checklist says when."

// stopsByPerson reports whether a wave asks for Care Identity, and passwords still work on some days of work of each.
func stopsByPerson(one wave.Wave) bool { return one.Phase == path.Require && one.Allowance > 0 }

// comingOf says when passwords stop in a wave in which they all work still.
func comingOf(first wave.Wave, others bool) []string {
	day := first.Dates.Require
	switch {
	case day.IsZero() && others:
		return nil
	case day.IsZero():
		return []string{"Passwords are going away. No date is set yet."}
	}
	who := "Passwords"
	if others {
		who = "For the others they"
	}
	if first.Allowance > 0 {
		return []string{who + " stop from " + when.Date(day) + ", for each of you on a day of your own."}
	}
	return []string{who + " stop on " + when.Date(day) + "."}
}

// howOf says with what people log in.
func howOf(waves []wave.Wave) string {
	open := func(one wave.Wave) bool { return one.Phase < path.Require || stopsByPerson(one) }
	if len(waves) == 0 || slices.ContainsFunc(waves, open) {
		return "Log in with your password or your Care Identity."
	}
	return "Log in with your Care Identity."
}
