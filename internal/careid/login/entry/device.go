package entry

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/platform/web"
)

// device is what a browser keeps of the last sign-in on it, so that the choice of authenticator is
// short: the kind, and where whoever used it works. It names nobody, lets nobody in, and decides no more
// than the order of a list, so it is not signed.
type device struct {
	Kind       authn.Kind
	Workplaces []string // codes of organisations
}

const (
	deviceCookie  = "device"
	deviceSeconds = 180 * 24 * 60 * 60
	mostPlaces    = 10 // of somebody at more, the organisations are not kept
)

// String writes what parseDevice reads: the kind and the codes, with dots between.
func (d device) String() string {
	if len(d.Workplaces) > mostPlaces {
		d.Workplaces = nil
	}
	return strings.Join(append([]string{string(d.Kind)}, d.Workplaces...), ".")
}

// parseDevice reads a cookie. Whatever is not exactly what we write is no device.
func parseDevice(cookie string) device {
	parts := strings.Split(cookie, ".")
	kind, codes := authn.Kind(parts[0]), parts[1:]
	if !slices.Contains(provider.Provable, kind) || len(codes) > mostPlaces {
		return device{}
	}
	for i, code := range codes {
		c, err := ods.Parse(code)
		if err != nil || string(c) != code || slices.Contains(codes[:i], code) {
			return device{}
		}
	}
	if len(codes) == 0 {
		codes = nil
	}
	return device{Kind: kind, Workplaces: codes}
}

func deviceOf(r *http.Request) device { return parseDevice(web.Cookie(r, deviceCookie)) }

// remember keeps how somebody signed in on this browser.
func remember(w http.ResponseWriter, out provider.Outcome) {
	if out.Kind != "" {
		web.SetCookie(w, deviceCookie, device{Kind: out.Kind, Workplaces: out.Workplaces}.String(), deviceSeconds)
	}
}

// arrange puts the kinds that a request allows in the order in which they are offered: the last used one
// first, and without those that none of the device's organisations has approved. Where that leaves
// nothing, or all are asked for, all are there. hidden says whether some were left out.
func arrange(offered, approved []authn.Kind, last authn.Kind, all bool) (kinds []authn.Kind, hidden bool) {
	for _, k := range offered {
		if slices.Contains(approved, k) {
			kinds = append(kinds, k)
		}
	}
	if all || len(kinds) == 0 {
		kinds = slices.Clone(offered)
	}
	slices.SortStableFunc(kinds, func(a, b authn.Kind) int {
		switch {
		case a == last && b != last:
			return -1
		case b == last && a != last:
			return 1
		}
		return 0
	})
	return kinds, len(kinds) < len(offered)
}
