// Package entry is where people come in to Care Identity Management and go out again. They come in
// through CIS2, as at any service.
package entry

import (
	"context"
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/once"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// The kinds of events that this package records.
const (
	eventNotIn          audit.Kind = "cim.not-in"
	eventIn             audit.Kind = "cim.in"
	eventOut            audit.Kind = "cim.out"
	eventLogoutReplayed audit.Kind = "cim.logout-replayed"
	eventProviderLogout audit.Kind = "cim.provider-logout"
)

// Entry is the pages.
type Entry struct{ frame *frame.Frame }

const (
	pendingCookie  = "cim-sign-in"
	pendingSeconds = 15 * 60
)

// pendings are sign-ins at CIS2 that were started here, bound to the browser and taken once.
var pendings = session.Flows[relying.Pending]{Name: "cim.sign-in", Life: pendingSeconds * time.Second}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	e := &Entry{frame: f}
	s.Handle("GET /{$}", f.Perhaps(), e.front)
	s.Handle("POST /sign-in", web.Anyone, e.start)
	s.Handle("GET /signin/callback", web.Anyone, e.callback)
	s.Handle("POST /sign-out", f.SignedIn(), e.signOut)
	s.Handle("GET /signed-out", web.Anyone, e.signedOut)
	s.Handle("GET /apply", f.Perhaps(), e.apply)
	s.HandleCalls("POST /backchannel-logout", web.Anyone, e.providerLogout)
	s.Handle("GET /.well-known/jwks.json", web.Anyone, e.keys)
}

func (e *Entry) front(w http.ResponseWriter, r *http.Request) error {
	v := frontView{Page: e.frame.Page(w, r, ""), SignedOut: r.URL.Query().Has("signed-out"), Kept: held.Kept(r)}
	if c := frame.Who(r); c != nil {
		v.Name, v.SignedOut, v.Kept = c.Identity.DisplayName(), false, false
	}
	e.frame.LeadToSignIn(w)
	return web.Show(w, r, http.StatusOK, frontPage(v))
}

