package provider

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// Mount adds the endpoints to the site that answers at the issuer's address. provable are the kinds of authenticator
// that its pages can prove; formPost shows the one page that is not a step of a sign-in.
func (p *Provider) Mount(s *web.Site, provable []authn.Kind, formPost FormPost) {
	p.provable = provable
	p.formPost = formPost
	s.HandleCalls("GET "+p.path+cis2.DiscoveryPath, web.Anyone, p.serveDiscovery)
	s.HandleCalls("GET "+p.path+cis2.KeysPath, web.Anyone, p.serveKeys)
	s.Handle("GET "+p.path+cis2.AuthorizePath, web.Anyone, p.serveAuthorize)
	s.HandleFromAnywhere("POST "+p.path+cis2.AuthorizePath, web.Anyone, p.servePosted)
	s.HandleCalls("POST "+p.path+cis2.PushedPath, web.Anyone, p.servePushed)
	s.HandleCalls("POST "+p.path+cis2.TokenPath, web.Anyone, p.serveToken)
	s.HandleCalls("POST "+p.path+cis2.IntrospectPath, web.Anyone, p.serveIntrospect)
	s.HandleCalls("POST "+p.path+cis2.RevokePath, web.Anyone, p.serveRevoke)
	s.HandleCalls("GET "+p.path+cis2.UserInfoPath, web.Anyone, p.serveUserInfo)
	s.HandleCalls("POST "+p.path+cis2.UserInfoPath, web.Anyone, p.serveUserInfo)
	s.Handle("GET "+p.path+cis2.EndSessionPath, web.Anyone, p.sessions.ServeEndSession)
	s.HandleFromAnywhere("POST "+p.path+cis2.EndSessionPath, web.Anyone, p.sessions.ServeEndSession)
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
	form, wrong := request.ParametersOnce(r)
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

// refusal is why a client that proved itself does not get what it asks for.
type refusal struct {
	message *request.Error // all that the client is told
	reason  string         // for the people who look after the client
}

// Error gives the reason.
func (f *refusal) Error() string { return f.reason }

// unfounded is the refusal of a request that is not right in itself.
func unfounded(message *request.Error, form url.Values, c client.Client) *refusal {
	return &refusal{message: message, reason: message.WithReceived(form, c)}
}

// refuse answers a client that proved itself and asked for what cannot be, and keeps the reason.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, c client.Client, f *refusal) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", f.message.Error()))
	if err := p.note(r, c.ID, f.message.Code, f.reason); err != nil {
		return err
	}
	return sayError(w, http.StatusBadRequest, f.message)
}

// machine is a client as the actor of what it asks for.
func machine(r *http.Request, c client.Client) actor.Actor {
	return actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
}

// sayError answers a program, not a person.
func sayError(w http.ResponseWriter, status int, e *request.Error) error {
	return web.JSON(w, status, map[string]string{"error": e.Code, "error_description": e.Description})
}
