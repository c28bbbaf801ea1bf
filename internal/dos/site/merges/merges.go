// Package merges serves the pages on which two accounts of one person become one: administrators find, propose, do and
// undo it, and the holder confirms it.
package merges

import (
	"errors"
	"fmt"
	"net/http"

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

const title = "Merge accounts"

// Merges serves the pages.
type Merges struct {
	frame  *frame.Frame
	office merge.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	m := &Merges{frame: f, office: merge.Office{DB: f.Linker.DB, Post: f.Linker.Post}}
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
	v.Page = m.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = "/users"
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readList(r *http.Request, read db.R) (v listView, err error) {
	reach := frame.Reach(r, account.ManageUsers)
	standing, err := merge.Standing(r.Context(), read, reach)
	if err != nil {
		return v, err
	}
	sides, err := merge.SidesOfAll(r.Context(), read, standing)
	if err != nil {
		return v, err
	}
	for i, one := range standing {
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{Text: sides[i].Closed.Username + " into " + sides[i].Survivor.Username,
				Href: frame.MergesPage + "/" + one.ID},
			{HTML: page.Name(sides[i].Survivor.Name())}, {Text: stateText(one)}, {Text: when.Date(one.Proposed)},
		})
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

// newestText says of a list of merges whether it has all of them.
func newestText(n int) string {
	if n == merge.MaxListed {
		return fmt.Sprintf("The newest %d", n)
	}
	return "The newest first"
}

// pairRow shows two accounts that may be one person's, with the text of the link to both.
func pairRow(p merge.Pair, text string) []nhsuk.TableCell {
	return []nhsuk.TableCell{
		{Text: text, Href: compareHref(p.One.ID, p.Other.ID)}, {HTML: page.Name(p.Other.Name())},
		{HTML: page.Contact(p.Other.Email)}, {HTML: lines(p.Evidence)},
	}
}

// stateText says how far a merge has come.
func stateText(m merge.Merge) string {
	switch m.State {
	case merge.Proposed:
		return "The holder has not confirmed it yet"
	case merge.Confirmed:
		return "Confirmed: it can be done until " + when.Date(m.Confirmed.Add(merge.MergeFor))
	case merge.Done:
		return "Merged: it can be undone until " + when.Date(m.Done.Add(merge.UndoFor))
	case merge.Undone:
		return "Undone"
	case merge.Withdrawn:
		return "Withdrawn"
	}
	return "The holder said that not both are theirs"
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
