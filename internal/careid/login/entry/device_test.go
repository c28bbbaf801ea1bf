package entry

import (
	"slices"
	"testing"

	"signpost/internal/national/authn"
)

func TestArrange(t *testing.T) {
	const key, hello, passkey, app = authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp
	offered := []authn.Kind{key, hello, passkey, app}
	for _, tt := range []struct {
		name     string
		offered  []authn.Kind
		approved []authn.Kind
		last     authn.Kind
		all      bool
		want     []authn.Kind
		hidden   bool
	}{
		{"a new device", offered, authn.Kinds(), "", false, offered, false},
		{"used last", offered, authn.Kinds(), passkey, false, []authn.Kind{passkey, key, hello, app}, false},
		{"some not approved", offered, []authn.Kind{app, key}, app, false, []authn.Kind{app, key}, true},
		{"all asked for", offered, []authn.Kind{app, key}, app, true, []authn.Kind{app, key, hello, passkey}, false},
		{"nothing that is approved will do", []authn.Kind{key, hello}, []authn.Kind{app}, app, false, []authn.Kind{key, hello}, false},
		{"the last one is not approved any more", offered, []authn.Kind{key}, app, false, []authn.Kind{key}, true},
		{"the last one is not asked for", []authn.Kind{key}, authn.Kinds(), app, false, []authn.Kind{key}, false},
	} {
		got, hidden := arrange(tt.offered, tt.approved, tt.last, tt.all)
		if !slices.Equal(got, tt.want) || hidden != tt.hidden {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got, hidden, tt.want, tt.hidden)
		}
	}
}

func TestDeviceCookie(t *testing.T) {
	many := device{Kind: authn.Passkey, Workplaces: []string{"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11"}}
	for _, tt := range []struct {
		d    device
		want string
	}{
		{device{Kind: authn.SecurityKey, Workplaces: []string{"FXX01", "RXK"}}, "security_key.FXX01.RXK"},
		{device{Kind: authn.AuthenticatorApp}, "authenticator_app"}, {many, "passkey"},
	} {
		if got := tt.d.String(); got != tt.want || parseDevice(got).String() != got {
			t.Errorf("%+v is kept as %q, read as %+v", tt.d, got, parseDevice(got))
		}
	}
	for _, cookie := range []string{
		"", ".", "security_key.", "security_key.fxx01", "security_key. FXX01", "security_key.FXX01.FXX01", "ipad.FXX01", "SECURITY_KEY",
		"pigeon.FXX01", "security_key.<b>", "security_key.A01.A02.A03.A04.A05.A06.A07.A08.A09.A10.A11",
	} {
		if d := parseDevice(cookie); d.Kind != "" || d.Workplaces != nil {
			t.Errorf("%q is taken for %+v", cookie, d)
		}
	}
}

// Whatever a browser sends, it is nothing, or exactly what we would have written.
func FuzzDeviceCookie(f *testing.F) {
	f.Add("security_key.FXX01.RXK")
	f.Add("authenticator_app")
	f.Add("passkey..")
	f.Fuzz(func(t *testing.T, cookie string) {
		if d := parseDevice(cookie); d.Kind != "" && d.String() != cookie || d.Kind == "" && d.Workplaces != nil {
			t.Errorf("%q is taken for %+v", cookie, d)
		}
	})
}
