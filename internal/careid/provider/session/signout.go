package session

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	store "signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// signOutRequest is a service's validated request to sign somebody out. The person is asked to confirm it.
type signOutRequest struct {
	ClientID   string `json:"client_id,omitempty"`
	ClientName string `json:"client_name,omitempty"`
	To         string `json:"to,omitempty"` // where the browser goes afterwards; empty for our own page
}

// errHint answers a sign-out request that is incomplete or was tampered with.
var errHint = fault.Keyed("sign-out-request", fault.SayCure(fault.Invalid, "The request to log out is not complete.",
	"Go back to the service and log out there, or log out on your sessions page."))

// readSignOut validates a sign-out request. The address to go to afterwards must be registered for the client that
// asks.
func (s *Sessions) readSignOut(ctx context.Context, r *http.Request) (signOutRequest, error) {
	q, err := request.Parameters(r)
	if err != nil {
		return signOutRequest{}, errHint
	}
	clientID, err := s.askingClient(ctx, q)
	if err != nil {
		return signOutRequest{}, err
	}
	to := q.Get("post_logout_redirect_uri")
	if clientID == "" {
		if to != "" {
			return signOutRequest{}, errHint
		}
		return signOutRequest{}, nil
	}
	c, err := client.FindActive(ctx, s.db, clientID)
	if err != nil || to != "" && !slices.Contains(c.PostLogoutURIs, to) {
		return signOutRequest{}, errors.Join(err, errHint)
	}
	if to != "" && q.Get("state") != "" {
		to = request.WithQuery(to, url.Values{"state": {q.Get("state")}})
	}
	return signOutRequest{ClientID: c.ID, ClientName: c.Name, To: to}, nil
}

// askingClient returns the id of the client that asks: the one of the ID token, which may have expired, or else the
// one in client_id.
func (s *Sessions) askingClient(ctx context.Context, q url.Values) (string, error) {
	clientID := q.Get("client_id")
	hint := q.Get("id_token_hint")
	if hint == "" {
		return clientID, nil
	}
	claims, err := s.requests.Hint(ctx, hint)
	if err != nil || clientID != "" && clientID != claims.Audience.Names[0] {
		return "", errors.Join(err, errHint)
	}
	return claims.Audience.Names[0], nil
}

// signOutLife is how long a sign-out waits for the person's answer.
const signOutLife = 15 * time.Minute

// SignOutPath is the path of the page that asks the person. The request's id follows it.
const SignOutPath = "/sign-out/"

// signOutCookies bind requests to their browser, each by its id.
var signOutCookies = web.Cookies{Name: "signout", Seconds: int(signOutLife.Seconds())}

// ServeEndSession stores the request and sends the browser to the page that asks.
func (s *Sessions) ServeEndSession(w http.ResponseWriter, r *http.Request) error {
	req, err := s.readSignOut(r.Context(), r)
	if err != nil {
		return err
	}
	cookie, err := db.Keep(r.Context(), s.db, func(k *db.K) (string, error) {
		id, secret, err := s.signOuts.Start(r.Context(), k, req)
		return store.Cookie(id, secret), err
	})
	if err != nil {
		return err
	}
	id, _ := store.Split(cookie)
	signOutCookies.Set(w, r, id, cookie)
	return web.SeeOther(w, r, SignOutPath+id, "")
}

// SignOut is a sign-out that waits for the person's answer.
type SignOut struct {
	ClientName string // of the client that asks; empty if no client does
}

// LoadSignOut reads the sign-out that a browser was sent to confirm.
func (s *Sessions) LoadSignOut(r *http.Request, id string) (SignOut, error) {
	cookieID, secret := store.Split(signOutCookies.Get(r, id))
	if cookieID != id {
		return SignOut{}, fault.Expired
	}
	f, err := db.Read(r.Context(), s.db, func(dr db.R) (store.Flow[signOutRequest], error) {
		return s.signOuts.Load(r.Context(), dr, id, secret)
	})
	return SignOut{ClientName: f.State.ClientName}, err
}

// ConfirmSignOut ends the session of the browser and returns where the browser goes; empty for our own page.
func (s *Sessions) ConfirmSignOut(r *http.Request, who actor.Actor, id, cookie string) (to string, err error) {
	cookieID, secret := store.Split(signOutCookies.Get(r, id))
	if cookieID != id {
		return "", fault.Expired
	}
	f, err := db.Keep(r.Context(), s.db, func(k *db.K) (store.Flow[signOutRequest], error) {
		return s.signOuts.Take(r.Context(), k, id, secret)
	})
	if err != nil {
		return "", err
	}
	return f.State.To, s.EndCookie(r.Context(), who, cookie)
}
