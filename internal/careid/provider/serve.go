package provider

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// Mount adds the endpoints to the site that answers at the issuer's address. formPost shows the one page
// that is not a step of a sign-in.
func (p *Provider) Mount(s *web.Site, formPost FormPost) {
	p.formPost = formPost
	s.HandleCalls("GET "+p.path+discoveryPath, web.Anyone, p.serveDiscovery)
	s.HandleCalls("GET "+p.path+keysPath, web.Anyone, p.serveKeys)
	s.Handle("GET "+p.path+authorizePath, web.Anyone, p.serveAuthorize)
	s.HandleFromAnywhere("POST "+p.path+authorizePath, web.Anyone, p.servePosted)
	s.HandleCalls("POST "+p.path+pushedPath, web.Anyone, p.servePushed)
	s.HandleCalls("POST "+p.path+tokenPath, web.Anyone, p.serveToken)
	s.HandleCalls("POST "+p.path+introspectPath, web.Anyone, p.serveIntrospect)
	s.HandleCalls("POST "+p.path+revokePath, web.Anyone, p.serveRevoke)
	s.HandleCalls("GET "+p.path+userInfoPath, web.Anyone, p.serveUserInfo)
	s.HandleCalls("POST "+p.path+userInfoPath, web.Anyone, p.serveUserInfo)
	s.Handle("GET "+p.path+endPath, web.Anyone, p.serveEnd)
	s.HandleFromAnywhere("POST "+p.path+endPath, web.Anyone, p.serveEnd)
}

// Documents that do not change for a while may be kept that long.
const publicly = "public, max-age=300"

func (p *Provider) serveDiscovery(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", publicly)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.JSON(w, http.StatusOK, p.metadata())
}

func (p *Provider) serveKeys(w http.ResponseWriter, r *http.Request) error {
	set := p.keys.Set()
	if r.Method == http.MethodGet { // a HEAD request is handed nothing
		set = p.keys.Fetched(web.Address(r), r.UserAgent())
	}
	w.Header().Set("Cache-Control", publicly)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.JSON(w, http.StatusOK, set)
}

// once gives a form's parameters, each of which may stand there once.
func once(r *http.Request) (url.Values, *request.Error) {
	form, err := parameters(r)
	if err != nil {
		return nil, request.Invalid("invalid_request", "The request could not be read.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, request.Invalid("invalid_request", "The parameter "+request.Shown(name)+" is there more than once.")
		}
	}
	return form, nil
}

// fromClient reads the form of a request that a client makes and proves to be its own, which uses up its
// assertion. If it does not, it is answered, and done.
func (p *Provider) fromClient(w http.ResponseWriter, r *http.Request) (form url.Values, c client.Client, done bool, err error) {
	form, by, done, err := p.fromCaller(w, r)
	if done || err != nil {
		return nil, by.Client, done, err
	}
	var used *jwt.Mismatch
	err = p.use(r.Context(), by.with)
	if errors.As(err, &used) {
		return nil, by.Client, true, p.disbelieve(w, r, by.Client, errAssertion, used)
	}
	if err == nil {
		p.keys.Called(by.ID, web.Address(r))
	}
	return form, by.Client, false, err
}

// fromCaller is fromClient, with the assertion not used up.
func (p *Provider) fromCaller(w http.ResponseWriter, r *http.Request) (form url.Values, c caller, done bool, err error) {
	form, wrong := once(r)
	if wrong != nil {
		return nil, c, true, sayError(w, http.StatusBadRequest, wrong)
	}
	c, says, why := p.authenticate(r.Context(), r.Header.Get("Authorization"), form)
	if why != nil {
		return nil, c, true, p.disbelieve(w, r, c.Client, says, why)
	}
	return form, c, false, nil
}

// disbelieve answers whoever did not prove to be the client that was named, and keeps the reason.
func (p *Provider) disbelieve(w http.ResponseWriter, r *http.Request, c client.Client, says *request.Error, why error) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", why.Error()))
	if err := p.refuseClient(r, c, says.Code, why); err != nil {
		return err
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="token endpoint"`)
	}
	return sayError(w, http.StatusUnauthorized, says)
}

// refuse answers a client that proved itself and asked for what cannot be.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, c client.Client, wrong *request.Error) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", wrong.Error()))
	if err := p.note(r, c.ID, wrong.Code, withReceived(wrong, r.PostForm, c)); err != nil {
		return err
	}
	return sayError(w, http.StatusBadRequest, wrong)
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) error {
	form, c, done, err := p.fromCaller(w, r)
	if done || err != nil {
		return err
	}
	who := actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
	got, err := p.redeem(r.Context(), who, c, form)
	var used *jwt.Mismatch
	if errors.As(err, &used) {
		return p.disbelieve(w, r, c.Client, errAssertion, used)
	}
	var wrong *request.Error
	refused := errors.As(err, &wrong)
	if err != nil && !refused {
		return err // nobody knows whether the assertion was fresh
	}
	p.keys.Called(c.ID, web.Address(r))
	if refused {
		return sayError(w, http.StatusBadRequest, wrong)
	}
	return web.JSON(w, http.StatusOK, got)
}

// sayError answers a program, not a person.
func sayError(w http.ResponseWriter, status int, e *request.Error) error {
	return web.JSON(w, status, map[string]string{"error": e.Code, "error_description": e.Description})
}
