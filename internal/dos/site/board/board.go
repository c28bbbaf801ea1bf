// Package board serves the pages that say how far everybody is on the way to their Care Identity: all, by region, by
// organisation, by person.
package board

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/standing"
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
	title  = "How far everybody is"
	onPage = 50
)

// Pages serves the pages.
type Pages struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Pages{frame: f}
	s.Handle("GET "+frame.BoardPage, f.May(account.ViewReports), p.show)
}

// askForm narrows the board to a wave, and keeps the place.
func askForm(waves []wave.Wave) form.Form {
	items := []nhsuk.SelectItem{{Text: "All waves"}}
	for _, w := range waves {
		items = append(items, nhsuk.SelectItem{Value: w.ID, Text: w.Name})
	}
	return form.Form{Path: frame.BoardPage, Get: true, Fields: []form.Field{
		form.Select(nhsuk.SelectParams{Name: "wave", Label: nhsuk.LabelParams{Text: "Wave", Size: "s"}, Items: items}),
		form.Hidden("region"), form.Hidden("organisation"),
	}}
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	if frame.User(r).Session.State.ByMail {
		return signin.ErrWithheld // it lists people and what they lack
	}
	ctx := r.Context()
	d := p.frame.Linker.DB
	waves, err := db.Read(ctx, d, func(read db.R) ([]wave.Wave, error) { return wave.List(ctx, read) })
	if err != nil {
		return err
	}
	asked := askForm(waves).Read(r)
	v, err := db.Costly(ctx, d, func(read db.R) (view, error) { return readBoard(r, read, asked) })
	if err != nil {
		return err
	}
	v.Form = asked
	v.Page = p.frame.Page(w, r, v.titleIn(waves, asked.Value("wave")))
	v.Page.Wide = true
	v.Page.BackHref = v.up
	return web.Show(w, r, http.StatusOK, boardPage(v))
}

// titleIn names the place and the wave of a board, so that tabs and bookmarks can be told apart.
func (v view) titleIn(waves []wave.Wave, id string) string {
	parts := []string{}
	if v.Caption != "" {
		parts = append(parts, v.Caption)
	}
	for _, one := range waves {
		if one.ID == id {
			parts = append(parts, one.Name)
		}
	}
	return strings.Join(append(parts, title), " – ")
}

// looking are the permissions with which one sees users.
var looking = []account.Permission{account.ManageUsers, account.ServiceDesk}

// selectionOf reads which accounts are meant: those of the reader's own area. Emergency rights widen what is done for
// services, and show nobody's way in.
func selectionOf(r *http.Request, asked *form.Rendered) report.Selection {
	user := frame.User(r)
	within := user.Grants.Reach(user.Account.Organisation, account.ViewReports)
	return report.Selection{Within: within, Region: asked.Value("region"),
		Organisation: asked.Value("organisation"), Wave: asked.Value("wave")}
}

func readBoard(r *http.Request, read db.R, asked *form.Rendered) (v view, err error) {
	ctx := r.Context()
	s := selectionOf(r, asked)
	by := report.ByRegion
	if frame.Allowed(r, looking...) {
		v.up = path.UsersPage
	}
	switch {
	case s.Organisation != "":
		by = report.ByOrganisation
		v.up = frame.BoardPage + "?" + at(s.Wave, s.Region, "").Encode()
	case s.Region != "":
		by = report.ByOrganisation
		v.up = frame.BoardPage + "?" + at(s.Wave, "", "").Encode()
	}
	b, err := board.Read(ctx, read, s, report.ByRegion)
	if err != nil || b.Accounts == 0 {
		return v, err // nothing here is the reader's to see, its name included
	}
	if v.Caption, err = frame.PlaceText(ctx, read, s.Region, s.Organisation); err != nil {
		return v, err
	}
	v.fill(b, read.Now(), listOf(r, s))
	if err := v.readExceptions(r, read, s); err != nil {
		return v, err
	}
	v.Users = usersOf(r, s)
	v.Campaign = campaignOf(r, s)
	if s.Organisation != "" {
		v.Wall = wallOf(s)
		err = v.readPeople(r, read, s)
	} else {
		err = v.readPlaces(r, read, s, by, b.Places)
	}
	if err != nil {
		return v, err
	}
	return v, v.readDays(r, read, s, b)
}

