package breakglass

import (
	"cmp"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	glass "signpost/internal/dos/breakglass"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/web/page"
)

// maxNamed is how many of those who could open the rights are named before somebody asks: one who answers is enough.
const maxNamed = 5

// openersView says who can open emergency rights with whoever asks for them.
type openersView struct {
	Named     []page.Helper
	More      bool // there are others, who are named after somebody asks
	Reachable bool // we have a telephone number of one of them
}

// offered are the places for which somebody may ask, and who may open the rights with them.
type offered struct {
	places  []glass.Place
	openers []glass.Opener
}

// named names who can open the rights, those first who can be telephoned, and of them those who can for most places.
func (o offered) named() (v openersView) {
	slices.SortStableFunc(o.openers, func(a, b glass.Opener) int {
		return cmp.Or(byNumber(a.Account, b.Account), cmp.Compare(len(b.At), len(a.At)))
	})
	for _, one := range o.openers[:min(maxNamed, len(o.openers))] {
		v.Reachable = v.Reachable || one.Phone != ""
		v.Named = append(v.Named, page.Helper{Name: one.Name(),
			Contact: frame.ContactOf(one.Account) + onlyText(o.places, one.At)})
	}
	v.More = len(o.openers) > maxNamed
	return v
}

// onlyText says for which places somebody can open the rights, where that is not for each place that takes two people.
func onlyText(places []glass.Place, at []int) string {
	var names []string
	all := true
	for i, p := range places {
		switch {
		case slices.Contains(at, i):
			names = append(names, narrowTexts[p.Scope.Kind]+p.Name)
		case p.Two:
			all = false
		}
	}
	if all {
		return ""
	}
	return ", only for " + strings.Join(names, ", ")
}

// narrowTexts say before its name, in a sentence, what a place is.
var narrowTexts = map[account.ScopeKind]string{
	account.KindService: "", account.KindRegion: "the region ", account.KindEverywhere: "all services everywhere",
}

// byNumber puts those first of whom a telephone number is known.
func byNumber(a, b account.Account) int {
	return cmp.Compare(min(len(b.Phone), 1), min(len(a.Phone), 1))
}
