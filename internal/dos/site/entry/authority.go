package entry

import (
	"log/slog"
	"net/http"

	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// refusedCookie says, sealed, who has just been refused, so that the page can name their registration authority.
const refusedCookie = "dos-refused"

// refusedSeconds is how long the browser has to come to that page.
const refusedSeconds = 60

// refusedPerson is who came from CIS2 and was not let in.
type refusedPerson struct{ Subject, Name string }

// keepRefused keeps who was refused for the page that tells them so, if it sends them to their registration authority.
func (e *Entry) keepRefused(w http.ResponseWriter, p cis2.Person, n notice) error {
	if e.asker == nil || n.request == "" {
		return nil
	}
	return e.refusedKept().Set(w, refusedPerson{Subject: p.Subject, Name: p.Name})
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
func (e *Entry) authority(w http.ResponseWriter, r *http.Request, request string) authorityView {
	person, found := e.refusedPerson(w, r)
	if !found {
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

func (e *Entry) refusedPerson(w http.ResponseWriter, r *http.Request) (p refusedPerson, found bool) {
	if e.asker == nil || !e.refusedKept().Read(r, &p) {
		return p, false
	}
	e.refusedKept().Clear(w)
	return p, true
}

// mailText begins what somebody writes to their registration authority. It has nothing that is secret.
func mailText(request, name string) string {
	return "Hello,\n\nI use the NHS Directory of Services (DoS) and cannot log in to it with my Care Identity.\n\n" +
		request + "\n\nMy name: " + name + "\n"
}
