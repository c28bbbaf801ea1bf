// Package mine serves the pages about one's own use of the directory: what was done in one's name, and where one is
// logged in.
package mine

import (
	"fmt"
	"net/http"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	db    *db.DB
}

// The forms of the sessions are buttons.
var (
	endForm       = form.Form{Path: frame.SessionsPage + "/{id}/end", At: frame.SessionsPage}
	endOthersForm = form.Form{Path: frame.SessionsPage + "/end-others", At: frame.SessionsPage}
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Pages{frame: f, db: f.Passwords.DB}
	f.EventText = textOf
	s.Handle("GET "+frame.ActivityPage, p.ofOnePerson(), p.activity)
	s.Handle("GET "+frame.SessionsPage, p.ofOnePerson(), p.sessions)
	f.HandleForm(s, endForm, p.ofOnePerson(), p.endOne)
	f.HandleForm(s, endOthersForm, p.ofOnePerson(), p.endOthers)
}

var errShared = fault.SayCure(fault.Forbidden,
	"This is a shared account, so nobody is shown what the others did with it, or where they are logged in.",
	"Request an account of your own.")

// ofOnePerson lets those through who are logged in with an account of their own. What people do with a shared account
// is nothing for the others who share it.
func (p *Pages) ofOnePerson() web.Guard {
	signedIn := p.frame.SignedIn()
	return web.Guard{Name: signedIn.Name,
		Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
			r, err := signedIn.Check(w, r)
			if err != nil {
				return nil, err
			}
			if frame.User(r).Account.Kind == account.Shared {
				return r, errShared
			}
			return r, nil
		}}
}

func (p *Pages) sessions(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	list, err := db.Read(r.Context(), p.db, func(read db.R) ([]session.Session[signin.State], error) {
		return signin.Sessions.OfSubject(r.Context(), read, user.Account.ID)
	})
	if err != nil {
		return err
	}
	v := sessionsView{Page: p.frame.Page(w, r, "My sessions"), EndOthers: endOthersForm.New(r)}
	v.Page.BackHref = frame.AccountPage
	for _, s := range list {
		if s.ID == user.Session.ID {
			v.Sessions = slices.Insert(v.Sessions, 0, viewOf(r, s, true))
		} else {
			v.Sessions = append(v.Sessions, viewOf(r, s, false))
		}
	}
	v.Others = len(list) > 1
	return web.Show(w, r, http.StatusOK, sessionsPage(v))
}

func viewOf(r *http.Request, s session.Session[signin.State], own bool) sessionView {
	v := sessionView{
		Title: "Session since " + when.DateTime(s.Begun),
		Own:   own,
		End:   endForm.New(r, "id", s.ID),
		Rows: []nhsuk.SummaryListRow{
			{Key: "Logged in", Value: when.DateTime(s.Begun)},
			{Key: "Logged in with", Value: waysIn[s.State.How]},
			{Key: "Last used", Value: when.DateTime(s.Used)},
			{Key: "Ends at the latest", Value: when.DateTime(s.Ends)},
		},
	}
	if own {
		v.Title = "This browser"
	}
	return v
}

// waysIn say how somebody logged in.
var waysIn = map[signin.How]string{
	signin.ByPassword:     "Username and password",
	signin.ByCareIdentity: "Care Identity",
}

func (p *Pages) endOne(w http.ResponseWriter, r *http.Request) error {
	ended, err := signin.EndOther(r.Context(), p.db, web.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	said := "The session is ended."
	if !ended {
		said = "Nothing changed. That session has ended already."
	}
	return web.SeeOther(w, r, frame.SessionsPage, said)
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	ended, err := signin.EndOthers(r.Context(), p.db, web.Actor(r))
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%d other sessions are ended.", ended)
	switch ended {
	case 0:
		said = "Nothing changed. You are logged in on no other browser."
	case 1:
		said = "The other session is ended."
	}
	return web.SeeOther(w, r, frame.SessionsPage, said)
}
