// Package merges serves the pages on which two accounts of one person become one: administrators find, propose, do and
// undo it, and the holder confirms it.
package merges

import (
	"context"
	"errors"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	title        = "Merge accounts"
	mergesOnPage = 50
)

// Merges serves the pages.
type Merges struct {
	frame  *frame.Frame
	office merge.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	m := &Merges{frame: f, office: merge.Office{DB: f.Linker.DB, Post: f.Linker.Post, Links: f.Linker}}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+frame.MergesPage, may, m.list)
	s.Handle("GET "+frame.MergePath, may, m.find)
	s.Handle("GET "+comparePath, may, m.compare)
	f.HandleForm(s, proposeForm, may, f.Freshly(proposeForm, m.propose))
	s.Handle("GET "+mergePath, may, m.show)
	f.HandleForm(s, doForm, may, f.Freshly(doForm, m.do))
	f.HandleForm(s, withdrawForm, may, m.withdraw)
	f.HandleForm(s, undoForm, may, f.Freshly(undoForm, m.undo))
	s.Handle("GET "+frame.OwnMerge, f.SignedIn(), m.own)
	f.HandleForm(s, sendForm, f.SignedIn(), f.Freshly(sendForm, m.send))
	f.HandleForm(s, declineForm, f.SignedIn(), m.decline)
	code := m.mailedCode()
	s.Handle("GET "+codeForm.Path, f.SignedIn(), code.Ask)
	f.HandleForm(s, codeForm, f.SignedIn(), code.Answer)
}

// list shows the merges of the user's people, and accounts that may be one person's.
func (m *Merges) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), m.office.DB, func(read db.R) (listView, error) { return readList(r, read) })
	if err != nil {
		return err
	}
	v.Page = m.frame.Page(w, r, v.title)
	v.Page.Wide = true
	v.Page.BackHref = "/users"
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readList(r *http.Request, read db.R) (v listView, err error) {
	reach := frame.Reach(r, account.ManageUsers)
	current, err := page.Read(r, mergesOnPage, func(skip, limit int) ([]merge.Merge, int, error) {
		return merge.Current(r.Context(), read, reach, skip, limit)
	})
	if err != nil {
		return v, err
	}
	v.title = current.Titled(title)
	v.Count = current.Count("merge", "merges")
	v.Links = current.Links(frame.MergesPage, r)
	if v.Rows, err = currentRows(r.Context(), read, current.Items); err != nil {
		return v, err
	}
	pairs, err := merge.Pairs(r.Context(), read, reach)
	if err != nil {
		return v, err
	}
	for _, p := range pairs {
		v.Pairs = append(v.Pairs, pairRow(p, p.One.Username+" and "+p.Other.Username))
	}
	return v, nil
}

// pairRow shows two accounts that may be one person's, with the text of the link to both.
func pairRow(p merge.Pair, text string) []nhsuk.TableCell {
	return []nhsuk.TableCell{
		{Text: text, Href: compareHref(p.One.ID, p.Other.ID)}, {HTML: page.Name(p.Other.Name())},
		{HTML: page.Contact(p.Other.Email)}, {HTML: lines(p.Evidence)},
	}
}

// currentRows show merges that wait or can be undone.
func currentRows(ctx context.Context, read db.R, list []merge.Merge) (rows [][]nhsuk.TableCell, err error) {
	sides, err := merge.SidesOfAll(ctx, read, list)
	if err != nil {
		return nil, err
	}
	for i, one := range list {
		s := sides[i]
		rows = append(rows, []nhsuk.TableCell{
			{Text: s.Closed.Username + " into " + s.Survivor.Username, Href: frame.MergesPage + "/" + one.ID},
			{HTML: page.Name(s.Survivor.Name())}, {Text: stateText(one, read.Now())}, {Text: when.Date(one.Proposed)},
		})
	}
	return rows, nil
}

// stateTexts say how far a merge has come: while something can come of it, with the date until which, and once its time
// is over.
var stateTexts = map[merge.State]struct{ until, over string }{
	merge.Proposed:  {"The holder has not confirmed it yet. They can until ", "The holder did not confirm it in time"},
	merge.Confirmed: {"Confirmed: it can be done until ", "Confirmed, but nobody merged the accounts in time"},
	merge.Done:      {"Merged: it can be undone until ", "Merged: it can no longer be undone"},
	merge.Undone:    {over: "Undone"},
	merge.Withdrawn: {over: "Withdrawn"},
	merge.Declined:  {over: "The holder said that not both are theirs"},
}

func stateText(m merge.Merge, now time.Time) string {
	if m.Over(now) {
		return stateTexts[m.State].over
	}
	return stateTexts[m.State].until + when.Date(m.Until())
}

// covered gives a fault unless the user manages both accounts.
func covered(r *http.Request, accounts ...account.Account) error {
	for _, a := range accounts {
		if !frame.Reach(r, account.ManageUsers).Covers(a) {
			return account.ErrOutside
		}
	}
	return nil
}

// find looks for the other account of somebody, by its username or by what both have in common.
func (m *Merges) find(w http.ResponseWriter, r *http.Request) error {
	typed := findForm.Read(r)
	username := typed.Value("username")
	v, err := db.Read(r.Context(), m.office.DB, func(read db.R) (findView, error) {
		return readFind(r, read, username)
	})
	if err != nil {
		return err
	}
	if v.other != "" {
		return web.SeeOther(w, r, compareHref(v.account.ID, v.other), "")
	}
	candidates, err := merge.Candidates(r.Context(), m.office.DB, v.account, frame.Reach(r, account.ManageUsers))
	if err != nil {
		return err
	}
	for _, p := range candidates {
		v.Rows = append(v.Rows, pairRow(p, p.Other.Username))
	}
	if username != "" {
		typed.Explain(errNobody)
	}
	v.Form = typed
	v.Page = m.frame.Page(w, r, "Find the other account")
	v.Page.BackHref = "/users/" + v.account.ID
	v.Page.Wide = true
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), findPage(v))
}

var errNobody = fault.OfField("username", "Enter the username of another account of somebody whose account you manage")

func readFind(r *http.Request, read db.R, username string) (v findView, err error) {
	a, err := account.ByID(r.Context(), read, r.PathValue("id"))
	if err == nil {
		err = covered(r, a)
	}
	if err != nil {
		return v, err
	}
	v.account = a
	v.Username = a.Username
	if username != "" {
		other, err := account.ByUsername(r.Context(), read, username)
		if err == nil && other.ID != a.ID && covered(r, other) == nil {
			v.other = other.ID
		}
		if err != nil && !errors.Is(err, fault.NotFound) {
			return v, err
		}
	}
	return v, nil
}
