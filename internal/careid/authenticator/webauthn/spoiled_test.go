package webauthn_test

import (
	"encoding/base64"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

// honest is the ceremony that a spoiled one is beside: who makes it, as what it is bound, and the level that it has.
type honest struct {
	kind      authn.Kind
	aaguid    [16]byte
	algorithm int
	attest    credentialtest.Attest
	level     authn.Level
}

// honestBindings gives an honest binding of each format.
func (s *stage) honestBindings() map[string]honest {
	const es256, rs256 = credentialtest.ES256, credentialtest.RS256
	return map[string]honest{
		"none":       {authn.Passkey, [16]byte{}, es256, credentialtest.None, authn.AAL2},
		"none RS256": {authn.Passkey, [16]byte{}, rs256, credentialtest.None, authn.AAL2},
		"packed self": {
			authn.SecurityKey, s.keys.aaguid, es256, credentialtest.Self, authn.AAL2,
		},
		"packed self RS256": {
			authn.SecurityKey, s.keys.aaguid, rs256, credentialtest.Self, authn.AAL2,
		},
		"packed": {
			authn.SecurityKey, s.keys.aaguid, es256, credentialtest.Packed(s.keys.by, s.keys.between), authn.AAL3,
		},
		"packed managed": {
			authn.IPad, s.fleet.aaguid, es256, credentialtest.Packed(s.fleet.by, s.fleet.between), authn.AAL3,
		},
		"tpm RS256": {
			authn.WindowsHello, helloModel, rs256, credentialtest.TPM(s.hello.by, nil, s.hello.between), authn.AAL3,
		},
		"tpm ES256": {
			authn.WindowsHello, helloModel, es256, credentialtest.TPM(s.hello.by, nil, s.hello.between), authn.AAL3,
		},
		"apple":       {authn.Passkey, s.apple.aaguid, es256, credentialtest.Apple(s.apple.between, nil), authn.AAL2},
		"android-key": {authn.Passkey, s.google.aaguid, es256, s.android(nil), authn.AAL2},
		"fido-u2f":    {authn.SecurityKey, [16]byte{}, es256, credentialtest.U2F(s.u2f.by), authn.AAL2},
	}
}

// android attests as Android does, whose root stands behind the chain.
func (s *stage) android(change func(*credentialtest.OfCredential)) credentialtest.Attest {
	return credentialtest.Android(s.google.between, change, s.google.root)
}

// spoiled is a ceremony that must not be accepted as what its honest twin is.
type spoiled struct {
	name   string // with the number of what it checks, where the lists have one
	spoil  credentialtest.Spoil
	device func(*credentialtest.Device) // changes the device before it answers; nil for no change
	attest credentialtest.Attest        // in place of the honest one; nil for that

	// bound is the level at which it is bound all the same: nothing proves that it is what it says. NoLevel where it is
	// refused.
	bound authn.Level
}

// No spoiled ceremony is accepted: a binding binds nothing, or not at the level of its honest twin, and a login proves
// nothing. Each is tried after its honest twin, in one go with it.
func TestSpoiledCeremonies(t *testing.T) {
	s := openStage(t)
	groups := table{}
	accepted := 0
	bases := s.honestBindings()
	for format, list := range s.spoiledBindings() {
		base, known := bases[format]
		if !known {
			t.Fatalf("no honest binding %q", format)
		}
		s.bindHonestly(t, "honest "+format, base)
		for _, c := range list {
			groups.count("bindings, "+format, c.name)
			if s.bindSpoiled(t, format+": "+c.name, base, c) {
				accepted++
			}
		}
	}
	for format := range bases {
		if groups["bindings, "+format].tried == 0 {
			t.Errorf("no binding of format %s is spoiled", format)
		}
	}
	for name, login := range s.honestLogins() {
		for _, c := range login.spoiled {
			groups.count("logins, "+name, c.name)
			if s.loginSpoiled(t, "login "+name+": "+c.name, login, c) {
				accepted++
			}
		}
	}
	report(t, groups, accepted)
	s.export()
}

func (s *stage) device(base honest) *credentialtest.Device {
	return credentialtest.New(rpid, origin, base.aaguid, base.algorithm)
}

// bindHonestly binds an honest device, as which the same device is refused if it is spoiled.
func (s *stage) bindHonestly(t *testing.T, name string, base honest) {
	t.Helper()
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	answer := d.Create(at.challenge, base.attest, credentialtest.Spoil{})
	a, err := s.finishBinding(base.kind, at, answer)
	if err != nil || a.Level != base.level {
		t.Fatalf("%s: %s, %q, %v; want %s", name, a.Level, a.Why, err, base.level)
	}
	s.remove(a.ID)
	s.note(tried{Name: name, Kind: "bind", Accepted: true, Answer: answer, Challenge: at.challenge})
}

func (s *stage) bindSpoiled(t *testing.T, name string, base honest, c spoiled) (accepted bool) {
	t.Helper()
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	if c.device != nil {
		c.device(d)
	}
	if c.attest == nil {
		c.attest = base.attest
	}
	answer := d.Create(at.challenge, c.attest, c.spoil)
	a, err := s.finishBinding(base.kind, at, answer)
	switch {
	case err != nil && c.bound != authn.NoLevel:
		t.Errorf("%s: refused, not bound at %s: %v", name, c.bound, err)
	case err != nil:
		mustBeRefused(t, name, err)
	case a.Level != c.bound:
		accepted = true
		t.Errorf("%s: bound at %s", name, a.Level)
	}
	if err == nil {
		s.remove(a.ID)
	}
	s.note(tried{Name: name, Kind: "bind", Accepted: accepted, Answer: answer, Challenge: at.challenge})
	return accepted
}

// honestLogin is what logins are spoiled beside: as what the device is bound, and what is tried.
type honestLogin struct {
	base    honest
	spoiled []spoiled
	device  *credentialtest.Device // that is bound; nil until one is
	bound   authenticator.Authenticator
}

// honestLogins gives a login for each algorithm of a credential.
func (s *stage) honestLogins() map[string]*honestLogin {
	bases := s.honestBindings()
	return map[string]*honestLogin{
		"ES256": {base: bases["packed"], spoiled: append(spoiledLogins(), spoiledSigning()...)},
		"RS256": {base: bases["tpm RS256"], spoiled: spoiledSigning()},
	}
}

// mustBeBound binds a device for the login, if none is bound.
func (s *stage) mustBeBound(l *honestLogin) {
	s.Helper()
	if l.device != nil {
		return
	}
	l.device = s.device(l.base)
	at := s.beginBinding(l.base.kind, l.device)
	answer := l.device.Create(at.challenge, l.base.attest, credentialtest.Spoil{})
	l.bound = worldtest.Must(s.finishBinding(l.base.kind, at, answer))(s)
}

// loginSpoiled logs in with a device, and then spoils a login with it.
func (s *stage) loginSpoiled(t *testing.T, name string, l *honestLogin, c spoiled) (accepted bool) {
	t.Helper()
	s.mustBeBound(l)
	d := *l.device
	bound := d
	at := s.beginLogin(l.base.kind)
	answer := d.Use(at.challenge, credentialtest.Spoil{})
	if proven, err := s.finishLogin(l.base.kind, at, answer); err != nil || proven.AuthenticatorID != l.bound.ID {
		t.Fatalf("%s: the honest twin: %v", name, err)
	}
	s.noteLogin("honest twin of "+name, bound, at, answer, true)
	*l.device = d
	at = s.beginLogin(l.base.kind)
	bound = d
	if c.device != nil {
		c.device(&d)
	}
	answer = d.Use(at.challenge, c.spoil)
	_, err := s.finishLogin(l.base.kind, at, answer)
	if accepted = err == nil; accepted {
		t.Errorf("%s: accepted", name)
		s.remove(l.bound.ID)
		l.device = nil
	} else {
		mustBeRefused(t, name, err)
	}
	s.noteLogin(name, bound, at, answer, accepted)
	return accepted
}

// noteLogin keeps a login with a device as it was bound.
func (s *stage) noteLogin(name string, d credentialtest.Device, at begun, answer string, accepted bool) {
	s.note(tried{
		Name: name, Kind: "login", Accepted: accepted, Answer: answer, Challenge: at.challenge, Counter: d.Counter,
		ID:        base64.RawURLEncoding.EncodeToString(d.ID),
		PublicKey: base64.RawURLEncoding.EncodeToString(credentialtest.CBOR(credentialtest.PublicKey(d.Key))),
	})
}
