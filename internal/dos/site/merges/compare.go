package merges

import (
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// compare shows two accounts side by side, with what would become of each thing.
func (m *Merges) compare(w http.ResponseWriter, r *http.Request) error {
	return m.showCompare(w, r, proposeForm.New(r))
}

func (m *Merges) showCompare(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	v, err := db.Read(r.Context(), m.office.DB, func(read db.R) (compareView, error) {
		return m.readCompare(r, read)
	})
	if err != nil {
		return err
	}
	if typed.HasProblems() && v.Problem != "" {
		return web.SeeOther(w, r, compareHref(r.PathValue("id"), r.PathValue("other")),
			"Nothing was asked. The accounts are like this now.")
	}
	typed.Offer("groups", v.offers)
	v.Form = typed.About(v.closed + " and " + v.survivor)
	v.Page = m.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = "/users/" + r.PathValue("id") + "/merge"
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), comparePage(v))
}

func (m *Merges) readCompare(r *http.Request, read db.R) (v compareView, err error) {
	ctx := r.Context()
	one := merge.Merge{Survivor: r.PathValue("id"), Closed: r.PathValue("other")}
	s, err := merge.SidesOf(ctx, read, one)
	if err == nil {
		err = covered(r, s.Survivor, s.Closed)
	}
	if err != nil {
		return v, err
	}
	v.survivor = s.Survivor.Username
	v.closed = s.Closed.Username
	v.Other = compareHref(s.Closed.ID, s.Survivor.ID)
	if v.Evidence, err = merge.EvidenceOf(ctx, read, s.Survivor, s.Closed); err != nil {
		return v, err
	}
	problem, err := problemOf(m.office.MayPropose(ctx, read, decider(r), one, s))
	if err != nil {
		return v, err
	}
	if problem != nil {
		v.Problem = problem.Message
		v.Cure = problem.Cure
	}
	lines, err := merge.Preview(ctx, read, s, nil)
	v.Rows = previewRows(lines)
	if err != nil {
		return v, err
	}
	v.offers, err = offers(r, read, s)
	return v, err
}

// decider is the signed-in user, as the merges ask who they are.
func decider(r *http.Request) merge.Decider {
	user := frame.User(r)
	gives := func(p account.Permission) (account.Reach, error) {
		if !user.Grants.Hold(p) {
			return account.Reach{}, fault.Forbidden
		}
		return user.Reach(p), nil
	}
	return merge.Decider{ID: user.Account.ID, Gives: gives}
}

// problemOf tells why something cannot be done apart from what failed in asking.
func problemOf(err error) (problem *fault.Fault, failed error) {
	if f, known := fault.From(err); known {
		return f, nil
	}
	return nil, err
}

// offers lists the groups of the account that is closed, which the other could be given.
func offers(r *http.Request, read db.R, s merge.Sides) (items []nhsuk.RadioItem, err error) {
	grants, err := account.GrantsOf(r.Context(), read, s.Closed.ID)
	if err != nil {
		return nil, err
	}
	kept, err := account.GrantsOf(r.Context(), read, s.Survivor.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range grants.Memberships() {
		if kept.Has(one.Group, one.Scope) || !one.Group.Known() {
			continue
		}
		where, err := directory.ScopeText(r.Context(), read, one.Scope, s.Survivor)
		if err != nil {
			return nil, err
		}
		items = append(items, nhsuk.RadioItem{Value: value(one), Text: one.Group.Title() + ", " + where})
	}
	return items, nil
}

func (m *Merges) propose(w http.ResponseWriter, r *http.Request) error {
	typed := proposeForm.Read(r)
	if !typed.Complete() {
		return m.showCompare(w, r, typed)
	}
	p := merge.Proposal{Survivor: r.PathValue("id"), Closed: r.PathValue("other"), Reason: typed.Value("reason")}
	for _, text := range typed.Values("groups") {
		if text != "" {
			p.Memberships = append(p.Memberships, readMembership(text))
		}
	}
	id, err := m.office.Propose(r.Context(), web.Actor(r), p)
	if typed.Refuse(err) {
		return m.showCompare(w, r, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MergesPage+"/"+id, "The person is asked by email at both addresses.")
}

func previewRows(lines []merge.Line) (rows [][]nhsuk.TableCell) {
	for _, l := range lines {
		rows = append(rows, append(cellsOf(l), nhsuk.TableCell{HTML: page.Contact(l.Then)}))
	}
	return rows
}

// nowRows shows what both accounts have.
func nowRows(lines []merge.Line) (rows [][]nhsuk.TableCell) {
	for _, l := range lines {
		if l.Survivor != "" || l.Closed != "" {
			rows = append(rows, cellsOf(l))
		}
	}
	return rows
}

func cellsOf(l merge.Line) []nhsuk.TableCell {
	cell := func(text string) nhsuk.TableCell {
		if l.What == "Name" {
			return nhsuk.TableCell{HTML: page.Name(text)}
		}
		return nhsuk.TableCell{HTML: page.Contact(text)}
	}
	return []nhsuk.TableCell{{Text: l.What}, cell(l.Survivor), cell(l.Closed)}
}
