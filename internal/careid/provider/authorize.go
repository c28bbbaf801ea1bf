package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// SSOCookie holds the provider's own session.
const SSOCookie = "sso"

// FlowPath is where the pages of a sign-in are, below it the flow's id.
const FlowPath = "/sign-in/"

// FlowCookie names the cookie that binds a sign-in to its browser. Each has its own, so that two tabs
// do not disturb each other.
func FlowCookie(id string) string { return "flow-" + id }

func seconds(d time.Duration) int { return int(d / time.Second) }

// Without a registered client and address there is nowhere to send an error, so a page says it.
var (
	errUnknownClient = fault.Keyed("unknown-client", fault.SayCure(fault.Forbidden,
		"The service you came from is not registered here.",
		"Go back to the service. If it happens again, tell the people who run it."))
	errRedirect = fault.Keyed("redirect", fault.SayCure(fault.Forbidden,
		"The service you came from asked for the answer to go to an address that is not registered for it.",
		"Go back to the service. If it happens again, tell the people who run it."))
)

// parameters gives a request's parameters. Those of a POST come from its body alone.
func parameters(r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost {
		return url.ParseQuery(r.URL.RawQuery)
	}
	if r.URL.RawQuery != "" {
		return nil, errors.New("parameters in both the address and the body")
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return r.PostForm, nil
}

// validate reads a request to sign somebody in. Errors about the client or its address are for a page;
// a *request.Error goes to the service.
func (p *Provider) validate(ctx context.Context, r *http.Request) (req request.Request, err error) {
	q, err := parameters(r)
	if err != nil {
		return req, fault.Invalid
	}
	if len(q["client_id"]) != 1 {
		return req, errUnknownClient
	}
	c, err := p.activeClient(ctx, q.Get("client_id"))
	if errors.Is(err, fault.NotFound) || errors.Is(err, errSuspended) {
		return req, errors.Join(err, errUnknownClient)
	}
	if err != nil {
		return req, err
	}
	if len(q["request_uri"]) == 1 && strings.HasPrefix(q.Get("request_uri"), pushedURN) {
		return p.takePushed(ctx, q, c)
	}
	req, err = p.read(ctx, q, c)
	if err == nil && c.RequirePAR {
		err = request.Invalid("invalid_request", "This client must push its requests.")
	}
	return req, err
}

// read reads a request of a known client, pushed or brought by the browser.
func (p *Provider) read(ctx context.Context, q url.Values, c client.Client) (request.Request, error) {
	if len(q["redirect_uri"]) != 1 || !slices.Contains(c.RedirectURIs, q.Get("redirect_uri")) {
		return request.Request{}, errRedirect
	}
	req, wrong := request.Parse(q, c)
	if wrong == nil {
		wrong = p.hintedPerson(ctx, q, &req)
	}
	if wrong == nil {
		return req, nil
	}
	if len(q["state"]) != 1 || len(req.State) > request.MostText {
		req.State = ""
	}
	return req, wrong
}

// hintedPerson takes from an ID token of ours whom the service means. It may have expired.
func (p *Provider) hintedPerson(ctx context.Context, q url.Values, req *request.Request) *request.Error {
	if !q.Has("id_token_hint") {
		return nil
	}
	claims, err := p.ownToken(ctx, q.Get("id_token_hint"))
	if err != nil || claims.Audience.Names[0] != req.ClientID {
		return request.Invalid("invalid_request", "The id_token_hint is not an ID token that this client was given.")
	}
	if !req.Takes(claims.Subject) {
		return request.Invalid("invalid_request", "The id_token_hint and the claims parameter name two people.")
	}
	req.Subject = claims.Subject
	return nil
}

// serveAuthorize begins a sign-in, or ends it at once where the browser's SSO session will do.
func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request) error {
	if id := r.URL.Query().Get("posted"); id != "" {
		return p.resumePosted(w, r, id)
	}
	req, err := p.validate(r.Context(), r)
	if err != nil {
		return p.wrong(w, r, req, err)
	}
	return p.start(w, r, req)
}

