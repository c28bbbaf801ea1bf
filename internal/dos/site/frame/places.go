package frame

import (
	"signpost/internal/national/path"
	"signpost/internal/platform/web/page"
)

// Places maps each place that a step can name to its address.
type Places map[path.Place]string

// PlacesAt gives the addresses of the places, from the addresses of the care identity sites. Without those, it leaves
// out the places on these sites.
func PlacesAt(cim, cis2 string) Places {
	p := Places{
		path.PlaceQuestions: "/questions", path.PlaceRequestAccount: "/request-account",
		path.PlaceAccountQueue: "/users",
		path.PlaceAccountEmail: "/account", path.PlaceLink: "/link", path.PlaceTicket: "/help",
	}
	if cim != "" {
		p[path.PlaceApply] = cim + "/apply"
		p[path.PlaceFindRA] = cim + "/find-your-ra"
		p[path.PlaceProfileEmail] = cim + "/view-your-profile"
	}
	if cis2 != "" {
		p[path.PlaceCheckDevice] = cis2 + "/check-this-device"
	}
	return p
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