// readExceptions counts whose passwords work by an exception now. Whoever has one is not locked out, and has to link
// all the same.
func (v *view) readExceptions(r *http.Request, read db.R, s report.Selection) (err error) {
	f := exception.Filter{Within: s.Within, Wave: s.Wave, Region: s.Region, Organisation: s.Organisation}
	v.Exceptions, err = exception.CountRunning(r.Context(), read, f)
	if frame.Allowed(r, append([]account.Permission{account.ManageWaves}, looking...)...) {
		v.SeeExceptions = frame.ExceptionsOf(at(s.Wave, s.Region, s.Organisation))
	}
	return err
}

// usersOf lead to the list of those of the accounts who are not linked yet, to a mail to them and to a file of them,
// for whoever looks after users.
func usersOf(r *http.Request, s report.Selection) []page.Link {
	if !listed(r, s) {
		return nil
	}
	q := at(s.Wave, s.Region, s.Organisation)
	q.Set("state", string(account.NotLinked))
	return []page.Link{
		{Text: "List those who are not linked", Href: path.UsersPage + "?" + q.Encode()},
		{Text: "Write to them", Href: frame.WriteToUsers + "?" + q.Encode()},
		{Text: "Download them as a file (CSV)", Href: frame.ExportUsers + "?" + q.Encode()},
	}
}

// campaignOf leads to a mail to all of the accounts that says to each what is next for them, for whoever looks after
// users.
func campaignOf(r *http.Request, s report.Selection) string {
	if !listed(r, s) {
		return ""
	}
	q := at(s.Wave, s.Region, s.Organisation)
	q.Set(frame.TextField, string(mailing.Steps))
	return frame.WriteToUsers + "?" + q.Encode()
}

// listed reports whether the reader has a list of the users whom a board counts. No list has those of whom the
// organisation is not known.
func listed(r *http.Request, s report.Selection) bool {
	return frame.Allowed(r, account.ManageUsers) && s.Organisation != account.NoRegion
}

// listOf gives where those are listed who are so far, or wait for somebody; an empty address for whoever has
// no such list.
func listOf(r *http.Request, s report.Selection) func(planning.Progress) string {
	if !listed(r, s) {
		return func(planning.Progress) string { return "" }
	}
	return func(progress planning.Progress) string {
		q := at(s.Wave, s.Region, s.Organisation)
		q.Set(frame.ProgressField, string(progress))
		return path.UsersPage + "?" + q.Encode()
	}
}

// wallOf leads to the page that is put up for the people of an organisation; nowhere where that is not known.
func wallOf(s report.Selection) string {
	if s.Organisation == account.NoRegion {
		return ""
	}
	return frame.WallPage + "?" + at("", "", s.Organisation).Encode()
}

// at gives the parameters of an address.
func at(wave, region, organisation string) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"wave": wave, "region": region, "organisation": organisation} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// fill words the counts.
func (v *view) fill(b *board.Board, now time.Time, listOf func(planning.Progress) string) {
	v.Accounts = b.Accounts
	v.Done = b.Done()
	for _, s := range planning.States() {
		to := listOf(planning.Progress(s))
		v.States = append(v.States, []nhsuk.TableCell{{Text: s.Title(), Href: to}, number(b.States[s])})
	}
	if n := b.States[planning.Ready]; n > 0 {
		v.Waiting = append(v.Waiting, []nhsuk.TableCell{{Text: path.Person.Title() + ", who can link now",
			Href: listOf(planning.Progress(planning.Ready))}, number(n)})
	}
	for _, o := range path.Owners() {
		if n := b.Waiting[o]; n > 0 {
			to := listOf(planning.Progress(o))
			v.Waiting = append(v.Waiting, []nhsuk.TableCell{{Text: o.Title(), Href: to}, number(n)})
		}
	}
	if !b.Oldest.IsZero() {
		v.Oldest = when.Ago(b.Oldest, now)
	}
}

func number(n int) nhsuk.TableCell { return nhsuk.TableCell{Text: fmt.Sprint(n), Format: "numeric"} }

