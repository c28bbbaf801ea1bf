package held

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Path is the page on which a held form waits.
const Path = "/held"

// Site holds what these pages need of the site they belong to.
type Site struct {
	SignedIn web.Guard
	Page     func(w http.ResponseWriter, r *http.Request, title string) page.Params
	// Left is how long the browser's session still holds, and whether use could not prolong it. Asking is
	// no use of the session.
	Left func(r *http.Request) (left time.Duration, final bool, err error)
}

const leftPath = "/session"

var (
	dropForm = form.Form{Path: Path + "/drop"}
	stayForm = form.Form{Path: leftPath + "/stay"}
)

// Warning gives what a page needs to warn before the session ends.
func Warning(r *http.Request) page.Session {
	return page.Session{Left: leftPath, Stay: stayForm.New(r)}
}

// Mount adds the pages of a held form, and what the warning before the end of a session asks.
func (p Posts) Mount(s *web.Site, site Site) {
	s.Handle("GET "+Path, site.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		return p.show(w, r, site)
	})
	s.HandlePost(dropForm.Path, Path, site.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		if err := p.Drop(w, r, web.Actor(r).ID); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/", "What you typed has been discarded.")
	})
	s.Handle("GET "+leftPath, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return left(w, r, site)
	})
	s.HandlePost(stayForm.Path, "/", site.SignedIn, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusNoContent) // the guard noted the use
		return nil
	})
}

func (p Posts) show(w http.ResponseWriter, r *http.Request, site Site) error {
	subject := web.Actor(r).ID
	sent, err := p.Find(r, subject)
	if errors.Is(err, fault.NotFound) {
		web.ClearCookie(w, p.cookie(subject))
		return web.SeeOther(w, r, "/", "")
	}
	if err != nil {
		return err
	}
	f := p.declared(sent)
	because := cmp.Or(sent.Cause, LoggedOut) // the release before kept none
	return web.Show(w, r, http.StatusOK, heldPage(heldView{
		Page: site.Page(w, r, because.Title), Cause: because,
		Rows: sent.rows(f), Again: sent.again(r, f), Drop: dropForm.New(r),
	}))
}

// resent is the field by which a held form that is sent once more is known.
const resent = "held"

// rows say what would be sent: the page, what its button does, whom it concerns, and what was typed and chosen.
func (f Form) rows(declared form.Form) []nhsuk.SummaryListRow {
	var rows []nhsuk.SummaryListRow
	for _, row := range []nhsuk.SummaryListRow{
		{Key: "Page", Value: declared.Page},
		{Key: "What you were doing", Value: declared.Act},
		{Key: "For", Value: f.About},
	} {
		if row.Value != "" {
			rows = append(rows, row)
		}
	}
	return append(rows, declared.Shown(f.Fields)...)
}

// again is a form that sends once more what the page shows.
func (f Form) again(r *http.Request, declared form.Form) *form.Rendered {
	again := form.Form{Path: f.Path}
	for _, name := range declared.Names() {
		if _, sent := f.Fields[name]; sent && !declared.Hides(name) {
			again.Fields = append(again.Fields, form.Hidden(name))
		}
	}
	again.Fields = append(again.Fields, form.Hidden(resent))
	filled := again.New(r).About(f.About)
	for _, name := range again.Names() {
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
