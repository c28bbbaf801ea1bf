package entry

import (
	"net/http"
	"net/url"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

type overView struct {
	words.Language
	Page    page.Params
	Says    string
	Service string
	Link    page.Link // on from here; none to an app
}

// showOver says that the sign-in went on already, and leads to where.
func (p *Pages) showOver(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	l := p.Frame.Language(r)
	service := f.State.Request.ClientName
	v := overView{Language: l, Page: p.Frame.Page(l, l.Say("gone_on.title")), Service: service}
	if f.State.Finished {
		v.Says = l.Say("gone_on.told", "service", page.Apart(service))
		v.Link.Text = l.Say("gone_on.service", "service", service)
		v.Link.Href = homeOf(f.State.Request.RedirectURI)
	} else {
		v.Says = l.Say("gone_on.left")
		v.Link = page.Link{Text: l.Say("frame.continue"), Href: step.PathOf(f)}
	}
	return web.Show(w, r, http.StatusGone, overPage(v))
}

// homeOf gives the start page of a service from its registered address; empty for an app that has none.
func homeOf(registered string) string {
	u, err := url.Parse(registered)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}
