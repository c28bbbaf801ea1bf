package simulation

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// The names by which the address of the page says whose list is shown.
const (
	byFix   = "fix"     // of those who have the same to do: the key of a fix
	byAdded = "added"   // of those who came since a result was saved: its id
	byGone  = "removed" // of those who are gone since then: its id
)

// listing leads to a list of people on the same page.
func listing(r *http.Request, by, of string) string {
	q := r.URL.Query()
	for _, other := range []string{byFix, byAdded, byGone, "page"} {
		q.Del(other)
	}
	q.Set(by, of)
	return frame.SimulationPage + "?" + q.Encode() + "#people"
}

// chosen is a list of people that somebody asked for.
type chosen struct {
	heading templ.Component
	ids     []string
}

// savedRows words the results that were saved, with who came and who is gone since.
func savedRows(r *http.Request, read db.R, result *simulation.Result) (rows [][]nhsuk.TableCell, err error) {
	list, err := simulation.List(r.Context(), read, result.Switch)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		added, gone, err := result.Since(s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []nhsuk.TableCell{{Text: when.DateTime(s.At)}, {Text: saver(s)},
			{Text: fmt.Sprint(s.LockedOut), Format: "numeric"}, countedCell(r, byAdded, s, len(added)),
			countedCell(r, byGone, s, len(gone))})
	}
	return rows, nil
}

// saver names who saved a result.
func saver(s simulation.Saved) string {
	if strings.HasPrefix(s.By, "signpost ") {
		return "The command line"
	}
	return s.By
}

// countedCell counts those who came or are gone since a result was saved, and leads to their list.
func countedCell(r *http.Request, by string, since simulation.Saved, n int) nhsuk.TableCell {
	cell := nhsuk.TableCell{Text: fmt.Sprint(n), Format: "numeric"}
	if n > 0 {
		cell.Href = listing(r, by, since.ID)
		cell.VisuallyHiddenText = sinceTexts[by](when.DateTime(since.At))
	}
	return cell
}

// sinceTexts say who came and who is gone since a time.
var sinceTexts = map[string]func(at string) string{
	byAdded: func(at string) string { return "would be locked out now, and not on " + at },
	byGone:  func(at string) string { return "would have been locked out on " + at + ", and not now" },
}

// chosenOf reads whose list was asked for; none where nobody asked, or of what is not there any more.
func chosenOf(r *http.Request, read db.R, result *simulation.Result) (c chosen, err error) {
	q := r.URL.Query()
	if key := q.Get(byFix); key != "" {
		return ofFix(result, key), nil
	}
	for _, by := range []string{byAdded, byGone} {
		if id := q.Get(by); id != "" {
			return sinceSaved(r, read, result, by, id)
		}
	}
	return chosen{}, nil
}

func ofFix(result *simulation.Result, key string) (c chosen) {
	at := slices.IndexFunc(result.Fixes, func(f simulation.Fix) bool { return f.Key == key })
	if at < 0 {
		return c
	}
	c.heading = tasks(result.Fixes[at])
	for _, p := range slices.Concat(result.LockedOut, result.RunOut, result.Unsure) {
		if p.Fix == at {
			c.ids = append(c.ids, p.Account)
		}
	}
	return c
}

func sinceSaved(r *http.Request, read db.R, result *simulation.Result, by, id string) (c chosen, err error) {
	list, err := simulation.List(r.Context(), read, result.Switch)
	if err != nil {
		return c, err
	}
	at := slices.IndexFunc(list, func(s simulation.Saved) bool { return s.ID == id })
	if at < 0 {
		return c, nil
	}
	added, gone, err := result.Since(list[at])
	c.ids = added
	if by == byGone {
		c.ids = gone
	}
	c.heading = words("People who " + sinceTexts[by](when.DateTime(list[at].At)))
	return c, err
}

// readPeople lists the people whose list was asked for.
func (s *shown) readPeople(r *http.Request, read db.R, result *simulation.Result) error {
	c, err := chosenOf(r, read, result)
	if err != nil || c.heading == nil {
		return err
	}
	found, err := page.Read(r, peopleOnPage, func(skip, limit int) ([]string, int, error) {
		from := min(skip, len(c.ids))
		return c.ids[from:min(from+limit, len(c.ids))], len(c.ids), nil
	})
	if err != nil {
		return err
	}
	accounts, err := account.ByIDs(r.Context(), read, found.Items)
	if err != nil {
		return err
	}
	since := sinceOf(result)
	for _, id := range found.Items {
		a := accounts[id]
		where, err := directory.OrganisationText(r.Context(), read, a.Organisation)
		if err != nil {
			return err
		}
		s.People = append(s.People, []nhsuk.TableCell{{Text: a.Username, Href: path.UsersPage + "/" + id},
			{HTML: page.Name(a.Name())}, {Text: where}, {Text: since[id]}})
	}
	s.Chosen = c.heading
	s.Count = found.Count("account", "accounts")
	s.Links = found.Links(frame.SimulationPage, r)
	return nil
}

// sinceOf says since when each of those who have something to do is like this.
func sinceOf(result *simulation.Result) map[string]string {
	since := map[string]string{}
	for _, p := range slices.Concat(result.LockedOut, result.RunOut, result.Unsure) {
		since[p.Account] = "Not known"
		if !p.Since.IsZero() {
			since[p.Account] = when.Date(p.Since)
		}
	}
	return since
}

// places are where a step is done by an administrator, for steps that have a page of their own.
var places = map[path.What]string{
	simulation.EndShared: "/shared-accounts", simulation.DecideLink: frame.ReviewsPage,
	simulation.ConfirmOrganisation: path.UsersPage + "/organisations",
}
