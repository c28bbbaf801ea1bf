package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/endpoint"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/careid/provider/standing"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/browser"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// FlowPath is the path of the pages of a sign-in. The flow's id follows it.
const FlowPath = "/sign-in/"

// FlowCookies bind sign-ins to their browser, each by its id, so that two tabs do not disturb each other.
var FlowCookies = web.Cookies{Name: "flow", Seconds: int(FlowLife.Seconds())}

// errUnknownClient is shown on a page: without a registered client there is nowhere to send an error.
var errUnknownClient = fault.Keyed("unknown-client", fault.SayCure(fault.Forbidden,
	"The service you came from is not registered here.",
	"Go back to the service. If it happens again, tell the people who run it."))

// validate reads a request to sign somebody in. Errors about the client or its address are shown on a page; a
// *request.Error goes to the service.
func (p *Provider) validate(ctx context.Context, r *http.Request) (req request.Request, err error) {
	q, err := request.Parameters(r)
	if err != nil {
		return req, fault.Invalid
	}
	if len(q["client_id"]) != 1 {
		return req, errUnknownClient
	}
	c, err := client.FindActive(ctx, p.o.DB, q.Get("client_id"))
	if errors.Is(err, fault.NotFound) || errors.Is(err, client.ErrSuspended) {
		return req, errors.Join(err, errUnknownClient)
	}
	if err != nil {
		return req, err
	}
	if endpoint.IsPushed(q) {
		return p.endpoints.LoadPushed(ctx, q, c)
	}
	req, err = p.requests.Read(ctx, q, c)
	if err == nil && c.RequirePAR {
		err = request.NewError("invalid_request", "This client must push its requests.")
	}
	return req, err
}

// serveAuthorize begins a sign-in, or finishes it at once if the browser's SSO session is enough.
func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request) error {
	if id := r.URL.Query().Get("posted"); id != "" {
		return p.resumePosted(w, r, id)
	}
	req, err := p.validate(r.Context(), r)
	if err != nil {
		return p.answerError(w, r, req, err)
	}
	return p.start(w, r, req)
}

// answerError sends an error of the protocol to the service. It returns any other error.
func (p *Provider) answerError(w http.ResponseWriter, r *http.Request, req request.Request, err error) error {
	if noteErr := p.noteAuthorize(r, err); noteErr != nil {
		return noteErr
	}
	var e *request.Error
	if !errors.As(err, &e) {
		return err
	}
	return p.Send(w, r, p.failure(req, e))
}

// servePosted stores a request that came by POST. A POST from another site carries no cookies, so the rest happens
// in the GET that follows.
func (p *Provider) servePosted(w http.ResponseWriter, r *http.Request) error {
	req, err := p.validate(r.Context(), r)
	if err != nil {
		return p.answerError(w, r, req, err)
	}
	id, err := p.store(w, r, State{Request: req, Posted: true})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.path+cis2.AuthorizePath+"?"+url.Values{"posted": {id}}.Encode(), "")
}

func (p *Provider) resumePosted(w http.ResponseWriter, r *http.Request, id string) error {
	cookieID, secret := session.Split(FlowCookies.Get(r, id))
	if cookieID != id {
		return fault.Expired
	}
	f, err := db.Jot(r.Context(), p.o.DB, func(k *db.K) (session.Flow[State], error) {
		return p.flows.Take(r.Context(), k, id, secret)
	})
	if err != nil {
		return err
	}
	FlowCookies.Clear(w, id)
	return p.start(w, r, f.State.Request)
}

// store stores a sign-in and binds it to the browser.
func (p *Provider) store(w http.ResponseWriter, r *http.Request, s State) (id string, err error) {
	cookie, err := p.flows.Begin(r.Context(), p.o.DB, &p.crowd, web.Address(r), s)
	if err != nil {
		return "", err
	}
	id, _ = session.Split(cookie)
	FlowCookies.Set(w, r, id, cookie)
	return id, nil
}

