// Package request serves the pages on which somebody asks for an account of the directory, and follows their request.
package request

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// maxPerMinute limits how often one network address may send the form on one node.
const maxPerMinute = 30

// MinePath is the page of one's own request.
const MinePath = "/my-request"

const sittingSeconds = 60 * 60

// Pages serves the pages.
type Pages struct {
	frame    *frame.Frame
	requests *asking.Requests
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, requests *asking.Requests) {
	p := &Pages{frame: f, requests: requests}
	anyone := f.MaybeSignedIn()
	s.Handle("GET "+askForm.Path, anyone, p.ask)
	f.HandleForm(s, askForm, anyone, s.PerMinute(maxPerMinute, p.begin))
	code := p.mailedCode()
	s.Handle("GET "+codeForm.Path, anyone, p.awaiting(code.Ask))
	f.HandleForm(s, codeForm, anyone, code.Answer)
	s.Handle("GET "+MinePath, anyone, p.mine)
	s.Handle("GET "+ownForm.Path, anyone, p.own)
	f.HandleForm(s, ownForm, anyone, s.PerMinute(maxPerMinute, p.comeBack))
	f.HandleForm(s, proveForm, anyone, p.prove)
	f.HandleForm(s, stateForm, anyone, s.PerMinute(maxPerMinute, p.state))
	f.HandleForm(s, answerForm, anyone, p.answer)
	f.HandleForm(s, withdrawForm, anyone, p.withdraw)
	f.Returns[asking.ByRequest] = p.proved
}

func cookie(r *http.Request) string { return web.Cookie(r, frame.RequestCookie) }

// shared gives the username of whoever is logged in to a shared account; empty if nobody is.
func shared(r *http.Request) string {
	if c := frame.User(r); c != nil && c.Account.Kind == account.Shared {
		return c.Account.Username
	}
	return ""
}

// ask shows the form. Somebody who is logged in to an account of their own is told that they need no other.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	typed := askForm.New(r)
	if shared(r) != "" || r.URL.Query().Has("shared") {
		typed.Set("reason", asking.SharedReason(shared(r)))
	}
	if token := r.URL.Query().Get("invitation"); token != "" {
		invited, err := p.requests.Invitations().Followed(r.Context(), token)
		if err != nil {
			return err
		}
		if invited.ID != "" {
			typed.Set("invitation", token)
		}
		typed.Set("email", invited.Email).Set("first_name", invited.FirstName).
			Set("last_name", invited.LastName)
	}
	if err := p.fillIn(w, r, typed); err != nil {
		return err
	}
	return p.showAsk(w, r, http.StatusOK, typed)
}

// fillIn fills in what another page left that knows who asks.
func (p *Pages) fillIn(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	var known asking.Typed
	if !web.TakeNote(w, r, frame.RequestNote, &known) {
		return nil
	}
	typed.Set("first_name", known.FirstName).Set("last_name", known.LastName).Set("email", known.Email).
		Set("organisation", known.Organisation).Set("reason", known.Reason)
	return p.frame.KeepUnknownCode(r, typed)
}

func (p *Pages) showAsk(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	regions, err := p.regions(r)
	if err != nil {
		return err
	}
	typed.Offer("region", regionItems(regions))
	v := askView{
		Regions: len(regions) > 0,
		Page:    p.frame.Page(w, r, "Request a new DoS account"), Form: typed,
		Shared: r.URL.Query().Has("shared"), SharedReason: asking.SharedReason(shared(r)),
		Over: r.URL.Query().Has("invitation") && typed.Value("invitation") == "",
	}
	if c := frame.User(r); c != nil && c.Account.Kind != account.Shared {
		v.Own = c.Account.Username
	}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, askPage(v))
}

func (p *Pages) regions(r *http.Request) ([]directory.Region, error) {
	return db.Read(r.Context(), p.requests.DB, func(read db.R) ([]directory.Region, error) {
		return directory.Regions(r.Context(), read)
	})
}

// regionItems offers the regions, and not to know one's own.
func regionItems(regions []directory.Region) (items []nhsuk.RadioItem) {
	for _, one := range regions {
		items = append(items, nhsuk.RadioItem{Value: one.ID, Text: one.Name})
	}
	return append(items, nhsuk.RadioItem{Value: notKnown, Text: "I do not know"})
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	sent := askForm.Read(r)
	complete, err := p.complete(r, sent)
	if err != nil {
		return err
	}
	invited, err := p.requests.Invitations().Followed(r.Context(), sent.Value("invitation"))
	if err != nil {
		return err
	}
	begun := ""
	if complete {
		begun, err = p.requests.Begin(r.Context(), p.asker(r), typedOf(sent), invited)
	}
	if errors.Is(err, fault.TooMany) {
		sent.Explain(err)
	}
	if !complete || sent.HasProblems() || sent.Refuse(err) {
		return p.showAsk(w, r, http.StatusUnprocessableEntity, sent)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.RequestCookie, begun, sittingSeconds)
	return web.SeeOther(w, r, codeForm.Path, "")
}

