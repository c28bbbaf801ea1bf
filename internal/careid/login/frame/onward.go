package frame

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Onward shows the page from which the browser goes on to a service with an answer.
func (f Frame) Onward(w http.ResponseWriter, r *http.Request, a provider.Answer) error {
	if a.Fields != nil {
		return f.formPost(w, r, a)
	}
	return f.GoTo(w, r, a.To)
}

// GoTo shows the page from which the browser goes on to a service's registered address by itself.
func (f Frame) GoTo(w http.ResponseWriter, r *http.Request, to string) error {
	l := f.Language(r)
	if f.Ready == nil || f.Banner.More != nil || string(templ.URL(to)) != to {
		return web.Show(w, r, http.StatusOK, f.goTo(l, to))
	}
	shown, err := f.Ready.page(l.Tag(), to, func() templ.Component { return f.goTo(l, placeholder) })
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, shown)
}

func (f Frame) goTo(l words.Language, to string) templ.Component {
	p := f.Page(l, l.Say("onward.title"))
	p.Onward = to
	return page.Onward(p, l.Say("onward.says"), l.Say("frame.continue"))
}

// Ready keeps the page that leads on to a service, in each language: every sign-in ends with it, and only the address
// differs.
type Ready struct{ parts sync.Map } // from a language's tag to the page, cut where the address stands

// placeholder stands for the address.
const placeholder = "https://onward.invalid/"

// page gives the page in a language with an address that needs no more than to be escaped.
func (y *Ready) page(tag, to string, render func() templ.Component) (templ.Component, error) {
	parts, rendered := y.parts.Load(tag)
	if !rendered {
		var whole strings.Builder
		if err := render().Render(context.Background(), &whole); err != nil {
			return nil, fmt.Errorf("render the page that leads on: %w", err)
		}
		parts = strings.Split(whole.String(), placeholder)
		y.parts.Store(tag, parts)
	}
	list, _ := parts.([]string) // nothing else is kept
	return templ.Raw(strings.Join(list, templ.EscapeString(to))), nil
}

// formPost shows the page from which the browser posts an answer to a service. Without JavaScript, people press its
// button.
func (f Frame) formPost(w http.ResponseWriter, r *http.Request, a provider.Answer) error {
	l := f.Language(r)
	web.FormLeadsAnywhere(w)
	shown := page.OnwardPost(f.Page(l, l.Say("onward.title")), l.Say("onward.says"), l.Say("frame.continue"), a.To,
		a.Fields)
	return web.Show(w, r, http.StatusOK, shown)
}
