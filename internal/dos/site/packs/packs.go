// Package packs serves two pages to be printed or passed on: what local IT has to set up before people can log in with
// their Care Identity, and what registration authorities have to hand out. Both are made of what each kind of
// authenticator says of itself.
package packs

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/dos/site/frame"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	titleIT        = "For local IT: get devices ready for Care Identity"
	titleAuthority = "For registration authorities: what people need from you"
)

// Pages serves the pages.
type Pages struct {
	frame     *frame.Frame
	addresses []string
}

// Mount adds the pages to the site. The addresses are those that people's browsers go to on their way in.
func Mount(s *web.Site, f *frame.Frame, addresses ...string) {
	p := &Pages{frame: f}
	for _, one := range addresses {
		if at := originOf(one); at != "" && !slices.Contains(p.addresses, at) {
			p.addresses = append(p.addresses, at)
		}
	}
	s.Handle("GET "+frame.PackForIT, f.MaybeSignedIn(), p.forIT)
	s.Handle("GET "+frame.PackForAuthorities, f.MaybeSignedIn(), p.forAuthorities)
}

// originOf gives an address without its path; empty for none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// kindView is one kind of authenticator.
type kindView struct {
	authn.Declaration

	Level  string
	Setups []authn.Setup
}

// needs names what has to be in order, in one sentence.
func (k kindView) needs() string {
	var titles []string
	for _, s := range k.Setups {
		titles = append(titles, s.Title)
	}
	return strings.Join(titles, ". ") + "."
}

type view struct {
	Page      page.Params
	Kinds     []kindView
	Addresses []string
	MailTo    string // begins a mail with the address of this page
	At        string // the address of this page; empty where it is not known
	Day       string // on which it is read, or printed
	FindRA    string // where people find their registration authority; empty where it is not known
	Sheet     string // the page of CIS2 that says each setting; empty where it is not known
	Desk      string // how to reach the service desk; empty where it is not known
}

func (p *Pages) forIT(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, itPage(p.viewOf(w, r, titleIT, frame.PackForIT)))
}

func (p *Pages) forAuthorities(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, authorityPage(p.viewOf(w, r, titleAuthority, frame.PackForAuthorities)))
}

func (p *Pages) viewOf(w http.ResponseWriter, r *http.Request, title, at string) view {
	v := view{Page: p.frame.Page(w, r, title), Addresses: p.addresses}
	for _, k := range authn.Kinds() {
		one := kindView{Declaration: k.Declared(), Level: levelTexts[k.MaxLevel()]}
		for _, n := range one.Needs {
			one.Setups = append(one.Setups, n.Setup())
		}
		v.Kinds = append(v.Kinds, one)
	}
	v.Day = when.Date(p.frame.Linker.DB.Now())
	v.Desk = v.Page.ServiceDesk.Line
	if p.frame.CIM != "" {
		v.FindRA = p.frame.CIM + path.FindRAPage
	}
	if check := p.frame.Places[path.PlaceCheckDevice]; check != "" {
		v.Sheet = check + path.DeviceSheet
	}
	if len(p.addresses) > 0 {
		v.At = p.addresses[0] + at
		v.MailTo = "mailto:?" + strings.ReplaceAll(url.Values{"subject": {title},
			"body": {"The Directory of Services moves to Care Identity. This page says what is needed:\n\n" +
				v.At}}.Encode(), "+", "%20")
	}
	return v
}

// levelTexts say what a level is good for.
var levelTexts = map[authn.Level]string{
	authn.AAL2: "Level 2: logs in where the service allows it", authn.AAL3: "Level 3, the highest",
}
