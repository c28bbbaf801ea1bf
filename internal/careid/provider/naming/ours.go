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

// minLetters is how long a name of ours is at least that is looked for in longer names: "NHS" is in many.
const minLetters = 4

// OursIn gives the name of this system that people could read in the name of a client or a team; empty if there is
// none. Such a name may be right, but an operator should look at it.
func OursIn(text string) string {
	wanted := name.LikenessOf(text)
	longest := ""
	for _, site := range siteNames {
		if len(site) >= minLetters && len(site) > len(longest) && wanted.Holds(name.LikenessOf(site)) {
			longest = site
		}
	}
	return longest
}

// Operators is the name of the team that runs the service.
const Operators = "Operators of this service"

// reserved lists the names that people could take for those who run the service.
var reserved = []string{Operators, "Operators"}

func isOurs(text string) bool {
	ours := slices.Concat(siteNames, reserved)
	return slices.ContainsFunc(ours, func(own string) bool { return Alike(text, own) })
}
