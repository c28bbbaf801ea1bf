package shared

import (
	"errors"
	"net/http"
	"slices"

	cases "signpost/internal/dos/shared"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// do does what a form of the page asks for. What the operation refuses is said at the form.
func (p *Pages) do(
	w http.ResponseWriter, r *http.Request, f forms, sent *form.Rendered, done string, operation func(id string) error,
) error {
	if !sent.Complete() || sent.HasProblems() {
		return p.showCase(w, r, f)
	}
	id := r.PathValue("id")
	err := operation(id)
	if errors.Is(err, fault.Invalid) {
		sent.Explain(err)
		return p.showCase(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cases.CasePath(id), done)
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.begin = beginForm.Read(r)
	at, read := dateOf(f.begin)
	if !read {
		return p.showCase(w, r, f)
	}
	const done = "Case opened. Whoever logs in with the account is asked who they are."
	return p.do(w, r, f, f.begin, done, func(id string) error {
		return p.cases.Begin(r.Context(), web.Actor(r), id, at)
	})
}

func (p *Pages) setDate(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.date = dateForm.Read(r)
	at, read := dateOf(f.date)
	if !read {
		return p.showCase(w, r, f)
	}
	return p.do(w, r, f, f.date, "Deactivation date moved.", func(id string) error {
		return p.cases.SetDate(r.Context(), web.Actor(r), id, at)
	})
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	sent := confirmForm.Read(r)
	pick := seen.Pick{ID: sent.Value("claim"), Seen: sent.Seen()}
	if err := p.cases.Confirm(r.Context(), web.Actor(r), id, pick); err != nil {
		return err
	}
	claim, err := db.Read(r.Context(), p.cases.DB, func(read db.R) (cases.Claim, error) {
		return cases.ClaimOf(r.Context(), read, id, pick.ID)
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cases.CasePath(id), claim.Name()+" is confirmed. We send to "+claim.Email+
		" a checklist of their own, and a link to a request that is filled in already.")
}

func (p *Pages) reject(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.reject = rejectForm.Read(r)
	const done = "Rejected. What they used the account for counts as unclaimed."
	return p.do(w, r, f, f.reject, done, func(id string) error {
		return p.cases.Reject(r.Context(), web.Actor(r), id, seen.Picked(f.reject.Value("claim")),
			f.reject.Value("reason"))
	})
}

// rejectAll rejects all that wait and came from a network, or from a browser there.
func (p *Pages) rejectAll(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.rejectAll = rejectAllForm.Read(r)
	const done = "Rejected. What they used the account for counts as unclaimed."
	return p.do(w, r, f, f.rejectAll, done, func(id string) error {
		_, err := p.cases.RejectAll(r.Context(), web.Actor(r), id, partOf(f.rejectAll.Value("part")),
			f.rejectAll.Value("why"))
		return err
	})
}

func (p *Pages) merge(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.merge = mergeForm.Read(r)
	return p.do(w, r, f, f.merge, "Merged.", func(id string) error {
		return p.cases.Merge(r.Context(), web.Actor(r), id, seen.Picked(f.merge.Value("merged")),
			seen.Picked(f.merge.Value("into")))
	})
}

// move takes the account from one state to another.
func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.state = stateForm.Read(r)
	at := slices.IndexFunc(moves, func(m move) bool { return m.Value == f.state.Value("move") })
	if at < 0 {
		f.state.Explain(fault.OfField("move", "Select what you want to do"))
		return p.showCase(w, r, f)
	}
	return p.do(w, r, f, f.state, moves[at].done, func(id string) error {
		return moves[at].act(p.cases, r.Context(), web.Actor(r), id)
	})
}
