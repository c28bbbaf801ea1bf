package login

import (
	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/assets"
)

// NewDoor makes the site of the smartcard door, whose failures look as those of the sign-in service.
func NewDoor(o Options, d *carddoor.Door) *web.Site {
	if o.Words == nil {
		o.Words = words.Shipped()
	}
	f := frame.Frame{Banner: o.Banner, Desk: o.Desk, Words: o.Words, FindRA: o.FindRA}
	s := web.New(web.Options{
		Name: "smartcard", Log: o.Log, Metrics: o.Metrics, TrustedProxies: o.TrustedProxies, Box: o.Box,
		Gateways: o.networks(), ErrorPage: f.Failed, Entry: o.Entry,
	})
	d.Mount(s)
	s.HandlePlain("GET /assets/", assets.Handler())
	return s
}
