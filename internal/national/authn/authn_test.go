package authn_test

import (
	"errors"
	"slices"
	"testing"

	"signpost/internal/national/authn"
)

func TestKinds(t *testing.T) {
	tests := []struct {
		kind  authn.Kind
		label string
		amr   string
		max   authn.Level
	}{
		{authn.SmartcardHSCN, "Smartcard (HSCN)", "N3_SMARTCARD", authn.AAL3},
		{authn.SmartcardInternet, "Smartcard (internet)", "CIS2_SMARTCARD", authn.AAL3},
		{authn.SecurityKey, "Security Key", "FIDO2", authn.AAL3},
		{authn.WindowsHello, "Windows Hello", "FIDO2", authn.AAL3},
		{authn.IPad, "iPad", "IOS", authn.AAL3},
		{authn.Passkey, "Passkey", "PASSKEY", authn.AAL2},
		{authn.AuthenticatorApp, "Authenticator app", "TOTP", authn.AAL2},
		{authn.NHSMail, "NHS.net Connect", "NHSMAIL", authn.AAL2},
	}
	if len(tests) != len(authn.Kinds()) {
		t.Fatalf("the table has %d kinds, the package %d", len(tests), len(authn.Kinds()))
	}
	for _, tt := range tests {
		if tt.kind.Label() != tt.label || tt.kind.AMR() != tt.amr || tt.kind.MaxLevel() != tt.max || !tt.kind.Valid() {
			t.Errorf("%s: label %q, amr %q, at most %v", tt.kind, tt.kind.Label(), tt.kind.AMR(), tt.kind.MaxLevel())
		}
	}
	if k := authn.Kind("carrier_pigeon"); k.Valid() || k.MaxLevel() != authn.NoLevel {
		t.Errorf("%s: taken for a kind of authenticator", k)
	}
}

func TestEveryKindIsDeclaredInFull(t *testing.T) {
	for _, k := range authn.Kinds() {
		d := k.Declared()
		named := d.Label != "" && d.Phrase != "" && d.AMR != "" && d.MaxLevel != authn.NoLevel
		if !named || len(d.Needs) == 0 || d.Enrolment == "" || d.Lost == "" {
			t.Errorf("%s is declared as %+v", k, d)
		}
		made := d.Enrolment == authn.CredentialMade || d.Enrolment == authn.DeviceRegistered
		if proved := len(d.Attestation.Formats) > 0; proved != (made && d.MaxLevel == authn.AAL3) {
			t.Errorf("%s has level %s, and is proved by %v", k, d.MaxLevel, d.Attestation)
		}
		if k.Needs(authn.WebAuthn) != made || made && !k.Needs(authn.Script) {
			t.Errorf("%s needs %v and is got by %q: browsers reach WebAuthn by script alone", k, d.Needs, d.Enrolment)
		}
	}
	if k := authn.Kind("carrier_pigeon"); k.Declared().Kind != "" || k.Needs(authn.Script) {
		t.Errorf("%s is declared", k)
	}
}

// Sentences that name authenticators name each that there is.
func TestPhrases(t *testing.T) {
	const strong = "a smartcard, a security key, Windows Hello or an iPad"
	if got := authn.Phrases(authn.AAL3); got != strong {
		t.Errorf("AAL3: %s", got)
	}
	const all = "a smartcard, a security key, Windows Hello, an iPad, a passkey, an authenticator app or " +
		"NHS.net Connect"
	if got := authn.Phrases(authn.AAL2); got != all {
		t.Errorf("AAL2: %s", got)
	}
}

// An authenticator that calls itself by a model is of one kind alone.
func TestOfModel(t *testing.T) {
	if k, alone := authn.OfModel("08987058-cadc-4b81-b6e1-30de50dcbe96"); !alone || k != authn.WindowsHello {
		t.Errorf("Windows Hello is taken for %s", k)
	}
	for _, several := range []string{"", "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"} {
		if k, alone := authn.OfModel(several); alone {
			t.Errorf("%q is taken for %s", several, k)
		}
	}
}

