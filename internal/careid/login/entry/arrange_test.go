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
