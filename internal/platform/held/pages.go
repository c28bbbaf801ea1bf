package held

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Path is the page on which a held form waits.
const Path = "/held"

// Site is what these pages need of the site they belong to.
type Site struct {
	SignedIn web.Guard
	Subject  func(r *http.Request) string // who is signed in, past the guard
	Page     func(w http.ResponseWriter, r *http.Request, title string) page.Params
	// Left is how long the browser's session still holds, and whether use could not prolong it. Asking is
	// no use of the session.
	Left func(r *http.Request) (left time.Duration, final bool, err error)
}

// Warning is what a page needs to warn before the session ends.
var Warning = page.Session{Left: "/session", Stay: "/session/stay"}

// Mount adds the pages of a held form, and what the warning before the end of a session asks.
func (p Posts) Mount(s *web.Site, site Site) {
	s.Handle("GET "+Path, site.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		return p.show(w, r, site)
	})
	s.Handle("POST "+dropForm.Path, site.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		if err := p.Drop(w, r); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/", "What you typed has been discarded.")
	})
	s.Handle("GET "+Warning.Left, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return left(w, r, site)
	})
	s.Handle("POST "+Warning.Stay, site.SignedIn, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusNoContent) // the guard noted the use
		return nil
	})
}

func (p Posts) show(w http.ResponseWriter, r *http.Request, site Site) error {
	sent, err := p.Find(r, site.Subject(r))
	if errors.Is(err, fault.NotFound) {
		web.ClearCookie(w, heldCookie)
		return web.SeeOther(w, r, "/", "")
	}
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, heldPage(heldView{
		Page:  site.Page(w, r, "You were logged out while you were working"),
		Typed: p.typed(sent.Path, sent.Fields), Again: sent.again(r), Drop: dropForm.New(r),
	}))
}

var dropForm = form.Form{Path: Path + "/drop"}

// resent is the field by which a held form that is sent once more is known.
const resent = "held"

// again is a form that sends what was held once more, without showing it.
func (f Form) again(r *http.Request) *form.Rendered {
	again := form.Form{Path: f.Path}
	names := slices.Sorted(maps.Keys(f.Fields))
	for _, name := range append(names, resent) {
		again.Fields = append(again.Fields, form.Hidden(name))
	}
	filled := again.New(r)
	for _, name := range names {
		filled.Set(name, f.Fields[name]...)
	}
	return filled.Set(resent, "yes")
}

// remaining is the answer to how long is left.
type remaining struct {
	Seconds int  `json:"seconds"` // 0 where nobody is signed in
	Final   bool `json:"final"`   // use cannot prolong it
}

func left(w http.ResponseWriter, r *http.Request, site Site) error {
	d, final, err := site.Left(r)
	if errors.Is(err, fault.Unauthenticated) {
		return web.JSON(w, http.StatusOK, remaining{})
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, remaining{Seconds: max(0, int(d/time.Second)), Final: final})
}
