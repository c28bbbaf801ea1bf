package shared

import (
	"context"
	"errors"
	"net/http"
	"strings"

	cases "signpost/internal/dos/shared"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
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
	if err := p.cases.Confirm(r.Context(), web.Actor(r), id, confirmForm.Read(r).Value("claim")); err != nil {
		return err
	}
	return web.SeeOther(w, r, cases.CasePath(id),
		"Confirmed. They are sent their own checklist, and a link to a request that is filled in already.")
}

func (p *Pages) reject(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.reject = rejectForm.Read(r)
	const done = "Rejected. What they used the account for counts as unclaimed."
	return p.do(w, r, f, f.reject, done, func(id string) error {
		return p.cases.Reject(r.Context(), web.Actor(r), id, f.reject.Value("claim"), f.reject.Value("reason"))
	})
}

// rejectAll rejects all that wait and came from a network.
func (p *Pages) rejectAll(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.rejectAll = rejectAllForm.Read(r)
	const done = "Rejected. What they used the account for counts as unclaimed."
	return p.do(w, r, f, f.rejectAll, done, func(id string) error {
		network, _ := strings.CutPrefix(f.rejectAll.Value("network"), networkValue)
		_, err := p.cases.RejectAll(r.Context(), web.Actor(r), id, network, f.rejectAll.Value("why"))
		return err
	})
}

func (p *Pages) merge(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.merge = mergeForm.Read(r)
	return p.do(w, r, f, f.merge, "Merged.", func(id string) error {
		return p.cases.Merge(r.Context(), web.Actor(r), id, f.merge.Value("merged"), f.merge.Value("into"))
	})
}

// move takes the account from one state to another.
func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.state = stateForm.Read(r)
	act, done := p.moveOf(f.state.Value("move"))
	return p.do(w, r, f, f.state, done, func(id string) error {
		if act == nil {
			return fault.OfField("move", "Select what you want to do")
		}
		return act(r.Context(), web.Actor(r), id)
	})
}

func (p *Pages) moveOf(chosen string) (act func(context.Context, actor.Actor, string) error, done string) {
	switch chosen {
	case "freeze":
		return p.cases.Freeze, "Frozen. The account can be used to look only."
	case "unfreeze":
		return p.cases.Unfreeze, "The account can be used as before."
	case "retire":
		return p.cases.Retire, "Retired. Nobody can log in with the account any more."
	case "restore":
		return p.cases.Restore, "The account can be used to look again."
	}
	return nil, ""
}