func TestLevelOf(t *testing.T) {
	bound := authn.Binding{UserVerified: true, DeviceBound: true}
	made := func(format string, certified int) authn.Binding {
		b := bound
		b.Format = format
		b.Certified = certified
		return b
	}
	managed := func(b authn.Binding) authn.Binding {
		b.Managed = true
		return b
	}
	synced := func(b authn.Binding) authn.Binding {
		b.DeviceBound = false
		return b
	}
	tests := []struct {
		name string
		kind authn.Kind
		b    authn.Binding
		want authn.Level
		why  authn.Why
	}{
		{"security key with PIN", authn.SecurityKey, made("packed", 2), authn.AAL3, ""},
		{"security key of a better model", authn.SecurityKey, made("packed", 3), authn.AAL3, ""},
		{"security key of a lesser model", authn.SecurityKey, made("packed", 1), authn.AAL2, authn.NotCertified},
		{"security key without attestation", authn.SecurityKey, bound, authn.AAL2, authn.Unattested},
		{"computer's chip posing as security key", authn.SecurityKey, made("tpm", 2), authn.AAL2, authn.Unattested},
		{"password manager posing as security key", authn.SecurityKey, synced(made("packed", 2)), authn.AAL2,
			authn.Synced},
		{"security key touched without PIN", authn.SecurityKey,
			authn.Binding{DeviceBound: true, Format: "packed", Certified: 2}, authn.NoLevel, ""},
		{"Windows Hello", authn.WindowsHello, made("tpm", 1), authn.AAL3, ""},
		{"Windows Hello without a chip", authn.WindowsHello, bound, authn.AAL2, authn.Unattested},
		{"Windows Hello by software", authn.WindowsHello, made("packed", 3), authn.AAL2, authn.Unattested},
		{"Windows Hello that syncs", authn.WindowsHello, synced(made("tpm", 1)), authn.AAL2, authn.Synced},
		{"iPad that is managed", authn.IPad, managed(made("packed", 0)), authn.AAL3, ""},
		{"iPad that nobody manages", authn.IPad, bound, authn.AAL2, authn.Unmanaged},
		{"iPad of Apple's making alone", authn.IPad, made("apple", 3), authn.AAL2, authn.Unmanaged},
		{"managed iPad, by another format", authn.IPad, managed(made("apple", 3)), authn.AAL2, authn.Unattested},
		{"iPad that is managed and syncs", authn.IPad, synced(managed(made("packed", 0))), authn.AAL2, authn.Synced},
		{"iPad touched only", authn.IPad, authn.Binding{Managed: true, DeviceBound: true}, authn.NoLevel, ""},
		{"managed device posing as security key", authn.SecurityKey, managed(bound), authn.AAL2, authn.Unattested},
		{"passkey on one phone", authn.Passkey, bound, authn.AAL2, ""},
		{"passkey that syncs", authn.Passkey, synced(bound), authn.AAL2, ""},
		{"passkey touched only", authn.Passkey, authn.Binding{}, authn.NoLevel, ""},
		{"authenticator app", authn.AuthenticatorApp, authn.Binding{}, authn.AAL2, ""},
		{"smartcard", authn.SmartcardInternet, authn.Binding{}, authn.AAL3, ""},
		{"unknown kind", "pigeon", bound, authn.NoLevel, ""},
	}
	for _, tt := range tests {
		if got, why := authn.LevelOf(tt.kind, tt.b); got != tt.want || why != tt.why {
			t.Errorf("%s: LevelOf = %v, %q, want %v, %q", tt.name, got, why, tt.want, tt.why)
		}
	}
}

func TestParseACR(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   string
		err    error
	}{
		{"nothing asked", nil, "AAL3_ANY", nil},
		{"the usual choice", []string{"AAL2_OR_AAL3_ANY"}, "AAL2_OR_AAL3_ANY", nil},
		{"one method pinned", []string{"AAL3_FIDO2"}, "AAL3_FIDO2", nil},
		{"either smartcard", []string{"AAL3_SMARTCARD"}, "AAL3_SMARTCARD", nil},
		{"first preference unknown", []string{"AAL9_ANY", "AAL2_TOTP"}, "AAL2_TOTP", nil},
		{"password only", []string{"AAL1_USERPASS"}, "", authn.ErrNotOffered},
		{"unknown only", []string{"AAL9_ANY"}, "", authn.ErrUnknownClass},
		{"lower case is another string", []string{"aal3_any"}, "", authn.ErrUnknownClass},
		{"a level the method does not reach", []string{"AAL3_TOTP"}, "", authn.ErrUnknownClass},
	}
	for _, tt := range tests {
		got, err := authn.ParseACR(tt.values)
		if got.Name() != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: ParseACR = %q, %v; want %q, %v", tt.name, got.Name(), err, tt.want, tt.err)
		}
	}
	for _, name := range authn.Classes() {
		if c, err := authn.ParseACR([]string{name}); err != nil || c.Name() != name {
			t.Errorf("%s is listed but gives %q, %v", name, c.Name(), err)
		}
	}
}

