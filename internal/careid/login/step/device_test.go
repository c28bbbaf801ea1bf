package step

import (
	"testing"

	"signpost/internal/national/authn"
)

var provable = []authn.Kind{authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp}

func TestDeviceCookie(t *testing.T) {
	many := Device{Kind: authn.Passkey,
		Workplaces: []string{"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11"}}
	for _, tt := range []struct {
		d    Device
		want string
	}{
		{Device{Kind: authn.SecurityKey, Workplaces: []string{"FXX01", "RXK"}}, "security_key.FXX01.RXK"},
		{Device{Kind: authn.AuthenticatorApp}, "authenticator_app"}, {many, "passkey"},
	} {
		if got := tt.d.String(); got != tt.want || parseDevice(got, provable).String() != got {
			t.Errorf("%+v is kept as %q, read as %+v", tt.d, got, parseDevice(got, provable))
		}
	}
	for _, cookie := range []string{
		"", ".", "security_key.", "security_key.fxx01", "security_key. FXX01", "security_key.FXX01.FXX01", "ipad.FXX01", "SECURITY_KEY",
		"pigeon.FXX01", "security_key.<b>", "security_key.A01.A02.A03.A04.A05.A06.A07.A08.A09.A10.A11",
	} {
		if d := parseDevice(cookie, provable); d.Kind != "" || d.Workplaces != nil {
			t.Errorf("%q is taken for %+v", cookie, d)
		}
	}
}

// A cookie is read only if it is exactly as String writes it, whatever a browser sends.
func FuzzDeviceCookie(f *testing.F) {
	f.Add("security_key.FXX01.RXK")
	f.Add("authenticator_app")
	f.Add("passkey..")
	f.Fuzz(func(t *testing.T, cookie string) {
		if d := parseDevice(cookie, provable); d.Kind != "" && d.String() != cookie ||
			d.Kind == "" && d.Workplaces != nil {
			t.Errorf("%q is taken for %+v", cookie, d)
		}
	})
}