// complete notes what was left empty that must not be, or is asked about, and reports whether nothing was.
func (p *Pages) complete(r *http.Request, sent *form.Rendered) (bool, error) {
	complete := sent.Complete()
	regions, err := p.regions(r)
	if err != nil {
		return false, err
	}
	if len(regions) > 0 && sent.Value("region") == "" {
		sent.Add(form.Problem{Field: "region", Text: "Choose your region, or that you do not know it"})
		complete = false
	}
	if err := p.frame.AskUnknownCode(r, sent); err != nil {
		return false, err
	}
	return complete && !sent.HasProblem(frame.UnknownCode), nil
}

// awaiting shows a page of a request that waits for its code.
func (p *Pages) awaiting(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if cookie(r) == "" { // nothing was begun here
			return web.SeeOther(w, r, askForm.Path, "")
		}
		if _, err := p.requests.Awaiting(r.Context(), cookie(r)); err != nil {
			return err
		}
		return h(w, r)
	}
}

// asker gives whoever asks. The codes for a browser that somebody logged in on before are counted by it, and not with
// those of the building in which it stands.
func (p *Pages) asker(r *http.Request) actor.Actor {
	by := web.Actor(r)
	if id := p.frame.Known.Of(r).ID(); id != "" {
		by.Network = "browser " + id
	}
	return by
}

// mailedCode makes the page on which the code is typed that was mailed.
func (p *Pages) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: p.showCode,
		SendAgain: func(r *http.Request) error {
			return p.requests.SendCodeAgain(r.Context(), web.Actor(r), cookie(r))
		},
		Use: func(r *http.Request, code string) error {
			return p.requests.Confirm(r.Context(), web.Actor(r), cookie(r), code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, MinePath, "") },
	}
}

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	asked, err := p.requests.Awaiting(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	v := codeView{Page: p.frame.Page(w, r, "Enter the code from the email"), Form: typed, To: asked.Email}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, codePage(v))
}

// own shows what an asker's own link leads to. It shows nothing of the request, and changes nothing.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.requests.Own(r.Context(), r.PathValue("id"), r.PathValue("secret")); err != nil {
		return err
	}
	v := ownView{Page: p.frame.Page(w, r, "Your request for a DoS account"), Form: ownForm.New(r)}
	return web.Show(w, r, http.StatusOK, ownPage(v))
}

func (p *Pages) comeBack(w http.ResponseWriter, r *http.Request) error {
	begun, err := p.requests.Return(r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.RequestCookie, begun, sittingSeconds)
	return web.SeeOther(w, r, codeForm.Path, "")
}

func (p *Pages) prove(w http.ResponseWriter, r *http.Request) error {
	ask, err := p.requests.Ask(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	return p.frame.Start(w, r, ask)
}

// proved takes whoever came back from CIS2 to put their Care Identity on their request.
func (p *Pages) proved(w http.ResponseWriter, r *http.Request, pending portal.Pending, person cis2.Person) error {
	if err := p.requests.Prove(r.Context(), web.Actor(r), cookie(r), pending, person); err != nil {
		return err
	}
	return web.SeeOther(w, r, MinePath, "")
}

func (p *Pages) state(w http.ResponseWriter, r *http.Request) error {
	sent := stateForm.Read(r)
	if !sent.Complete() {
		return p.showMine(w, r, http.StatusUnprocessableEntity, forms{state: sent, answer: answerForm.New(r)})
	}
	err := p.requests.State(r.Context(), web.Actor(r), cookie(r), asking.Identity(sent.Value("identity")))
	if sent.Refuse(err) {
		return p.showMine(w, r, http.StatusUnprocessableEntity, forms{state: sent, answer: answerForm.New(r)})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, MinePath, "")
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	sent := answerForm.Read(r)
	complete := sent.Complete()
	var err error
	if complete {
		err = p.requests.Reply(r.Context(), web.Actor(r), cookie(r), sent.Value("answer"))
	}
	if !complete || sent.Refuse(err) {
		return p.showMine(w, r, http.StatusUnprocessableEntity, forms{state: stateForm.New(r), answer: sent})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, MinePath, "Your answer was sent.")
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := p.requests.Withdraw(r.Context(), web.Actor(r), cookie(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, MinePath, "")
}

// existing gives the username of the account that a request's address has; empty if it has none.
func (p *Pages) existing(r *http.Request, asked asking.Request) (string, error) {
	username, err := db.Read(r.Context(), p.requests.DB, func(read db.R) (string, error) {
		a, err := account.ByEmail(r.Context(), read, asked.EmailKey)
		return a.Username, err
	})
	if errors.Is(err, fault.NotFound) {
		err = nil
	}
	return username, err
}
