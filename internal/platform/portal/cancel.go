package portal

import (
	"net/http"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// cancelForm is the button Cancel of a page that asks something.
var cancelForm = form.Form{Path: "/cancel", At: "/"}

// cancelled is said by the start page, once, to whoever cancelled.
const cancelled = "You cancelled. Nothing was changed."

// Cancel gives the button by which a page that asks something is left.
func (p *Portal[S, P]) Cancel(r *http.Request) *form.Rendered { return cancelForm.New(r) }

// cancel brings whoever cancelled home, here or at CIS2.
func (p *Portal[S, P]) cancel(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, "/", cancelled)
}
