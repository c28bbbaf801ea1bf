package naming

import (
	"slices"

	"signpost/internal/platform/name"
)

// siteNames are the names by which people know this system itself, whatever it runs.
var siteNames = []string{
	"Directory of Services", "Care Identity", "Care Identity Management", "Care Identity Service",
	"Care Identity Authentication", "CIS2", "CIS2 Authentication", "NHS CIS2 Authentication", "NHS Care Identity",
	"NHS login", "NHS", "NHS England", "NHS Digital",
}

// fewestLetters is how many letters a name of ours has that is looked for in longer names: "NHS" is in many.
const fewestLetters = 4

// OursIn gives the name of this system that people could read in the name of a client or a team; empty if there is
// none. Such a name may be right, but an operator should look at it.
func OursIn(text string) string {
	wanted := name.LikenessOf(text)
	longest := ""
	for _, site := range siteNames {
		if len(site) >= fewestLetters && len(site) > len(longest) && wanted.Holds(name.LikenessOf(site)) {
			longest = site
		}
	}
	return longest
}

// reserved are the names of the team that runs the service.
var reserved = []string{"Operators of this service", "Operators"}

func isOurs(text string) bool {
	ours := slices.Concat(siteNames, reserved)
	return slices.ContainsFunc(ours, func(own string) bool { return Alike(text, own) })
}
