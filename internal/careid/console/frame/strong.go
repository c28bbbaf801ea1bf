package frame

import (
	"context"
	"net/http"
	"net/url"

	"signpost/internal/careid/registration/usable"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/held"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// StrongerPath is where those who are logged in at AAL2 are led to log in at AAL3, for what they do for a registration
// authority.
const StrongerPath = "/log-in-stronger"

type strongKey struct{}

// strongly lets those through who are logged in at AAL3, or need not be. It leads the others to where they log in so;
// what they sent waits for them.
func (f *Frame) strongly(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	if authn.Level(User(r).Session.State.Level) >= authn.AAL3 {
		return r.WithContext(context.WithValue(r.Context(), strongKey{}, true)), nil
	}
	if !User(r).Officers.Rules.AlwaysAAL3 {
		can, err := f.CanBeStrong(r)
		if err != nil || !can {
			return r, err
		}
	}
	back := r.URL.RequestURI()
	if r.Method == http.MethodPost {
		if _, err := f.Held.Hold(w, r, held.ForProof); err != nil {
			return nil, err
		}
		back = f.Held.PageOf(r)
	}
	return nil, web.Redirect{To: StrongerPath + "?" + url.Values{"back": {back}}.Encode()}
}

// CanBeStrong reports whether the user has an authenticator by which they can log in at AAL3.
func (f *Frame) CanBeStrong(r *http.Request) (bool, error) {
	return db.Read(r.Context(), f.DB, func(read db.R) (bool, error) {
		return usable.AtAAL3(r.Context(), read, User(r).Identity)
	})
}

// LogInStronger sends the browser of the user to CIS2, where they prove themselves at AAL3 now, and back to a page.
func (f *Frame) LogInStronger(w http.ResponseWriter, r *http.Request, back string) error {
	user := User(r)
	ask := portal.ProveNow(portal.ActProve, user.Session.Subject, user.Session.ID)
	ask.ACR = []string{authn.AAL3Any.Name()}
	if web.Local(back) {
		ask.Back = back
	}
	return f.Start(w, r, ask)
}

// SignedInToAct lets signed-in users through. Those who have a job at a registration authority have to be logged in as
// strongly as for all that they do for it.
func (f *Frame) SignedInToAct() web.Guard {
	in := f.SignedIn()
	return web.Guard{Name: in.Name, Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		r, err := in.Check(w, r)
		if err != nil || len(User(r).Officers.Jobs) == 0 {
			return r, err
		}
		return f.strongly(w, r)
	}}
}

// Freshly lets only somebody answer a form who proved who they are in the last 5 minutes; for what is done for a
// registration authority as strongly as they are logged in for it.
func (f *Frame) Freshly(sent form.Form, h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case f.Fresh(r):
			return h(w, r)
		case r.Context().Value(strongKey{}) != nil:
			return f.ProveFirst(w, r, sent.StandsAt(r), authn.AAL3Any.Name())
		}
		return f.ProveFirst(w, r, sent.StandsAt(r))
	}
}
