package step

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/platform/web"
)

// Device is what a browser keeps of the last sign-in on it, so that the choice of authenticator is
// short: the kind, and where whoever used it works. It names nobody, lets nobody in, and decides no more
// than the order of a list, so it is not signed.
type Device struct {
	Kind       authn.Kind
	Workplaces []string // codes of organisations
}

const (
	deviceCookie  = "device"
	deviceSeconds = 180 * 24 * 60 * 60
	maxPlaces     = 10 // of somebody at more, the organisations are not kept
)

// String writes what parseDevice reads: the kind and the codes, with dots between.
func (d Device) String() string {
	if len(d.Workplaces) > maxPlaces {
		d.Workplaces = nil
	}
	return strings.Join(append([]string{string(d.Kind)}, d.Workplaces...), ".")
}

// parseDevice reads a cookie. Whatever is not exactly what we write is no device.
func parseDevice(cookie string, provable []authn.Kind) Device {
	parts := strings.Split(cookie, ".")
	kind := authn.Kind(parts[0])
	codes := parts[1:]
	if !slices.Contains(provable, kind) || len(codes) > maxPlaces {
		return Device{}
	}
	for i, code := range codes {
		c, err := ods.Parse(code)
		if err != nil || string(c) != code || slices.Contains(codes[:i], code) {
			return Device{}
		}
	}
	if len(codes) == 0 {
		codes = nil
	}
	return Device{Kind: kind, Workplaces: codes}
}

// Device is what this browser keeps of the last sign-in on it.
func (s *SignIn) Device(r *http.Request) Device {
	return parseDevice(web.Cookie(r, deviceCookie), s.Ways.Kinds())
}

// remember keeps how somebody signed in on this browser.
func remember(w http.ResponseWriter, out provider.Outcome) {
	if out.Kind != "" {
		web.SetCookie(w, deviceCookie, Device{Kind: out.Kind, Workplaces: out.Workplaces}.String(), deviceSeconds)
	}
}
