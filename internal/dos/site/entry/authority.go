package entry

import (
	"errors"
	"log/slog"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// refusedCookie says, sealed, who has just been refused, so that the page can name their registration authority.
const refusedCookie = "dos-refused"

// refusedSeconds is how long the browser has to come to that page.
const refusedSeconds = 60

// refusedPerson is who came from CIS2 and was not let in, or whose account was not linked.
type refusedPerson struct {
	Issuer, Subject, Name string
	Account               string // the id of the account that they have shown to be theirs; empty if there is none
}

// keepRefused keeps who was refused for the page that tells them so, if it names who can help.
func (e *Entry) keepRefused(w http.ResponseWriter, p cis2.Person, accountID string, n notice) error {
	if !n.administrators && (e.asker == nil || n.request == "") {
		return nil
	}
	kept := refusedPerson{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Account: accountID}
	return e.refusedKept().Set(w, kept)
}

// refusedKept is sealed for nobody's session: whoever was refused has none.
func (e *Entry) refusedKept() web.SealedCookie {
	return web.SealedCookie{
		Box: e.frame.Box, Name: refusedCookie, Context: refusedCookie, Seconds: refusedSeconds,
	}
}

// authorityView names a registration authority, with how to reach it.
type authorityView struct {
	Name, Contact string
	Mail          string // address of a mail to it, ready written; empty if it has no email address
}

// authority asks who is the registration authority of the person who was refused on this browser. Where that cannot be
// found out, the page has the link to find it.
func (e *Entry) authority(r *http.Request, person refusedPerson, request string) authorityView {
	if e.asker == nil || person.Subject == "" {
		return authorityView{}
	}
	answer, err := e.asker.Ask(r.Context(), extract.Question{Ref: "refused", Subject: person.Subject})
	if err != nil {
		web.Log(r, slog.String("extract", err.Error()))
	}
	if err != nil || answer.Authority == nil {
		return authorityView{}
	}
	v := authorityView{Name: answer.Authority.Organisation, Contact: answer.Authority.Contact}
	if to := page.FirstEmail(v.Contact); to != "" {
		v.Mail = page.MailTo(to, "Directory of Services: my Care Identity", mailText(request, person.Name))
	}
	return v
}

// refusedPerson gives who was refused on the browser, once; nobody if that is not known.
func (e *Entry) refusedPerson(w http.ResponseWriter, r *http.Request) (p refusedPerson) {
	if e.refusedKept().Read(r, &p) {
		e.refusedKept().Clear(w)
	}
	return p
}

// administratorsOf lists who looks after the account of somebody who was refused: of whoever is logged in, the one that
// they have shown to be theirs, or the one that their Care Identity is linked to.
func (e *Entry) administratorsOf(r *http.Request, p refusedPerson) ([]page.Helper, error) {
	ctx := r.Context()
	if user := frame.User(r); user != nil {
		p.Account = user.Account.ID
	}
	if p.Account == "" && p.Subject == "" {
		return nil, nil
	}
	a, err := db.Read(ctx, e.passwords.DB, func(read db.R) (account.Account, error) {
		if p.Account != "" {
			return account.ByID(ctx, read, p.Account)
		}
		return account.ByCareIdentity(ctx, read, p.Issuer, p.Subject)
	})
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	administrators, err := db.Read(ctx, e.passwords.DB, func(read db.R) ([]account.Account, error) {
		return account.AdministratorsOf(ctx, read, a)
	})
	return frame.HelpersOf(administrators), err
}

// mailText begins what somebody writes to their registration authority. It has nothing that is secret.
func mailText(request, name string) string {
	return "Hello,\n\nI use the NHS Directory of Services (DoS) and cannot log in to it with my Care Identity.\n\n" +
		request + "\n\nMy name: " + name + "\n"
}
