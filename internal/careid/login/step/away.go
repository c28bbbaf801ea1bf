package step

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// Some methods send the browser to another address, which sends it back to the page of the step with an answer. That
// page sends the answer on in a form: coming back changes nothing.

// Away shows the page from which the browser goes on to another address, with what going and says name.
func Away(w http.ResponseWriter, r *http.Request, f frame.Frame, l words.Language, address, going, says string) error {
	p := f.Page(l, going)
	p.Onward = address
	return web.Show(w, r, http.StatusOK, page.Onward(p, says, l.Say("frame.continue")))
}

// Brought gives the answer that a request for a page brings in a parameter; empty if it brings none.
func Brought(r *http.Request, parameter string) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return r.URL.Query().Get(parameter)
}

// SendOn fills an answer into a field of a form, and has the form send itself.
func SendOn(shown *form.Rendered, field, answer string) *form.Rendered {
	shown.Set(field, answer)
	shown.Attributes = templ.Attributes{"data-onward": true}
	return shown
}