// The sign-in page offers the right kinds for each class.
func TestAllows(t *testing.T) {
	all := authn.Kinds()
	aal3 := []authn.Kind{authn.SmartcardHSCN, authn.SmartcardInternet, authn.SecurityKey, authn.WindowsHello,
		authn.IPad}
	offered := map[string][]authn.Kind{
		"AAL3_ANY":         aal3,
		"AAL2_OR_AAL3_ANY": all,
		// The FIDO2 kinds may hold a synced credential, which counts as AAL2.
		"AAL2_ANY": {authn.SecurityKey, authn.WindowsHello, authn.IPad, authn.Passkey, authn.AuthenticatorApp,
			authn.NHSMail},
		"AAL3_N3_SMARTCARD":   {authn.SmartcardHSCN},
		"AAL3_CIS2_SMARTCARD": {authn.SmartcardInternet},
		"AAL3_SMARTCARD":      {authn.SmartcardHSCN, authn.SmartcardInternet},
		"AAL3_IOS":            {authn.IPad},
		"AAL3_FIDO2":          {authn.SecurityKey, authn.WindowsHello},
		"AAL2_PASSKEY":        {authn.Passkey},
		"AAL2_TOTP":           {authn.AuthenticatorApp},
		"AAL2_NHSMAIL":        {authn.NHSMail},
	}
	if len(offered) != len(authn.Classes()) {
		t.Fatalf("the table has %d classes, the package %d", len(offered), len(authn.Classes()))
	}
	for name, want := range offered {
		c, err := authn.ParseACR([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range all {
			if got := c.Allows(k); got != slices.Contains(want, k) {
				t.Errorf("%s.Allows(%s) = %v", name, k, got)
			}
		}
	}
}

func TestMet(t *testing.T) {
	tests := []struct {
		name  string
		class authn.Class
		kind  authn.Kind
		level authn.Level
		want  bool
	}{
		{"security key for AAL3", authn.AAL3Any, authn.SecurityKey, authn.AAL3, true},
		{"synced security key for AAL3", authn.AAL3Any, authn.SecurityKey, authn.AAL2, false},
		{"synced security key where AAL2 is enough", authn.AAL2OrAAL3Any, authn.SecurityKey, authn.AAL2, true},
		{"authenticator app for AAL3", authn.AAL3Any, authn.AuthenticatorApp, authn.AAL2, false},
		{"authenticator app claiming AAL3", authn.AAL3Any, authn.AuthenticatorApp, authn.AAL3, false},
		{"smartcard where exactly AAL2 is asked", authn.AAL2Any, authn.SmartcardHSCN, authn.AAL3, false},
		{"no level", authn.AAL2OrAAL3Any, authn.SecurityKey, authn.NoLevel, false},
		{"class of nothing", authn.Class{}, authn.SecurityKey, authn.AAL3, false},
	}
	for _, tt := range tests {
		if got := tt.class.Met(tt.kind, tt.level); got != tt.want {
			t.Errorf("%s: Met = %v, want %v", tt.name, got, tt.want)
		}
	}
	for class, want := range map[string]struct{ got, min authn.Level }{
		"either level": {authn.AAL2OrAAL3Any.MinLevel(), authn.AAL2},
		"the default":  {authn.Default().MinLevel(), authn.AAL3},
		"no class":     {authn.Class{}.MinLevel(), authn.NoLevel},
	} {
		if want.got != want.min {
			t.Errorf("MinLevel of %s = %s, want %s", class, want.got, want.min)
		}
	}
}

func TestLevelClaim(t *testing.T) {
	for l, want := range map[authn.Level]string{authn.AAL1: "1", authn.AAL2: "2", authn.AAL3: "3"} {
		if got := l.Claim(); got != want {
			t.Errorf("%v: Claim = %q, want %q", l, got, want)
		}
	}
}
