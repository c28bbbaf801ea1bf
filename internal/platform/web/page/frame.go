// Package page writes the whole HTML document around what a page has to say:
// header, navigation, account, news, footer. Every site of Signpost shares it.
// It knows nothing of sessions or requests; what it shows is handed to it.
package page

import (
	"github.com/a-h/templ"

	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Params tell the frame about the page inside it.
type Params struct {
	Title       string // of the page; the h1 is the page's own to write
	SiteName    string // in the header and after the title
	SiteHref    string // where the name leads; / unless given
	Error       bool   // the form came back: "Error: " stands before the title
	Wide        bool   // the full width, for tables; otherwise two thirds of it, for reading and forms
	Navigation  []Link
	Account     Account
	Banner      Banner
	Notice      Banner                 // about the user, such as that they can do more than usual
	News        []News                 // for everybody or many, such as that logins will be off tonight
	Flash       string                 // what was just done, shown once
	Cancelled   bool                   // Flash says that nothing was done, as somebody cancelled
	BackHref    string                 // of a Back link above the page
	Breadcrumb  []nhsuk.BreadcrumbItem // the way here, instead of a Back link
	FooterLinks []Link
	ServiceDesk Desk // how to reach it, beside a reference, or else in the footer
	Session     Session
	Lang        string // of the page, as html's lang attribute has it; en unless given
	Words       Words
	Onward      string // address to which the browser goes by itself, once it has the page
}

// Words are said by the frame itself, for pages in other languages. Each is said in English unless given.
type Words struct {
	SkipLink     string
	Error        string // before the title of a form that came back
	Success      string // above the news of what was just done
	AboutSite    string // names the banner
	Support      string // above the footer's links, for screen readers
	Independence string // in the footer
}

// or gives a word, or the English one.
func or(word, english string) string {
	if word == "" {
		return english
	}
	return word
}

// Session lets a page warn before the person's session ends. Without it, or without a script, nothing is
// lost either: what is sent too late is held.
type Session struct {
	Left string         // address that says how many seconds are left
	Stay *form.Rendered // that a press on "Stay logged in" sends; none where nobody is logged in
}

// Link leads to a page of the site.
type Link struct {
	Text    string
	Href    string
	Current bool // in the navigation: this page, or one below it
}

// Account tells the header about the person: who is signed in, or where to
// sign in. Empty fields are not shown.
type Account struct {
	Name    string
	Href    string         // of the account page
	SignOut *form.Rendered // that the button "Log out" sends
	// SignOutHref is of the page that asks what to log out of; "Log out" then leads there instead.
	SignOutHref string
	SignIn      string // address of the sign-in page
}

// Banner is a strip under the header that holds for every page, such as that
// this is a demonstration.
type Banner struct {
	Tag  string
	Text string
	Link Link
	More templ.Component // after the text; nil for nothing
}

// News is a message to many that stands on each page for a while.
type News struct {
	Text string
	Link Link
	By   string // who wrote it, to those who are told
}

const independence = "Signpost is an independent implementation. It is not an NHS England service."

// documentTitle gives the title in the browser's tab.
func (p Params) documentTitle() string {
	title := p.SiteName
	if p.Title != "" {
		title = p.Title + " - " + p.SiteName
	}
	if p.Error {
		return or(p.Words.Error, "Error") + ": " + title
	}
	return title
}

func (p Params) header() nhsuk.HeaderParams {
	href := p.SiteHref
	if href == "" {
		href = "/"
	}
	return nhsuk.HeaderParams{
		Service:    nhsuk.HeaderService{Text: p.SiteName, Href: href},
		Account:    p.Account.items(),
		Navigation: nhsuk.HeaderNavigation{Items: navigation(p.Navigation)},
	}
}

func (a Account) items() []nhsuk.HeaderAccountItem {
	var items []nhsuk.HeaderAccountItem
	if a.Name != "" {
		items = append(items, nhsuk.HeaderAccountItem{Text: a.Name, Icon: true})
	}
	if a.Href != "" {
		items = append(items, nhsuk.HeaderAccountItem{Text: "Account", Href: a.Href})
	}
	if a.SignOutHref != "" {
		items = append(items, nhsuk.HeaderAccountItem{Text: "Log out", Href: a.SignOutHref})
	} else if a.SignOut != nil {
		item := nhsuk.HeaderAccountItem{Text: "Log out", Action: a.SignOut.Action(), Inputs: a.SignOut.Seal()}
		items = append(items, item)
	}
	if a.SignIn != "" {
		items = append(items, nhsuk.HeaderAccountItem{Text: "Log in", Href: a.SignIn, Icon: true})
	}
	return items
}

func navigation(links []Link) []nhsuk.HeaderNavigationItem {
	var items []nhsuk.HeaderNavigationItem
	for _, link := range links {
		items = append(items, nhsuk.HeaderNavigationItem{Text: link.Text, Href: link.Href, Active: link.Current})
	}
	return items
}

// WithoutDesk is for a page that says itself how to reach the service desk: its footer does not say so again.
func (p Params) WithoutDesk() Params {
	p.ServiceDesk = Desk{}
	return p
}

func (p Params) footer() nhsuk.FooterParams {
	var items []nhsuk.FooterItem
	for _, link := range p.FooterLinks {
		items = append(items, nhsuk.FooterItem{Text: link.Text, Href: link.Href})
	}
	return nhsuk.FooterParams{
		Meta: nhsuk.FooterMeta{
			Items: items, VisuallyHiddenText: p.Words.Support,
			HTML: footerText(p.ServiceDesk.Line, or(p.Words.Independence, independence)),
		},
	}
}

func (p Params) flash() nhsuk.NotificationBannerParams {
	if p.Cancelled {
		return nhsuk.NotificationBannerParams{Title: "Cancelled", Role: "alert"}
	}
	return nhsuk.NotificationBannerParams{Variant: "success", Title: p.Words.Success}
}
