// Package devicecheck serves the page on which anybody can see which authenticators work on the device that they use,
// without logging in, and the page that says the same from the code of a result. A script looks at the browser; what it
// found is told by the address that it goes to next, so that nothing is kept.
package devicecheck

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/device"
	"signpost/internal/national/path"
	"signpost/internal/platform/browser"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Pages serves the pages.
type Pages struct {
	Frame frame.Frame
	Kinds []authn.Kind // that can be used here
	Now   func() time.Time

	Login       string         // the address of this site
	Door        string         // the address of the smartcard door; empty for none
	NHSNetworks []netip.Prefix // that the operator says are the NHS network
	Elsewhere   []string       // where people go to log in to accounts they have there
	Directory   string         // the address of the Directory of Services; empty where it is not known
	Management  string         // that of Care Identity Management; empty where it is not known
}

// The paths below that of the check.
const (
	foundPath  = path.CheckDevicePage + "/found"
	resultPath = path.CheckDevicePage + "/result"
	sheetPath  = path.CheckDevicePage + path.DeviceSheet
)

// The parameters of the addresses.
const (
	codeField   = "code"
	hereField   = "here"    // the result is of the browser that asks
	aheadField  = "ahead"   // by how many seconds the browser's clock is
	cookieField = "cookies" // the script asks whether the page's cookie came back
)

// cookie shows whether the browser keeps cookies, and holds the code of what was found in it last: a result whose
// address was sent to somebody else is not one of their device.
const cookie = "device-check"

// maxPerMinute is how often one network address may come in a minute on a node: a whole hospital may share one.
const maxPerMinute = 300

// Mount adds the pages to the site.
func (p *Pages) Mount(s *web.Site) {
	s.Handle("GET "+path.CheckDevicePage, web.Anyone, s.PerMinute(maxPerMinute, p.check))
	s.Handle("GET "+foundPath, web.Anyone, s.PerMinute(maxPerMinute, p.found))
	s.Handle("GET "+resultPath, web.Anyone, s.PerMinute(maxPerMinute, p.result))
	s.Handle("GET "+sheetPath, web.Anyone, s.PerMinute(maxPerMinute, p.sheet))
}

// readForm takes the code of a result that somebody has on another device.
func readForm(l words.Language) form.Form {
	return form.Form{Path: resultPath, At: path.CheckDevicePage, Get: true, Words: frame.FormWords(l),
		Fields: []form.Field{form.Input(nhsuk.InputParams{
			Name: codeField, Label: nhsuk.LabelParams{Text: l.Say("device.read_label"), Size: "s"}, Width: 10,
			Hint: l.Say("device.read_hint"), Autocomplete: "off", Spellcheck: "false",
		})}}
}

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	l := p.Frame.Language(r)
	return p.showCheck(w, r, http.StatusOK, l, readForm(l).New(r))
}

func (p *Pages) showCheck(
	w http.ResponseWriter, r *http.Request, status int, l words.Language, read *form.Rendered,
) error {
	code := p.served(r).Code(p.Now())
	web.SetCookie(w, cookie, code, 0)
	v := checkView{
		Language: l, Page: p.Frame.Form(l, l.Say("device.title"), read), Read: read, Found: foundPath,
		Scriptless: resultAt(code, true), Sheet: sheetPath,
	}
	return web.Show(w, r, status, checkPage(v))
}

// doorAsks is the address at which the door says what a browser shows; empty where there is no door.
func (p *Pages) doorAsks() string {
	if p.Door == "" {
		return ""
	}
	return p.Door + carddoor.CheckPath
}

// served is what the server knows of a device by itself.
func (p *Pages) served(r *http.Request) device.Result {
	found := device.Result{}
	if len(p.NHSNetworks) > 0 {
		from := web.Address(r)
		found[device.Network] = device.Internet
		if slices.ContainsFunc(p.NHSNetworks, func(n netip.Prefix) bool { return n.Contains(from) }) {
			found[device.Network] = device.NHS
		}
	}
	if p.Door == "" {
		found[device.Door] = device.Nowhere
	}
	return found
}

// found makes the code of what a script found, and goes on to its page. What it was told before is kept where it brings
// a code.
func (p *Pages) found(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	found, _, known := device.Read(asked.Get(codeField), p.Now())
	if !known {
		found = p.served(r)
	}
	for _, f := range device.Facts() {
		if asked.Has(string(f)) && !p.knows(f) {
			found.Set(f, device.Answer(asked.Get(string(f))))
		}
	}
	if ahead, err := strconv.Atoi(asked.Get(aheadField)); err == nil {
		found[device.Clock] = device.ClockOff(ahead)
	}
	if asked.Has(cookieField) {
		found[device.Cookies] = device.No
		if web.Cookie(r, cookie) != "" {
			found[device.Cookies] = device.Yes
		}
	}
	code := found.Code(p.Now())
	web.SetCookie(w, cookie, code, 0)
	http.Redirect(w, r, resultAt(code, true), http.StatusSeeOther)
	return nil
}

// here reports whether a result is of the browser that asks. One that keeps no cookies cannot show that.
func here(r *http.Request, code string) bool {
	return r.URL.Query().Has(hereField) && web.Cookie(r, cookie) == code
}

// knows reports whether the server knows a fact by itself, whatever a script says.
func (p *Pages) knows(f device.Fact) bool {
	return f == device.Network || f == device.Cookies || f == device.Door && p.Door == ""
}

func resultAt(code string, here bool) string {
	to := url.Values{codeField: {code}}
	if here {
		to.Set(hereField, "1")
	}
	return resultPath + "?" + to.Encode()
}

// result says what a code says.
func (p *Pages) result(w http.ResponseWriter, r *http.Request) error {
	l := p.Frame.Language(r)
	read := readForm(l).Read(r)
	found, day, known := device.Read(read.Value(codeField), p.Now())
	if !known {
		read.Add(form.Problem{Field: codeField, Text: l.Say("device.read_problem")})
		return p.showCheck(w, r, http.StatusUnprocessableEntity, l, read)
	}
	v := resultView{
		Language: l, Code: device.Plain(read.Value(codeField)), Sheet: sheetPath, Found: foundPath,
		Explanation: Explain(l, found, day, p.Kinds),
	}
	title := l.Say("device.read_title")
	if here(r, v.Code) {
		title = l.Say("device.found_title")
		v.Here = true
		v.Browser = browser.Name(r.UserAgent())
		if v.Door = p.doorAsks(); v.Door != "" {
			web.ConnectsTo(w, p.Door)
		}
	}
	v.Page = p.Frame.Page(l, title)
	return web.Show(w, r, http.StatusOK, resultPage(v))
}
