package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// hint is the ID token of the newest sign-in at CIS2 on a browser, sealed. By it CIS2 knows the session that is to end,
// and need not ask the person once more.
type hint struct {
	Sealed []byte `json:"sealed"`
}

func (p *Portal[S, P]) hints() session.Flows[hint] {
	return session.Flows[hint]{Name: p.Name + ".id-token", Life: p.Sessions.Max}
}

func (p *Portal[S, P]) hintCookie() string { return p.Name + "-cis2" }

func (p *Portal[S, P]) hintContext() string { return p.Name + "/id-token" }

// hasHint reports whether somebody signed in at CIS2 on the browser for this site, and has not logged out there since
// from here.
func (p *Portal[S, P]) hasHint(r *http.Request) bool { return web.Cookie(r, p.hintCookie()) != "" }

// keepHint keeps an ID token for the browser, in place of one of before.
func (p *Portal[S, P]) keepHint(w http.ResponseWriter, r *http.Request, idToken string) error {
	row := hint{Sealed: p.Box.Seal([]byte(idToken), p.hintContext())}
	cookie, err := db.Keep(r.Context(), p.DB, func(k *db.K) (string, error) {
		if _, err := p.takeHint(r.Context(), k, r); err != nil {
			return "", err
		}
		id, secret, err := p.hints().Start(r.Context(), k, row)
		return session.Cookie(id, secret), err
	})
	if err != nil {
		return fmt.Errorf("keep ID token: %w", err)
	}
	web.SetCookie(w, p.hintCookie(), cookie, 0)
	return nil
}

// dropHint gives the ID token that is kept for the browser, still sealed, and forgets it. It is empty if there is none.
func (p *Portal[S, P]) dropHint(w http.ResponseWriter, r *http.Request) (hint, error) {
	web.ClearCookie(w, p.hintCookie())
	return db.Keep(r.Context(), p.DB, func(k *db.K) (hint, error) { return p.takeHint(r.Context(), k, r) })
}

// openHint gives the ID token.
func (p *Portal[S, P]) openHint(row hint) (string, error) {
	if len(row.Sealed) == 0 {
		return "", nil
	}
	idToken, err := p.Box.Open(row.Sealed, p.hintContext())
	return string(idToken), err
}

// takeHint deletes the row that the browser's cookie names, if there is one, and gives what was in it.
func (p *Portal[S, P]) takeHint(ctx context.Context, k *db.K, r *http.Request) (hint, error) {
	id, secret := session.Split(web.Cookie(r, p.hintCookie()))
	f, err := p.hints().Take(ctx, k, id, secret)
	if errors.Is(err, fault.Expired) {
		return hint{}, nil
	}
	return f.State, err
}

// restForm logs whoever logged out only of the site out of everything after all. Its seal has their name.
var restForm = form.Form{Path: "/sign-out/everything", At: "/"}

// scopeOfAll says what somebody logs out of who logs out of everything.
func (p *Portal[S, P]) scopeOfAll(r *http.Request) scope {
	if _, _, err := p.CIS2.LogoutForm(r.Context(), "", ""); err != nil {
		return fromUnanswered
	}
	return fromAll
}

// signOutOfRest sends the browser to CIS2 after a logout of the site alone. A second click comes when the ID token is
// gone already, and goes where the first one went.
func (p *Portal[S, P]) signOutOfRest(w http.ResponseWriter, r *http.Request) error {
	if !p.hasHint(r) {
		return web.Redirect{To: "/"} // somebody has logged out there from here since
	}
	author, err := web.SealedFor(r)
	if err != nil {
		return err
	}
	fresh := departure{Name: author.About, Scope: p.scopeOfAll(r), State: random.Secret()}
	key := web.Cookie(r, p.hintCookie())
	id, secret := p.departureOf(key)
	gone, err := db.Keep(r.Context(), p.DB, func(k *db.K) (departure, error) {
		kept, err := p.takeHint(r.Context(), k, r)
		if err != nil {
			return departure{}, err
		}
		first, err := p.departures().Load(r.Context(), k, id, secret)
		if !errors.Is(err, fault.Expired) {
			return first.State, err
		}
		one := fresh
		one.Hint = kept
		return one, p.departures().Replace(r.Context(), k, id, secret, one)
	})
	if err != nil {
		return err
	}
	web.ClearCookie(w, p.hintCookie())
	return p.depart(w, r, key, gone)
}