// readPlaces lists the regions, or the organisations of one.
func (v *view) readPlaces(r *http.Request, read db.R, s report.Selection, by string, regions []board.Place) error {
	found, err := page.Read(r, onPage, func(skip, limit int) ([]board.Place, int, error) {
		if by == report.ByOrganisation {
			return board.Organisations(r.Context(), read, s, skip, limit)
		}
		return cut(regions, skip, limit), len(regions), nil
	})
	if err != nil {
		return err
	}
	names, err := namesOf(r.Context(), read, by, found.Items)
	if err != nil {
		return err
	}
	for _, p := range found.Items {
		v.Rows = append(v.Rows, []nhsuk.TableCell{{Text: names[p.ID], Href: boardOf(s, by, p.ID)}, number(p.Accounts),
			number(p.States[planning.Moved]), number(p.States[planning.Ready]), number(p.States[planning.Blocked]),
			number(p.States[planning.Unsure]), {Text: since(p.Oldest, read.Now())}})
	}
	v.Head = []string{placeWords[by].head,
		"Accounts", planning.Moved.Title(), planning.Ready.Title(), planning.Blocked.Title(), planning.Unsure.Title(),
		"Longest wait"}
	v.Count = found.Count(placeWords[by].one, placeWords[by].many)
	v.Links = found.Links(frame.BoardPage, r)
	return nil
}

// placeWords are what places of a kind are called.
var placeWords = map[string]struct{ head, one, many string }{
	report.ByRegion:       {"Region", "region", "regions"},
	report.ByOrganisation: {"Organisation", "organisation", "organisations"},
}

// namesOf names places.
func namesOf(ctx context.Context, read db.R, by string, places []board.Place) (map[string]string, error) {
	if by == report.ByRegion {
		names := map[string]string{}
		for _, p := range places {
			name, err := frame.RegionText(ctx, read, p.ID)
			if err != nil {
				return nil, err
			}
			names[p.ID] = name
		}
		return names, nil
	}
	codes := make([]string, len(places))
	for i, p := range places {
		codes[i] = p.ID
	}
	names, err := directory.OrganisationTexts(ctx, read, codes)
	if _, is := names[""]; is {
		names[""] = frame.NoOrganisation
	}
	return names, err
}

// boardOf gives the address of a place's own board.
func boardOf(s report.Selection, by, id string) string {
	if id == "" {
		id = account.NoRegion
	}
	q := at(s.Wave, id, "")
	if by == report.ByOrganisation {
		q = at(s.Wave, s.Region, id)
	}
	return frame.BoardPage + "?" + q.Encode()
}

func since(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return when.Ago(t, now)
}

func cut[T any](list []T, skip, limit int) []T {
	skip = min(skip, len(list))
	return list[skip:min(skip+limit, len(list))]
}

// readPeople lists the people of an organisation.
func (v *view) readPeople(r *http.Request, read db.R, s report.Selection) error {
	people, err := board.People(r.Context(), read, s)
	if err != nil {
		return err
	}
	found, err := page.Read(r, onPage, func(skip, limit int) ([]board.Person, int, error) {
		return cut(people, skip, limit), len(people), nil
	})
	if err != nil {
		return err
	}
	ids := make([]string, len(found.Items))
	for i, p := range found.Items {
		ids[i] = p.Account
	}
	accounts, err := account.ByIDs(r.Context(), read, ids)
	if err != nil {
		return err
	}
	until, err := exception.Until(r.Context(), read, ids)
	if err != nil {
		return err
	}
	said, err := standing.ByAccounts(r.Context(), read, ids)
	if err != nil {
		return err
	}
	for _, p := range found.Items {
		a := accounts[p.Account]
		task, owner := p.Plan.Words(said[p.Account].Authority.Organisation)
		v.Rows = append(v.Rows, []nhsuk.TableCell{userCell(r, a), {HTML: page.Name(a.Name())},
			stateCell(p.Plan.State, until[p.Account]), {Text: task}, {Text: owner}, {Text: since(p.Since, read.Now())}})
	}
	v.Head = []string{"Username", "Name", "How far", "Next", "Who acts", "Like this since"}
	v.Count = found.Count("account", "accounts")
	v.Links = found.Links(frame.BoardPage, r)
	return nil
}

// stateCell says how far somebody is, and until when their password works by an exception; a zero time for none.
func stateCell(s planning.State, until time.Time) nhsuk.TableCell {
	if until.IsZero() {
		return nhsuk.TableCell{Text: s.Title()}
	}
	return nhsuk.TableCell{HTML: page.Lines(s.Title(), frame.ExceptionText(until))}
}

// userCell leads to the page of a user, for those who may see it.
func userCell(r *http.Request, a account.Account) nhsuk.TableCell {
	cell := nhsuk.TableCell{Text: a.Username}
	if frame.Allowed(r, looking...) {
		cell.Href = path.UsersPage + "/" + a.ID
	}
	return cell
}
