package portal

import (
	"encoding/hex"
	"net/http"
	"time"

	"signpost/internal/platform/held"
	"signpost/internal/platform/web"
)

// How long a browser remembers the page that somebody asked for before they were logged in, and how long its address
// may be, in bytes. Where nobody knows who asked, the next person on the computer is most likely the same only for as
// long as it takes to log in.
const (
	wantedLife        = 15 * time.Minute
	wantedByNobodyFor = 5 * time.Minute
	maxWanted         = 2_000
)

// wanted is a page that was asked for while nobody was logged in.
type wanted struct {
	Page string    `json:"page"`
	User string    `json:"user,omitempty"` // the mark of whoever was logged in before; empty if nobody was
	Ends time.Time `json:"ends"`
}

func (p *Portal[S, P]) wantedCookie() string { return p.Name + "-wanted" }

// wantedFor is that cookie, kept for as long as it holds.
func (p *Portal[S, P]) wantedFor(life time.Duration) web.SealedCookie {
	return web.SealedCookie{
		Box: p.Box, Name: p.wantedCookie(), Context: "wanted/" + p.Name, Seconds: int(life / time.Second),
	}
}

// userCookie names the cookie that marks whose session a browser has or had, by a keyed digest that names nobody. It
// ends with the browser, and when somebody logs out.
func (p *Portal[S, P]) userCookie() string { return p.Name + "-user" }

// mark gives what stands for a user in cookies.
func (p *Portal[S, P]) mark(subject string) string {
	return hex.EncodeToString(p.Box.Digest("user/" + p.Name + "/" + subject)[:16])
}

// remember keeps the address of the page that somebody asks for, so that they go on to it when they log in, and reports
// whether it did. Whoever wants to log out need not log in for that.
func (p *Portal[S, P]) remember(w http.ResponseWriter, r *http.Request) bool {
	page := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		page += "?" + r.URL.RawQuery
	}
	return web.Navigates(r) && r.URL.Path != signOutForm.Path && p.rememberPage(w, r, page)
}

// rememberPage is remember for a page of that address.
func (p *Portal[S, P]) rememberPage(w http.ResponseWriter, r *http.Request, page string) bool {
	if page == "" || len(page) > maxWanted || !web.Local(page) {
		return false
	}
	user := web.Cookie(r, p.userCookie())
	life := wantedLife
	if user == "" {
		life = wantedByNobodyFor
	}
	err := p.wantedFor(life).Set(w, wanted{Page: page, User: user, Ends: p.DB.Now().Add(life)})
	return err == nil
}

// GoOn sends the browser of somebody who has just logged in to a form that waits for them, or to the page that they
// asked for before, or to the usual one, which says flash. What others left on the browser leads nobody anywhere.
func (p *Portal[S, P]) GoOn(w http.ResponseWriter, r *http.Request, subject, usual, flash string) error {
	waits, err := p.Held.Waits(r, subject)
	if err != nil {
		return err
	}
	to := usual
	if page := p.wantedBy(r, subject); page != "" {
		to = page
	}
	if waits {
		to = held.Path
	}
	web.ClearCookie(w, p.wantedCookie())
	return web.SeeOther(w, r, to, flash)
}

// wantedBy gives the page that somebody, or nobody known, asked for on the browser before; empty if there is none.
func (p *Portal[S, P]) wantedBy(r *http.Request, subject string) string {
	var page wanted
	if !p.wantedFor(0).Read(r, &page) || !web.Local(page.Page) || !p.DB.Now().Before(page.Ends) ||
		page.User != "" && page.User != p.mark(subject) {
		return ""
	}
	return page.Page
}
