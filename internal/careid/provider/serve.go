package provider

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/web"
)

// Mount adds the endpoints to the site that answers at the issuer's address.
func (p *Provider) Mount(s *web.Site) {
	s.Handle("GET "+p.path+discoveryPath, web.Anyone, p.serveDiscovery)
	s.Handle("GET "+p.path+keysPath, web.Anyone, p.serveKeys)
	s.Handle("GET "+p.path+authorizePath, web.Anyone, p.serveAuthorize)
	s.HandleFromAnywhere("POST "+p.path+authorizePath, web.Anyone, p.servePosted)
	s.Handle("POST "+p.path+tokenPath, web.Anyone, p.serveToken)
	s.Handle("GET "+p.path+userInfoPath, web.Anyone, p.serveUserInfo)
	s.Handle("POST "+p.path+userInfoPath, web.Anyone, p.serveUserInfo)
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

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) error {
	_, set := p.keys.Current()
	w.Header().Set("Cache-Control", publicly)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.JSON(w, http.StatusOK, set)
}

// once gives a form's parameters, each of which may stand there once.
func once(r *http.Request) (url.Values, *Error) {
	form, err := parameters(r)
	if err != nil {
		return nil, invalid("invalid_request", "The request could not be read.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, invalid("invalid_request", "The parameter "+shown(name)+" is there more than once.")
		}
	}
	return form, nil
}

func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) error {
	form, wrong := once(r)
	if wrong != nil {
		return sayError(w, http.StatusBadRequest, wrong)
	}
	if r.Header.Get("Authorization") != "" {
		return sayError(w, http.StatusUnauthorized, errClient)
	}
	c, says, why := p.authenticate(r.Context(), form)
	if why != nil {
		web.Log(r, slog.String("client", c.ID), slog.String("refused", why.Error()))
		if err := p.refuseClient(r.Context(), web.Actor(r), c, why); err != nil {
			return err
		}
		return sayError(w, http.StatusUnauthorized, says)
	}
	who := actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
	got, err := p.redeem(r.Context(), who, c, form)
	if errors.As(err, &wrong) {
		return sayError(w, http.StatusBadRequest, wrong)
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, got)
}

// sayError answers a program, not a person.
func sayError(w http.ResponseWriter, status int, e *Error) error {
	return web.JSON(w, status, map[string]string{"error": e.Code, "error_description": e.Description})
}

func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request) error {
	access, wrong := accessToken(r)
	if wrong != nil {
		return sayError(w, http.StatusBadRequest, wrong)
	}
	info, err := p.userInfo(r.Context(), access)
	if errors.As(err, &wrong) {
		w.Header().Set("WWW-Authenticate", `Bearer error="`+wrong.Code+`", error_description="`+wrong.Description+`"`)
		return sayError(w, http.StatusUnauthorized, wrong)
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, info)
}

// accessToken gives the request's token: in the header, or in the body of a POST, not both.
func accessToken(r *http.Request) (string, *Error) {
	access := bearer(r.Header.Get("Authorization"))
	if r.Method != http.MethodPost {
		return access, nil
	}
	form, wrong := once(r)
	if wrong != nil {
		return "", wrong
	}
	if inBody := form.Get("access_token"); inBody != "" {
		if access != "" {
			return "", invalid("invalid_request", "The access token was sent twice.")
		}
		return inBody, nil
	}
	return access, nil
}