// wrong sends an error to the service where it is one of the protocol.
func (p *Provider) wrong(w http.ResponseWriter, r *http.Request, req request.Request, err error) error {
	if noted := p.noteAuthorize(r, err); noted != nil {
		return noted
	}
	var e *request.Error
	if !errors.As(err, &e) {
		return err
	}
	return p.Send(w, r, p.failure(req, e))
}

// servePosted stores a request that came by POST. A post from another site brings no cookies, so the
// rest happens in the GET that follows.
func (p *Provider) servePosted(w http.ResponseWriter, r *http.Request) error {
	req, err := p.validate(r.Context(), r)
	if err != nil {
		return p.wrong(w, r, req, err)
	}
	id, err := p.store(w, r, State{Request: req, Posted: true})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.path+cis2.AuthorizePath+"?"+url.Values{"posted": {id}}.Encode(), "")
}

func (p *Provider) resumePosted(w http.ResponseWriter, r *http.Request, id string) error {
	cookieID, secret := session.Split(web.Cookie(r, FlowCookie(id)))
	if cookieID != id {
		return fault.Expired
	}
	var f session.Flow[State]
	err := p.o.DB.Jot(r.Context(), func(k *db.K) (err error) {
		f, err = p.flows.Take(r.Context(), k, id, secret)
		return err
	})
	if err != nil {
		return err
	}
	web.ClearCookie(w, FlowCookie(id))
	return p.start(w, r, f.State.Request)
}

// store keeps a sign-in and binds it to the browser.
func (p *Provider) store(w http.ResponseWriter, r *http.Request, s State) (id string, err error) {
	var secret string
	err = p.o.DB.Jot(r.Context(), func(k *db.K) error {
		id, secret, err = p.flows.Start(r.Context(), k, s)
		return err
	})
	if err == nil {
		web.SetCookie(w, FlowCookie(id), session.Cookie(id, secret), seconds(FlowLife))
	}
	return id, err
}

func (p *Provider) start(w http.ResponseWriter, r *http.Request, req request.Request) error {
	s := State{Request: req, Browser: browser(r.UserAgent())}
	live, err := p.useSession(r, &s)
	if err != nil {
		return err
	}
	switch Next(s) {
	case StepDone:
		return p.grantAtOnce(w, r, s, live)
	case StepReturn:
		return p.Send(w, r, p.failure(req, s.silentError()))
	}
	if Next(s) == StepRefuse {
		s.Reference = web.RequestID(r.Context())
	}
	id, err := p.store(w, r, s)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, FlowPath+id, "")
}

// useSession takes from the browser's SSO session what will do. Whose identity or authenticator may not
// be used any more is not signed in, even before the session's end has come round.
func (p *Provider) useSession(r *http.Request, s *State) (live Session, err error) {
	ctx, cookie := r.Context(), web.Cookie(r, SSOCookie)
	if cookie == "" {
		return live, nil
	}
	err = p.o.DB.View(ctx, func(dr db.R) error {
		live, err = p.sso.Find(ctx, dr, cookie)
		if errors.Is(err, fault.Unauthenticated) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = authenticator.MayProve(ctx, dr, live.State.Proven.AuthenticatorID)
		if errors.Is(err, authenticator.Unusable) {
			return nil
		}
		if err != nil {
			return err
		}
		whose, err := claim.Read(ctx, dr, live.Subject)
		if err != nil || whose.Status != identity.Active {
			return err
		}
		s.resume(live.SID, live.ID, live.State, dr.Now())
		if s.Proven != nil {
			s.offerRoles(whose.Roles())
		}
		if s.StepsUp() {
			s.Stronger, err = suitable(ctx, dr, s.Request, whose)
		}
		return err
	})
	return live, err
}

func (p *Provider) grantAtOnce(w http.ResponseWriter, r *http.Request, s State, live Session) error {
	var a Answer
	err := p.o.DB.Update(r.Context(), web.Actor(r), func(dw *db.W) (err error) {
		if _, err := p.sso.Find(r.Context(), dw, web.Cookie(r, SSOCookie)); err != nil {
			return err
		}
		a, err = p.grant(r.Context(), dw, s)
		return err
	})
	if err != nil {
		return err
	}
	if err := live.Touch(r.Context(), p.o.DB, p.o.Clock.Now()); err != nil {
		return err
	}
	return p.Send(w, r, a)
}
