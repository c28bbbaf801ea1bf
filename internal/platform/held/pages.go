package held

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Path is the page on which held forms wait.
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
	dropForm = form.Form{Path: Path + "/drop", At: Path, Fields: []form.Field{form.Hidden(resent)}}
	stayForm = form.Form{Path: leftPath + "/stay"}
)

// Warning gives what a page needs to warn before the session ends.
func Warning(r *http.Request) page.Session {
	return page.Session{Left: leftPath, Stay: stayForm.New(r)}
}

// Mount adds the pages of held forms, and what the warning before the end of a session asks.
func (p Posts) Mount(s *web.Site, site Site) {
	s.Handle("GET "+Path, site.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
		return p.show(w, r, site)
	})
	dropForm.Handle(s, site.SignedIn, p.discard)
	s.Handle("GET "+leftPath, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return left(w, r, site)
	})
	s.HandlePost(stayForm.Path, "/", site.SignedIn, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusNoContent) // the guard noted the use
		return nil
	})
}

// discard drops the form that the request names.
func (p Posts) discard(w http.ResponseWriter, r *http.Request) error {
	subject := web.Actor(r).ID
	place, named := placeNamed(dropForm.Read(r).Value(resent))
	if !named {
		return web.SeeOther(w, r, Path, "")
	}
	if err := p.dropOne(w, r, subject, place); err != nil {
		return err
	}
	left, err := p.list(r, subject)
	if err != nil {
		return err
	}
	to := "/"
	if len(left) > 0 {
		to = Path
	}
	return web.SeeOther(w, r, to, "What you typed has been discarded.")
}

func (p Posts) show(w http.ResponseWriter, r *http.Request, site Site) error {
	subject := web.Actor(r).ID
	list, err := p.list(r, subject)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return web.SeeOther(w, r, "/", "")
	}
	var v heldView
	for _, sent := range list {
		v.Forms = append(v.Forms, p.viewOf(r, sent))
	}
	title := v.Forms[0].Cause.Title
	if len(list) > 1 {
		title = fmt.Sprintf("%d forms that you sent are kept", len(list))
	}
	v.Page = site.Page(w, r, title)
	return web.Show(w, r, http.StatusOK, heldPage(v))
}

// viewOf shows one of the forms.
func (p Posts) viewOf(r *http.Request, sent placed) formView {
	f := p.declared(sent.Form)
	act := f.Pressed(sent.Fields)
	return formView{
		Cause: cmp.Or(sent.Cause, LoggedOut), // the release before kept none
		Name:  cmp.Or(sent.About, f.Page), Act: cmp.Or(act, "Send it now"),
		Rows: sent.rows(f, act), Again: sent.again(r, f),
		Drop: dropForm.New(r).Set(resent, strconv.Itoa(sent.place)),
	}
}

// resent is the field by which a held form that is sent once more, or discarded, is known: it names its place.
const resent = "held"

// rows say what would be sent: the page, what its button does, whom it concerns, and what was typed and chosen.
func (f placed) rows(declared form.Form, act string) []nhsuk.SummaryListRow {
	var rows []nhsuk.SummaryListRow
	for _, row := range []nhsuk.SummaryListRow{
		{Key: "Page", Value: declared.Page},
		{Key: "What you were doing", Value: act},
		{Key: "For", Value: f.About},
	} {
		if row.Value != "" {
			rows = append(rows, row)
		}
	}
	return append(rows, declared.Shown(f.Fields)...)
}

// again is a form that sends once more what the page shows.
func (f placed) again(r *http.Request, declared form.Form) *form.Rendered {
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
	return filled.Set(resent, strconv.Itoa(f.place))
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
