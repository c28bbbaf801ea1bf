// Package linking serves the pages of the ceremony that links an account to a Care Identity.
package linking

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"signpost/internal/dos/account"
	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Linking serves the pages.
type Linking struct {
	frame  *frame.Frame
	linker *ceremony.Linker
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	l := &Linking{frame: f, linker: f.Linker}
	s.Handle("GET /link", f.SignedIn(), l.start)
	s.Handle("GET /link/names", f.MaybeSignedIn(), l.names)
	f.HandleForm(s, namesForm, f.MaybeSignedIn(), l.acceptNames)
	f.HandleForm(s, anotherForm, f.MaybeSignedIn(), l.another)
	code := l.mailedCode()
	s.Handle("GET /link/confirm", f.MaybeSignedIn(), code.Ask)
	f.HandleForm(s, confirmForm, f.MaybeSignedIn(), code.Answer)
	f.Seconds[confirmForm.Path] = l.again
	s.Handle("GET "+linkedPath, web.Once(f.MaybeSignedIn()), l.linked)
	s.Handle("GET "+heldPath, f.MaybeSignedIn(), l.held)
	l.mountUndo(s)
	l.mountSetUp(s)
}

const linkedPath = "/linked"

// confirmForm links the account, with the code that was mailed where one is needed.
var confirmForm = form.Form{Path: "/link/confirm", Fields: codeform.Fields()}

// start warns the user before anything happens. It sends away shared accounts, and accounts whose wave has not
// reached the phase of linking.
func (l *Linking) start(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	if user.Account.Kind == account.Shared {
		return web.SeeOther(w, r, "/request-account?shared=1", "")
	}
	if user.Session.State.How != signin.ByPassword {
		return web.SeeOther(w, r, frame.AccountPage, "")
	}
	current, err := db.Read(r.Context(), l.linker.DB, func(read db.R) (wave.Wave, error) {
		return wave.Of(r.Context(), read, user.Account.ID)
	})
	if err != nil {
		return err
	}
	if current.Phase == path.Prepare {
		return frame.SeeLinkRefused(w, r, ceremony.TooEarly)
	}
	v := startView{
		Page: l.frame.Page(w, r, "Link your Care Identity"), Form: frame.LogInForm.New(r),
		Username: user.Account.Username,
	}
	v.Page.BackHref = "/"
	v.Waits, err = db.Read(r.Context(), l.linker.DB, func(read db.R) (frame.WaitingLink, error) {
		return frame.WaitingLinkOf(r.Context(), read, user.Account)
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, startPage(v))
}

// mailedCode makes the page on which the link is confirmed, with the code that was mailed where one is needed.
func (l *Linking) mailedCode() codeform.Page {
	return codeform.Page{Form: confirmForm, Show: l.ask, Fail: notLinked,
		SendAgain: func(r *http.Request) error {
			return l.linker.SendCodeAgain(r.Context(), web.Actor(r), web.Cookie(r, frame.CeremonyCookie))
		},
		Use: func(r *http.Request, code string) error {
			_, err := l.linker.Link(r.Context(), web.Actor(r), web.Cookie(r, frame.CeremonyCookie), code)
			return err
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			l.frame.ClearCookie(w, r) // the ceremony's stays: the page after this says what it linked
			return web.SeeOnce(w, r, linkedPath)
		},
	}
}

func (l *Linking) ask(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	c, err := l.linker.FindCeremony(r.Context(), web.Cookie(r, frame.CeremonyCookie))
	if err != nil {
		return problem(w, r, err)
	}
	if c.NamesAsked() {
		return web.SeeOther(w, r, namesForm.Path, "")
	}
	v, err := db.Read(r.Context(), l.linker.DB, func(read db.R) (confirmView, error) {
		return confirmViewOf(r.Context(), read, c)
	})
	if err != nil {
		return err
	}
	v.Page = l.frame.Page(w, r, "Link your account to your Care Identity")
	v.Form = typed
	v.Cancel = l.frame.Cancel(r)
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, confirmPage(v))
}

// confirmViewOf shows the account and the Care Identity of a ceremony.
func confirmViewOf(ctx context.Context, read db.R, c ceremony.Ceremony) (confirmView, error) {
	a, err := account.ByID(ctx, read, c.AccountID)
	if err != nil {
		return confirmView{}, err
	}
	newAddresses, err := mailcode.Awaited(ctx, read, account.ForEmail, account.Ref(a.ID)) // of changes in progress
	return confirmView{
		Dropped:  strings.Join(newAddresses, " and to "),
		Username: a.Username,
		Account:  a.Name(),
		Email:    a.Email,
		Name:     c.Name,
		Subject:  c.Subject,
		TheirsAt: cmp.Or(c.Email, "None given"),
		CodeTo:   c.CodeTo,
		Password: a.PasswordHash != "",
	}, err
}

// notLinked answers with the page that says what keeps the two from being linked.
func notLinked(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, ceremony.ErrNames) {
		return web.SeeOther(w, r, namesForm.Path, "")
	}
	if reason, refused := ceremony.RefusalOf(err); refused && reason != ceremony.HeldBack {
		web.ClearCookie(w, frame.CeremonyCookie)
		return frame.SeeLinkRefused(w, r, reason)
	}
	return problem(w, r, err)
}

// problem answers a request that came second with the page that the first was answered with, and a page that was asked
// for where nothing was begun with the first page of all.
func problem(w http.ResponseWriter, r *http.Request, err error) error {
	reason, _ := ceremony.RefusalOf(err)
	switch {
	case errors.Is(err, ceremony.ErrFinished):
		return web.SeeOnce(w, r, linkedPath)
	case reason == ceremony.HeldBack:
		return web.SeeOther(w, r, heldPath, "") // they may look again whether somebody has decided
	case errors.Is(err, fault.Expired) && r.Method == http.MethodGet && web.Cookie(r, frame.CeremonyCookie) == "":
		return web.SeeOther(w, r, "/", "")
	}
	return err
}

// again answers a second click on the form that links: the first one ended the session.
func (l *Linking) again(w http.ResponseWriter, r *http.Request, _ web.Author) (bool, error) {
	_, err := l.linker.FindCeremony(r.Context(), web.Cookie(r, frame.CeremonyCookie))
	if errors.Is(err, ceremony.ErrFinished) {
		return true, problem(w, r, err)
	}
	return false, nil
}

// linked says which account and which Care Identity were linked on this browser.
func (l *Linking) linked(w http.ResponseWriter, r *http.Request) error {
	done, err := l.linker.Linked(r.Context(), web.Cookie(r, frame.CeremonyCookie))
	if err != nil && !errors.Is(err, fault.Expired) {
		return err
	}
	v := linkedView{
		Page: l.frame.Page(w, r, "Your account is linked"), Form: frame.LogInForm.New(r),
		Username: done.Account.Username, Account: done.Account.Name(),
		CareIdentity: done.CareIdentity, Digits: done.Digits,
	}
	web.ClearCookie(w, frame.CeremonyCookie)
	return web.Show(w, r, http.StatusOK, linkedPage(v))
}
