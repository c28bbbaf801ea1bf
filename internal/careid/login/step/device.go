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

// Device holds what a browser remembers of the last sign-in: the kind of authenticator, and the organisations where
// its user works. It keeps the choice of authenticator short. It names nobody, lets nobody in, and decides no more than
// the order of a list, so it is not signed.
type Device struct {
	Kind       authn.Kind
	Workplaces []string // codes of organisations
}

const (
	deviceCookie  = "device"
	deviceSeconds = 180 * 24 * 60 * 60
	maxWorkplaces = 10 // the cookie names none for somebody who works at more
)

// String gives the cookie that parseDevice reads: the kind and the codes, with dots between.
func (d Device) String() string {
	if len(d.Workplaces) > maxWorkplaces {
		d.Workplaces = nil
	}
	return strings.Join(append([]string{string(d.Kind)}, d.Workplaces...), ".")
}

// parseDevice reads a cookie. It gives no device for a cookie that String would not have written.
func parseDevice(cookie string, provable []authn.Kind) Device {
	parts := strings.Split(cookie, ".")
	kind := authn.Kind(parts[0])
	codes := parts[1:]
	if !slices.Contains(provable, kind) || len(codes) > maxWorkplaces {
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

// Device gives what this browser remembers of the last sign-in on it.
func (s *SignIn) Device(r *http.Request) Device {
	return parseDevice(web.Cookie(r, deviceCookie), s.Ways.Kinds())
}

// remember sets the cookie that says how somebody signed in on this browser.
func remember(w http.ResponseWriter, out provider.Outcome) {
	if out.Kind == "" {
		return
	}
	d := Device{Kind: out.Kind, Workplaces: out.Workplaces}
	web.SetCookie(w, deviceCookie, d.String(), deviceSeconds)
}
