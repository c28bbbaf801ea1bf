package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
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
