package merges

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// own shows the holder what an administrator proposes.
func (m *Merges) own(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), m.office.DB, func(read db.R) (ownView, error) { return readOwn(r, read) })
	if err != nil {
		return err
	}
	v.Send = sendForm.New(r)
	v.Decline = declineForm.New(r)
	v.Page = m.frame.Page(w, r, "Are both accounts yours?")
	v.Page.BackHref = frame.AccountPage
	return web.Show(w, r, http.StatusOK, ownPage(v))
}

func readOwn(r *http.Request, read db.R) (v ownView, err error) {
	ctx := r.Context()
	one, s, err := merge.Mine(ctx, read, web.Actor(r))
	if err != nil {
		return v, err
	}
	v.by = one.ProposedName
	v.Why = one.Reason
	v.Stays = s.Survivor.Username + " (" + page.Apart(s.Survivor.Name()) + ")"
	v.Closes = s.Closed.Username + " (" + page.Apart(s.Closed.Name()) + ")"
	v.Until = when.Date(one.Proposed.Add(merge.ConfirmFor))
	v.Confirmed = one.State == merge.Confirmed
	if v.Confirmed {
		return v, nil
	}
	problem, err := merge.MayConfirm(ctx, read, web.Actor(r), s)
	if f, known := fault.From(problem); known {
		v.Problem = f.Message
		v.Cure = f.Cure
	}
	if err != nil {
		return v, err
	}
	v.To, err = mailbox.SettledOf(ctx, read, s.Other(web.Actor(r)))
	return v, err
}

func (m *Merges) send(w http.ResponseWriter, r *http.Request) error {
	if err := m.office.SendCode(r.Context(), web.Actor(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, codeForm.Path, "")
}

func (m *Merges) decline(w http.ResponseWriter, r *http.Request) error {
	if err := m.office.Decline(r.Context(), web.Actor(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.AccountPage, "Thank you. The accounts are not merged, and administrators are told.")
}

// mailedCode makes the page on which the code is typed that was mailed to the other account.
func (m *Merges) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: m.code,
		SendAgain: func(r *http.Request) error { return m.office.SendCode(r.Context(), web.Actor(r)) },
		Use: func(r *http.Request, code string) error {
			return m.office.Confirm(r.Context(), web.Actor(r), code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			return web.SeeOther(w, r, frame.OwnMerge, "Thank you. You have shown that both accounts are yours.")
		},
	}
}

func (m *Merges) code(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	to, err := db.Read(r.Context(), m.office.DB, func(read db.R) (string, error) {
		_, s, err := merge.Mine(r.Context(), read, web.Actor(r))
		if err != nil {
			return "", err
		}
		return merge.AwaitedCode(r.Context(), read, web.Actor(r), s.Other(web.Actor(r)).ID)
	})
	if errors.Is(err, fault.NotFound) {
		return web.SeeOther(w, r, frame.OwnMerge, "")
	}
	if err != nil {
		return err
	}
	v := codeView{Page: m.frame.Page(w, r, "Enter the code"), To: to, Form: typed}
	v.Page.BackHref = frame.OwnMerge
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, codePage(v))
}