func (p *Provider) start(w http.ResponseWriter, r *http.Request, req request.Request) error {
	s, live, err := p.useSession(r, State{Request: req, Browser: browser.Name(r.UserAgent())})
	if err != nil {
		return err
	}
	if s, err = p.refuseAtStart(r.Context(), web.Actor(r), s); err != nil {
		return err
	}
	s.Confirm = s.Proven != nil && !req.Silent && p.isShared(r, s.Proven.UUID)
	if Next(s, p.provable) == StepDone {
		return p.grantAtOnce(w, r, s, live)
	}
	return p.next(w, r, s)
}

// next sends the browser to the page of a sign-in's next step, or back to the service if no page may be shown.
func (p *Provider) next(w http.ResponseWriter, r *http.Request, s State) error {
	if Next(s, p.provable) == StepReturn {
		return p.Send(w, r, p.failure(s.Request, s.silentError()))
	}
	if Next(s, p.provable) == StepRefuse {
		s.Reference = web.RequestID(r.Context())
	}
	id, err := p.store(w, r, s)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, FlowPath+id, "")
}

// useSession gives a sign-in with what is enough for its request of the browser's SSO session. It takes nothing if the
// identity or authenticator may no longer be used, even if the session has not been ended yet.
func (p *Provider) useSession(r *http.Request, s State) (State, sso.Session, error) {
	cookie := web.Cookie(r, sso.Cookie)
	if cookie == "" {
		return s, sso.Session{}, nil
	}
	used, err := db.Read(r.Context(), p.o.DB, func(dr db.R) (inSession, error) {
		live, err := p.sessions.FindIn(r.Context(), dr, cookie)
		if errors.Is(err, fault.Unauthenticated) {
			return inSession{state: s}, nil
		}
		if err != nil {
			return inSession{}, err
		}
		resumed, err := resume(r.Context(), dr, s, live)
		return inSession{state: resumed, session: live}, err
	})
	return used.state, used.session, err
}

// inSession is a sign-in with what it took over from a session.
type inSession struct {
	state   State
	session sso.Session
}

// resume gives a sign-in with what is enough for its request of a live session.
func resume(ctx context.Context, r db.R, s State, live sso.Session) (State, error) {
	proof := standing.AskProof(s.Request, live.State.Proven)
	person, err := claim.Read(ctx, r, live.Subject, proof.Queries()...)
	if err != nil {
		return s, err
	}
	facts, err := proof.Facts()
	if err != nil {
		return s, err
	}
	facts.Person = person.Status
	fallen := facts.ProofProblem()
	if fallen != nil && fallen.Part != standing.Team {
		return s, nil
	}
	s.resume(live.SID, live.ID, live.State, r.Now())
	if s.StepsUp() {
		s.Stronger, err = suitable(ctx, r, s.Request, person)
		return s, err
	}
	if s.Proven == nil {
		return s, nil
	}
	s.offerRoles(person.Roles())
	if fallen != nil {
		s.Refused = OnTrial
		return s, nil
	}
	return s, s.introduce(ctx, r)
}

// grantAtOnce finishes a sign-in without a page, with the browser's session. If that has ended meanwhile, or its person
// may not sign in any more, whoever is there has to prove who they are.
func (p *Provider) grantAtOnce(w http.ResponseWriter, r *http.Request, s State, live sso.Session) error {
	a, err := db.Write(r.Context(), p.o.DB, web.Actor(r), func(dw *db.W) (Answer, error) {
		asked := askAll(r.Context(), dw, s)
		if _, err := p.sessions.FindIn(r.Context(), dw, web.Cookie(r, sso.Cookie)); err != nil {
			return Answer{}, err
		}
		return p.grant(r.Context(), dw, s, asked)
	})
	var barred *Refusal
	if errors.Is(err, fault.Unauthenticated) || errors.As(err, &barred) {
		return p.next(w, r, s.anew())
	}
	if err != nil {
		return p.answerError(w, r, s.Request, err)
	}
	if _, err := live.Touch(r.Context(), p.o.DB, p.o.Clock.Now()); err != nil {
		return err
	}
	return p.Send(w, r, a)
}
