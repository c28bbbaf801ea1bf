package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// logoutRequest is a service's request to sign somebody out, after it was validated. The person is
// asked first.
type logoutRequest struct {
	ClientID   string `json:"client_id,omitempty"`
	ClientName string `json:"client_name,omitempty"`
	To         string `json:"to,omitempty"` // where the browser goes afterwards; empty for a page of ours
}

// errHint are the words for a sign-out that somebody has tampered with.
var errHint = fault.Keyed("sign-out-request", fault.SayCure(fault.Invalid, "The request to sign out is not complete.",
	"Go back to the service and sign out there, or sign out on your sessions page."))

// parseLogout validates a sign-out request. An address to go to is taken only if it was registered by
// the client that asks.
func (p *Provider) parseLogout(ctx context.Context, r *http.Request) (logoutRequest, error) {
	q, err := parameters(r)
	if err != nil {
		return logoutRequest{}, errHint
	}
	clientID, err := p.hinted(ctx, q)
	if err != nil {
		return logoutRequest{}, err
	}
	to := q.Get("post_logout_redirect_uri")
	if clientID == "" {
		if to != "" {
			return logoutRequest{}, errHint
		}
		return logoutRequest{}, nil
	}
	c, err := p.activeClient(ctx, clientID)
	if err != nil || to != "" && !slices.Contains(c.PostLogoutURIs, to) {
		return logoutRequest{}, errors.Join(err, errHint)
	}
	if to != "" && q.Get("state") != "" {
		to = withQuery(to, url.Values{"state": {q.Get("state")}})
	}
	return logoutRequest{ClientID: c.ID, ClientName: c.Name, To: to}, nil
}

// hinted gives the client that asks: the one of the ID token, which may have expired, or the one named.
func (p *Provider) hinted(ctx context.Context, q url.Values) (string, error) {
	named, hint := q.Get("client_id"), q.Get("id_token_hint")
	if hint == "" {
		return named, nil
	}
	claims, err := p.ownToken(ctx, hint)
	if err != nil || named != "" && named != claims.Audience.Names[0] {
		return "", errors.Join(err, errHint)
	}
	return claims.Audience.Names[0], nil
}

// ownToken reads an ID token that this provider gave to one client. It may have expired.
func (p *Provider) ownToken(ctx context.Context, text string) (jwt.Claims, error) {
	set := p.keys.Set()
	token, err := jwt.Verify(ctx, text, set, jwt.Expect{Algorithms: client.TokenAlgorithms, Types: []string{"JWT"}})
	if err != nil {
		return jwt.Claims{}, err
	}
	claims, err := token.Claims()
	if err == nil && (claims.Issuer != p.o.Issuer || len(claims.Audience.Names) != 1) {
		err = errors.New("it is not an ID token of this provider for one client")
	}
	return claims, err
}

// Where the page that asks is, and the cookie that binds the request to the browser.
const (
	SignOutPath   = "/sign-out/"
	signOutCookie = "signout"
)

// serveEnd stores the request and sends the browser to the page that asks.
func (p *Provider) serveEnd(w http.ResponseWriter, r *http.Request) error {
	req, err := p.parseLogout(r.Context(), r)
	if err != nil {
		return err
	}
	var id, secret string
	err = p.o.DB.Keep(r.Context(), func(k *db.K) error {
		id, secret, err = p.logout.Start(r.Context(), k, req)
		return err
	})
	if err != nil {
		return err
	}
	web.SetCookie(w, signOutCookie, session.Cookie(id, secret), seconds(FlowLife))
	return web.SeeOther(w, r, SignOutPath+id, "")
}

// SignOut is a sign-out that waits for the person's answer.
type SignOut struct {
	ClientName string // who asks; empty if no client does
	Origin     string // where the browser goes afterwards; empty for a page of ours
}

// LoadSignOut reads the sign-out that a browser was sent to confirm.
func (p *Provider) LoadSignOut(r *http.Request, id string) (s SignOut, err error) {
	err = p.o.DB.View(r.Context(), func(dr db.R) error {
		cookieID, secret := session.Split(web.Cookie(r, signOutCookie))
		if cookieID != id {
			return fault.Expired
		}
		f, err := p.logout.Load(r.Context(), dr, id, secret)
		s = SignOut{ClientName: f.State.ClientName}
		if f.State.To != "" {
			s.Origin = request.Origin(f.State.To)
		}
		return err
	})
	return s, err
}

// ConfirmSignOut ends the session of the browser and gives where it goes; empty for a page of ours.
func (p *Provider) ConfirmSignOut(r *http.Request, who actor.Actor, id, sso string) (to string, err error) {
	cookieID, secret := session.Split(web.Cookie(r, signOutCookie))
	if cookieID != id {
		return "", fault.Expired
	}
	err = p.o.DB.Keep(r.Context(), func(k *db.K) error {
		f, err := p.logout.Take(r.Context(), k, id, secret)
		to = f.State.To
		return err
	})
	if err != nil {
		return "", err
	}
	return to, p.EndCookie(r.Context(), who, sso)
}

// EndCookie ends the session that a browser's cookie stands for, if it is live.
func (p *Provider) EndCookie(ctx context.Context, who actor.Actor, sso string) error {
	return p.o.DB.Update(ctx, who, func(w *db.W) error {
		s, err := p.sso.Find(ctx, w, sso)
		if errors.Is(err, fault.Unauthenticated) {
			return nil
		}
		if err != nil {
			return err
		}
		return p.end(ctx, w, s, "signed out by the person")
	})
}
