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

// signOutRequest is a service's request to sign somebody out.
type signOutRequest struct {
	ClientID   string  `json:"client_id,omitempty"`
	ClientName string  `json:"client_name,omitempty"`
	SID        string  `json:"sid,omitempty"` // the session that the service's ID token names
	To         string  `json:"to,omitempty"`  // where the browser goes afterwards; empty for our own page
	Stays      Problem `json:"stays,omitempty"`
}

// Problem is the reason why a browser does not go back to the service after a sign-out.
type Problem string

// The problems.
const (
	HintUnusable Problem = "hint"    // the ID token is not one that we gave to this client
	HintMissing  Problem = "none"    // nothing proves which service asks
	NotHere      Problem = "address" // the address is not registered for the client
)

// readSignOut reads a sign-out request. Whatever is wrong with it, the person can still sign out; the browser goes back
// only to an address that is registered for the client of the ID token (RP-Initiated Logout 1.0 §2, §4).
func (s *Sessions) readSignOut(ctx context.Context, r *http.Request) (signOutRequest, error) {
	q, err := request.Parameters(r)
	if err != nil {
		return signOutRequest{Stays: HintUnusable}, nil //nolint:nilerr // the person is asked, and stays here
	}
	to := q.Get("post_logout_redirect_uri")
	if !q.Has("id_token_hint") {
		stays := HintMissing
		if to == "" {
			stays = ""
		}
		return signOutRequest{Stays: stays}, nil
	}
	c, sid, err := s.askingClient(ctx, q)
	if errors.Is(err, errHint) {
		return signOutRequest{Stays: HintUnusable}, nil
	}
	if err != nil {
		return signOutRequest{}, err
	}
	req := signOutRequest{ClientID: c.ID, ClientName: c.Name, SID: sid}
	switch {
	case to == "":
	case !slices.Contains(c.PostLogoutURIs, to):
		req.Stays = NotHere
	case q.Get("state") != "":
		req.To = request.WithQuery(to, url.Values{"state": {q.Get("state")}})
	default:
		req.To = to
	}
	return req, nil
}

var errHint = errors.New("it is not an ID token that this client was given")

// askingClient returns the client that the ID token was given to, and the session that the token names. The token may
// have expired.
func (s *Sessions) askingClient(ctx context.Context, q url.Values) (c client.Client, sid string, err error) {
	token, sid, err := s.requests.Hint(ctx, q.Get("id_token_hint"))
	if err != nil {
		return c, "", errors.Join(err, errHint)
	}
	id := token.Audience.Names[0]
	if clientID := q.Get("client_id"); clientID != "" && clientID != id {
		return c, "", errHint
	}
	c, err = client.FindActive(ctx, s.db, id)
	if errors.Is(err, fault.NotFound) || errors.Is(err, client.ErrSuspended) {
		return c, "", errors.Join(err, errHint)
	}
	return c, sid, err
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
	cookie, err := s.signOuts.Begin(r.Context(), s.db, &s.crowd, web.Address(r), req)
	if err != nil {
		return err
	}
	id, _ := store.Split(cookie)
	signOutCookies.Set(w, r, id, cookie)
	return web.SeeOther(w, r, SignOutPath+id, "")
}

// SignOut is a sign-out that waits for the person's answer.
type SignOut struct {
	ClientName string  // of the client that asks; empty if no client does
	Stays      Problem // why the browser does not go back to the service; empty if it does, or was not asked to
	Asks       bool    // the person is asked first
}

// LoadSignOut reads the sign-out that a browser was sent to confirm. The person is not asked if nobody is signed in,
// or if the service proves by its ID token that it asks for the session of this browser.
func (s *Sessions) LoadSignOut(r *http.Request, id, cookie string) (SignOut, error) {
	cookieID, secret := store.Split(signOutCookies.Get(r, id))
	if cookieID != id {
		return SignOut{}, fault.Expired
	}
	return db.Read(r.Context(), s.db, func(dr db.R) (SignOut, error) {
		f, err := s.signOuts.Load(r.Context(), dr, id, secret)
		if err != nil {
			return SignOut{}, err
		}
		waiting := SignOut{ClientName: f.State.ClientName, Stays: f.State.Stays}
		live, err := s.FindIn(r.Context(), dr, cookie)
		if errors.Is(err, fault.Unauthenticated) {
			return waiting, nil
		}
		waiting.Asks = f.State.SID == "" || f.State.SID != live.SID || f.State.Stays != ""
		return waiting, err
	})
}

// ConfirmSignOut ends the session of the browser and returns where the browser goes; empty for our own page. A second
// answer, such as that of a double click, ends it too and goes to our own page.
func (s *Sessions) ConfirmSignOut(r *http.Request, by actor.Actor, id, cookie string) (to string, err error) {
	cookieID, secret := store.Split(signOutCookies.Get(r, id))
	if cookieID != id {
		return "", fault.Expired
	}
	f, err := db.Keep(r.Context(), s.db, func(k *db.K) (store.Flow[signOutRequest], error) {
		return s.signOuts.Take(r.Context(), k, id, secret)
	})
	if err != nil && !errors.Is(err, fault.Expired) {
		return "", err
	}
	return f.State.To, s.EndCookie(r.Context(), by, cookie)
}
