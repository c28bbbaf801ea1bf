package frame

import (
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/page"
)

// AccountPage is the path of the page of one's own account.
const AccountPage = "/account"

// The pages of what was done in one's name, and of where one is logged in.
const (
	ActivityPage = "/account/activity"
	SessionsPage = "/account/sessions"
)

// MergesPage lists accounts that are merged, or may be one person's. MergePath is where an administrator looks for the
// other account of somebody, and OwnMerge where its holder confirms a merge.
const (
	MergesPage = "/merges"
	MergePath  = "/users/{id}/merge"
	OwnMerge   = "/account/merge"
)

// TicketsPage lists the tickets of the service desk, and RaisePage is where people raise one.
const (
	TicketsPage = "/tickets"
	RaisePage   = "/help/ticket"
	// RaiseAbout is RaisePage for what has a reference, as page.Desk has it.
	RaiseAbout = RaisePage + "?reference={reference}"
)

// ExportUsers is the file of the users that a search finds.
const ExportUsers = "/users/export"

// MailingsPage lists what somebody wrote to many users, and WriteToUsers is where they write.
const (
	MailingsPage = "/mailings"
	WriteToUsers = "/mailings/new"
)

// BannersPage lists the messages of the programme team that stand on every page.
const BannersPage = "/banners"

// Places maps each place that a step can name to its address.
type Places map[path.Place]string

// PlacesAt gives the addresses of the places, from that of Care Identity Management and that of the login pages.
// Without them, it leaves out the places there.
func PlacesAt(cim, login string) Places {
	p := Places{
		path.PlaceQuestions: "/questions", path.PlaceRequestAccount: "/request-account",
		path.PlaceAccountQueue: RequestsPage,
		path.PlaceAccountEmail: AccountPage, path.PlaceLink: "/link", path.PlaceTicket: RaisePage,
	}
	if cim != "" {
		p[path.PlaceApply] = cim + path.ApplyPage
		p[path.PlaceFindRA] = cim + path.FindRAPage
		p[path.PlaceProfileEmail] = cim + path.ProfilePage
	}
	if login != "" {
		p[path.PlaceCheckDevice] = login + path.CheckDevicePage
	}
	return p
}

// DeviceResult gives the address of the page that says what a device's result code means; empty where it is not known.
func (f *Frame) DeviceResult(code string) string {
	check := f.Places[path.PlaceCheckDevice]
	if check == "" {
		return ""
	}
	return check + path.DeviceResult + url.QueryEscape(code)
}

// linkTexts holds the text of the link to each place.
var linkTexts = map[path.Place]string{
	path.PlaceQuestions:      "Say whether you have a Care Identity",
	path.PlaceRequestAccount: "How to request an account of your own",
	path.PlaceAccountQueue:   "See user requests", path.PlaceApply: "Obtain a Care Identity",
	path.PlaceFindRA:       "Find your registration authority",
	path.PlaceAccountEmail: "Check your Directory of Services email address",
	path.PlaceProfileEmail: "Check your Care Identity email address",
	path.PlaceCheckDevice:  "Check this device", path.PlaceLink: "Link your Care Identity",
	path.PlaceTicket: "Get help from the service desk",
}

// ContactOf says how to reach the holder of an account.
func ContactOf(a account.Account) string {
	if a.Phone == "" {
		return a.Email + " (we have no telephone number)"
	}
	return a.Email + ", telephone " + a.Phone
}

// Links gives the links to places. It leaves out places whose address is not known.
func (f *Frame) Links(places ...path.Place) []page.Link {
	var links []page.Link
	for _, place := range places {
		if to := f.Places[place]; to != "" {
			links = append(links, page.Link{Text: linkTexts[place], Href: to})
		}
	}
	return links
}