func (e *Entry) start(w http.ResponseWriter, r *http.Request) error {
	to, asked, err := e.frame.Relying.Start(r.Context(), relying.Ask{})
	if err != nil {
		return err
	}
	err = e.frame.DB.Keep(r.Context(), func(k *db.K) error {
		id, secret, err := pendings.Start(r.Context(), k, asked)
		web.SetCookie(w, pendingCookie, session.Cookie(id, secret), pendingSeconds)
		return err
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

var errNotStarted = fault.SayCure(fault.Expired, "This sign-in was not started in this browser, or has been used already.", "Start again from the sign-in page.")

// callback is where CIS2 sends the browser back to; it ends at an address without a code in it.
func (e *Entry) callback(w http.ResponseWriter, r *http.Request) error {
	id, secret := session.Split(web.Cookie(r, pendingCookie))
	web.ClearCookie(w, pendingCookie)
	var asked relying.Pending
	err := e.frame.DB.Keep(r.Context(), func(k *db.K) error {
		flow, err := pendings.Take(r.Context(), k, id, secret)
		asked = flow.State
		return err
	})
	if errors.Is(err, fault.Expired) {
		return errNotStarted
	}
	if err != nil {
		return err
	}
	person, err := e.frame.Relying.Redeem(r.Context(), asked, r.URL.Query())
	if err != nil {
		return err
	}
	cookie, err := e.begin(r.Context(), web.Actor(r), person, frame.Cookie(r))
	if err != nil {
		return err
	}
	frame.SignIn(w, cookie)
	return web.SeeOther(w, r, held.Onward(r, "/view-your-profile"), "")
}

// begin signs somebody in whom CIS2 vouches for, if theirs is an active care identity of ours. The
// session that the browser had before is over.
func (e *Entry) begin(ctx context.Context, who actor.Actor, p cis2.Person, before string) (cookie string, err error) {
	who.Kind, who.ID, who.Name = actor.Person, p.Subject, p.Name
	err = e.frame.DB.Update(ctx, who, func(w *db.W) error {
		i, err := identity.ByUUID(ctx, w, p.Subject)
		if errors.Is(err, fault.NotFound) || err == nil && i.Status != identity.Active {
			return w.Refuse(ctx, audit.Event{Kind: eventNotIn, Subject: identity.Ref(p.Subject)},
				fault.SayCure(fault.Forbidden, "Your Care Identity is not active here.", "Contact your registration authority."))
		}
		if err != nil {
			return err
		}
		if err := endBefore(ctx, w, before); err != nil {
			return err
		}
		cookie, err = frame.Sessions.Begin(ctx, w, session.New[frame.State]{Subject: i.UUID, SID: p.SID, State: frame.State{Role: p.SelectedRoleID}})
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventIn, Subject: identity.Ref(i.UUID)})
	})
	return cookie, err
}

// endBefore ends the session that a cookie stands for, if it does.
func endBefore(ctx context.Context, w *db.W, cookie string) error {
	s, err := frame.Sessions.Find(ctx, w, cookie)
	if errors.Is(err, fault.Unauthenticated) {
		return nil
	}
	if err == nil {
		_, err = frame.Sessions.End(ctx, w, s.ID)
	}
	return err
}

func (e *Entry) signOut(w http.ResponseWriter, r *http.Request) error {
	c := frame.Who(r)
	err := e.frame.DB.Update(r.Context(), web.Actor(r), func(u *db.W) error {
		if _, err := frame.Sessions.End(r.Context(), u, c.Session.ID); err != nil {
			return err
		}
		return u.Record(r.Context(), audit.Event{Kind: eventOut, Subject: identity.Ref(c.Identity.UUID)})
	})
	if err != nil {
		return err
	}
	frame.SignOut(w)
	return web.SeeOther(w, r, "/signed-out", "")
}

func (e *Entry) signedOut(w http.ResponseWriter, r *http.Request) error {
	v := noticeView{Page: e.frame.Page(w, r, "You are signed out"), Paragraphs: []string{
		"You are signed out of Care Identity Management.",
		"Your Care Identity may still be signed in to other services on this computer. On a shared computer, sign out of it too.",
	}}
	v.Links = append(v.Links, page.Link{Text: "Sign in again", Href: "/"})
	if to, err := e.frame.Relying.LogoutURL(r.Context(), "", ""); err == nil {
		v.Links = append(v.Links, page.Link{Text: "Sign out of my Care Identity", Href: to})
	}
	return web.Show(w, r, http.StatusOK, noticePage(v))
}

func (e *Entry) apply(w http.ResponseWriter, r *http.Request) error {
	v := noticeView{Page: e.frame.Page(w, r, "Obtain a Care Identity"), Paragraphs: []string{
		"You need a Care Identity to use services that hold information about patients. Your registration authority makes it: they meet you, or they invite you to apply online.",
		"Have these ready:",
	}, Bullets: []string{
		"a photo identity document, such as a passport or driving licence",
		"proof of your address",
		"your National Insurance number",
		"your own work email address and a phone",
	}, Links: []page.Link{{Text: "Find your registration authority", Href: "/find-your-ra"}}}
	return web.Show(w, r, http.StatusOK, noticePage(v))
}

var errReplayed = fault.Say(fault.Invalid, "This logout token has been used.")

// providerLogout is told by CIS2 that a sign-in has ended there (OpenID Connect Back-Channel Logout 1.0).
func (e *Entry) providerLogout(w http.ResponseWriter, r *http.Request) error {
	claims, err := e.frame.Relying.VerifyLogout(r.Context(), r.PostFormValue("logout_token"))
	if err == nil {
		err = e.endSessions(r.Context(), claims)
	}
	if f, known := fault.From(err); known && f.Code == fault.Invalid {
		return web.JSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": f.Says})
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (e *Entry) endSessions(ctx context.Context, claims relying.LogoutClaims) error {
	who := actor.Actor{Kind: actor.Machine, ID: claims.Issuer, Request: web.RequestID(ctx)}
	return e.frame.DB.Update(ctx, who, func(w *db.W) error {
		err := claims.Token.Use(ctx, w)
		if errors.Is(err, once.ErrUsed) {
			return w.Refuse(ctx, audit.Event{Kind: eventLogoutReplayed}, errReplayed)
		}
		if err != nil {
			return err
		}
		n, err := frame.Sessions.EndSID(ctx, w, claims.SID, claims.Until)
		if claims.SID == "" {
			n, err = frame.Sessions.EndEarlier(ctx, w, claims.Subject, claims.Until)
		}
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventProviderLogout, Subject: audit.Ref{Kind: "sid", ID: claims.SID}, After: map[string]int64{"sessions": n}})
	})
}

func (e *Entry) keys(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, e.frame.Relying.JWKS())
}
