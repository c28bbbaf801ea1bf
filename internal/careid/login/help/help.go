// Package help serves the pages that say how each kind of authenticator is used, what to do when it is lost and what it
// needs, to anybody, without a login. What a kind needs is said as its declaration has it.
//
// Its pictures are of the login pages as they are. A journey makes them, with the words of each page beside, and fails
// where a page does not have those words any more.
package help

import (
	"bytes"
	"embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Pages serves the pages.
type Pages struct {
	Frame frame.Frame
	Kinds []authn.Kind // that can be used here

	Management string // the address of Care Identity Management; empty where it is not known
}

//go:embed pictures/*.jpg
var pictures embed.FS

// picturesPath is where the pictures are served, each by the name of its kind.
const picturesPath = "/static/help/"

// Mount adds the pages to the site.
func (p *Pages) Mount(s *web.Site) {
	s.Handle("GET "+path.HelpPage, web.Anyone, p.list)
	s.Handle("GET "+path.HelpPage+"/{kind}", web.Anyone, p.one)
	s.HandlePlain("GET "+picturesPath+"{name}", http.HandlerFunc(picture))
}

// picture serves a picture. Browsers ask for it again each time, so that it is always of this version.
func picture(w http.ResponseWriter, r *http.Request) {
	content, err := pictures.ReadFile("pictures/" + r.PathValue("name"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

type listView struct {
	words.Language
	Page  page.Params
	Kinds []kindLink
	Add   string // where people add another to themselves; empty where it is not known
}

// kindLink leads to the page of a kind.
type kindLink struct {
	page.Link

	Hint string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	l := p.Frame.Language(r)
	v := listView{Language: l, Page: p.Frame.Page(l, l.Say("help.title")), Add: p.profile()}
	for _, k := range p.Kinds {
		to := page.Link{Text: l.Label(k), Href: path.HelpPage + "/" + string(k)}
		v.Kinds = append(v.Kinds, kindLink{to, l.Hint(k)})
	}
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// profile is the address of people's own profile, where they add another authenticator to themselves.
func (p *Pages) profile() string {
	if p.Management == "" {
		return ""
	}
	return p.Management + path.ProfilePage
}

type kindView struct {
	words.Language
	Page    page.Params
	Steps   []string
	Picture string // its address; empty for none
	Alt     string
	Lost    []string
	Setups  []authn.Setup
	FindRA  string
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request) error {
	k := authn.Kind(r.PathValue("kind"))
	if !slices.Contains(p.Kinds, k) {
		return fault.NotFound
	}
	l := p.Frame.Language(r)
	use, lost := l.Help(k)
	v := kindView{
		Language: l, Page: p.Frame.Page(l, l.Say("help.kind", "kind", l.Label(k))), FindRA: p.Frame.FindRA,
		Steps: lines(use), Lost: lines(lost),
	}
	if _, err := pictures.ReadFile("pictures/" + string(k) + ".jpg"); err == nil {
		v.Picture = picturesPath + string(k) + ".jpg"
		v.Alt = l.Say("help.picture", "kind", l.Label(k))
	}
	for _, need := range append(authn.Common(), k.Declared().Needs...) {
		v.Setups = append(v.Setups, need.Setup())
	}
	v.Page.BackHref = path.HelpPage
	return web.Show(w, r, http.StatusOK, kindPage(v))
}

// lines are those of a text, without what is empty.
func lines(text string) (list []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}
