package webauthn_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"time"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/national/authn"
)

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// spoiledBindings gives what is tried of each format.
func (s *stage) spoiledBindings() map[string][]spoiled {
	return map[string][]spoiled{
		"none":              slices.Concat(spoiledObjects(), spoiledKeys(), s.spoiledNone()),
		"none RS256":        spoiledRSAKeys(),
		"packed":            s.spoiledMaker(),
		"packed self":       slices.Concat(spoiledAuthData(), spoiledSelf()),
		"packed self RS256": spoiledSelf(),
		"packed managed":    s.spoiledManaged(),
		"tpm RS256":         s.spoiledTPM(credentialtest.RS256),
		"tpm ES256":         s.spoiledTPM(credentialtest.ES256),
		"apple":             s.spoiledApple(),
		"android-key":       s.spoiledAndroid(),
		"fido-u2f":          s.spoiledU2F(),
	}
}

// spoiledMaker are bindings of security keys that are spoiled anywhere.
func (s *stage) spoiledMaker() []spoiled {
	const other = "webauthn.get"
	return slices.Concat(spoiledEnvelopes("attestationObject"), spoiledClientData(other), s.spoiledPacked())
}

// signedBefore are changes of what an attestation signed.
func signedBefore() []spoiled {
	return []spoiled{
		{name: "authenticator data changed once it was signed", spoil: statement(func(c *ceremony) {
			c.AuthData = slices.Clone(c.AuthData)
			c.AuthData[36] ^= 1 // the counter
		})},
		{name: "client data changed once it was signed", spoil: statement(func(c *ceremony) {
			c.ClientData = append([]byte{' '}, c.ClientData...)
		})},
	}
}

// spoiledObjects are no attestation objects. Resp-3.
func spoiledObjects() []spoiled {
	type m = credentialtest.Map
	with := func(name string, value any) credentialtest.Spoil {
		return object(func(_ *ceremony, o m) any { return o.With(name, value) })
	}
	without := func(name string) credentialtest.Spoil {
		return object(func(_ *ceremony, o m) any { return o.Without(name) })
	}
	list := []spoiled{
		{name: "Resp-3 no map", spoil: object(func(*ceremony, m) any { return []any{"none"} })},
		{name: "Resp-3 no CBOR", spoil: object(func(*ceremony, m) any { return credentialtest.Raw{0xff, 0xff} })},
		{name: "Resp-3 fmt missing", spoil: without("fmt")},
		{name: "Resp-3 fmt a number", spoil: with("fmt", 7)},
		{name: "Resp-3 fmt in upper case", spoil: with("fmt", "NONE")},
		{name: "Resp-3 fmt empty", spoil: with("fmt", "")},
		{name: "Resp-5 fmt that nobody knows", spoil: with("fmt", "carved in stone")},
		{name: "Resp-3 attStmt missing", spoil: without("attStmt")},
		{name: "Resp-3 attStmt a text", spoil: with("attStmt", "none")},
		{name: "Resp-3 attStmt a list", spoil: with("attStmt", []any{})},
		{name: "Resp-3 authData missing", spoil: without("authData")},
		{name: "Resp-3 authData a text", spoil: object(func(c *ceremony, o m) any {
			return o.With("authData", string(bytes.ToValidUTF8(c.AuthData, nil)))
		})},
		{name: "Resp-3 authData empty", spoil: with("authData", []byte{})},
		{name: "W21 leftover bytes", spoil: object(func(_ *ceremony, o m) any {
			return credentialtest.Raw(append(credentialtest.CBOR(o), 0))
		})},
		{name: "W21 a key twice", spoil: object(func(_ *ceremony, o m) any { return append(o, o[0]) })},
		{name: "W21 nested deeply", spoil: with("attStmt",
			m{}.With("a", credentialtest.Raw(bytes.Repeat([]byte{0x81}, 400))))},
		{name: "W21 longer than it is", spoil: with("attStmt",
			credentialtest.Raw(append([]byte{0xbb, 0x7f}, bytes.Repeat([]byte{0xff}, 7)...)))},
		{name: "W21 of indefinite length", spoil: with("attStmt", credentialtest.Raw{0xbf, 0xff})},
	}
	return append(list, spoiledAuthData()...)
}

// spoiledKeys are credentials that nobody may have.
func spoiledKeys() []spoiled {
	id := func(bytes int) func(*credentialtest.Device) {
		return func(d *credentialtest.Device) { d.ID = make([]byte, bytes) }
	}
	public := func(name, value any) credentialtest.Spoil {
		return parts(func(c *ceremony) { c.Auth.PublicKey = c.Auth.PublicKey.With(name, value) })
	}
	return []spoiled{
		{name: "Resp-3 no credential announced, one there", spoil: flags(0, credentialtest.Attested)},
		{name: "Resp-3 a credential announced, none there", spoil: parts(func(c *ceremony) { c.Auth.PublicKey = nil })},
		{name: "Resp-3 longer id than there is", spoil: parts(func(c *ceremony) { c.Auth.IDLength += 500 })},
		{name: "§7.1 id of 1,024 bytes", device: id(1024)},
		{name: "§7.1 no id", device: id(0)},
		{name: "§4 id that may be guessed", device: id(8)},
		{name: "§7.1 id of another credential", spoil: answer(func(c *ceremony) {
			c.Answer["id"] = base64url(flipped(c.Auth.ID))
			c.Answer["rawId"] = c.Answer["id"]
		})},
		{name: "W17 algorithm not offered", spoil: public(3, -8)},
		{name: "W17 ES384 not offered", spoil: public(3, -35)},
		{name: "W17 algorithm of the other sort of key", spoil: public(3, credentialtest.RS256)},
		{name: "W17 no algorithm", spoil: parts(func(c *ceremony) { c.Auth.PublicKey = c.Auth.PublicKey.Without(3) })},
		{name: "W17 another curve", spoil: public(-1, 2)},
		{name: "W17 no point of the curve", spoil: parts(func(c *ceremony) {
			c.Auth.PublicKey = c.Auth.PublicKey.With(-3, c.Auth.PublicKey.At(-2))
		})},
		{name: "W17 half a point", spoil: parts(func(c *ceremony) { c.Auth.PublicKey = c.Auth.PublicKey.Without(-3) })},
		{name: "W17 a key in letters", spoil: public(-2, "x")},
	}
}

// spoiledRSAKeys are RSA keys that nobody may have.
func spoiledRSAKeys() []spoiled {
	public := func(name, value any) credentialtest.Spoil {
		return parts(func(c *ceremony) { c.Auth.PublicKey = c.Auth.PublicKey.With(name, value) })
	}
	return []spoiled{
		{name: "Resp-4 RS1", spoil: public(3, -65535)},
		{name: "W17 PS256 not offered", spoil: public(3, -37)},
		{name: "W17 of 1,024 bits", spoil: public(-1, append([]byte{0x80}, make([]byte, 127)...))},
		{name: "W17 of 8,192 bits", spoil: public(-1, append([]byte{0x80}, make([]byte, 1023)...))},
		{name: "W17 exponent 3", spoil: public(-2, []byte{3})},
		{name: "W17 no modulus", spoil: parts(func(c *ceremony) { c.Auth.PublicKey = c.Auth.PublicKey.Without(-1) })},
	}
}

// spoiledNone are attestations by nobody that say something. Resp-7.
func (s *stage) spoiledNone() []spoiled {
	return []spoiled{
		{name: "Resp-7 none with a statement", spoil: key("alg", credentialtest.ES256)},
		{name: "Resp-7 none with a certificate", spoil: key("x5c", []any{s.keys.by.Raw})},
	}
}

// spoiledSelf are attestations by the credential itself that it did not make. Resp-6.
func spoiledSelf() []spoiled {
	return append(signedBefore(),
		spoiled{name: "Resp-6 signature of something else", spoil: statement(spoiledSignature)},
		spoiled{name: "Resp-6 signature of another key", spoil: statement(func(c *ceremony) {
			other := credentialtest.NewKey(credentialtest.ES256)
			c.Statement = c.Statement.With("sig", credentialtest.Sign(other, c.Signed()))
		})},
		spoiled{name: "Resp-3 no statement", spoil: statement(func(c *ceremony) { c.Statement = credentialtest.Map{} })},
		spoiled{name: "Resp-3 alg missing", spoil: no("alg")},
		spoiled{name: "Resp-3 alg a text", spoil: key("alg", "ES256")},
		spoiled{name: "Resp-3 alg of another key", spoil: key("alg", -8)},
		spoiled{name: "Resp-3 sig missing", spoil: no("sig")},
		spoiled{name: "Resp-3 sig a text", spoil: key("sig", "signature")},
		spoiled{name: "Resp-3 sig empty", spoil: key("sig", []byte{})},
		spoiled{name: "Resp-6 certificates that are none", spoil: key("x5c", "certificates")},
		spoiled{name: "Resp-6 no certificates, said so", spoil: key("x5c", nil)},
		spoiled{name: "Resp-6 no certificate among them", spoil: key("x5c", []any{})},
		spoiled{name: "§8.2 ecdaaKeyId", spoil: key("ecdaaKeyId", []byte{1})},
		spoiled{name: "§8.2 an entry that the format has not", spoil: key("ver", "2.0")},
	)
}

// ended and begins are certificates that are not valid now.
func ended(c *x509.Certificate)  { c.NotAfter = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) }
func begins(c *x509.Certificate) { c.NotBefore = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC) }

// spoiledPacked are attestations of a maker that it did not make. Resp-5.
func (s *stage) spoiledPacked() []spoiled {
	m := s.keys
	by := func(changes ...credentialtest.Change) credentialtest.Attest {
		return credentialtest.Packed(m.between.Batch(m.aaguid, changes...), m.between)
	}
	forged := newMaker("Keys", m.aaguid)
	forged.by = forged.between.Batch(m.aaguid)
	old := m.root.Below("Keys", ended)
	list := []spoiled{
		{name: "Resp-5 signature of something else", spoil: statement(spoiledSignature)},
		{name: "Resp-5 signature of the credential", spoil: statement(func(c *ceremony) {
			c.Statement = c.Statement.With("sig", credentialtest.Sign(c.Device.Key, c.Signed()))
		})},
		{name: "Resp-3 sig missing", spoil: no("sig")},
		{name: "Resp-3 sig a text", spoil: key("sig", "signature")},
		{name: "Resp-3 sig empty", spoil: key("sig", []byte{})},
		{name: "Resp-3 alg missing", spoil: no("alg")},
		{name: "Resp-3 alg a text", spoil: key("alg", "ES256")},
		{name: "Resp-5 alg of another key", spoil: key("alg", credentialtest.RS256)},
		{name: "Resp-5 alg that nobody knows", spoil: key("alg", -70000)},
		{name: "Resp-5 x5c missing", spoil: no("x5c")},
		{name: "Resp-5 x5c a text", spoil: key("x5c", "certificates")},
		{name: "Resp-5 x5c empty", spoil: key("x5c", []any{})},
		{name: "Resp-5 x5c of texts", spoil: key("x5c", []any{"certificate"})},
		{name: "Resp-5 certificate that cannot be read", spoil: key("x5c", []any{m.by.Raw[:100]})},
		{name: "Resp-5 wrong order", spoil: key("x5c", []any{m.between.Raw, m.by.Raw})},
		{name: "Resp-5 its authority alone", spoil: key("x5c", []any{m.between.Raw})},
		{name: "Resp-5 certificate that ended", attest: by(ended)},
		{name: "Resp-5 certificate that begins later", attest: by(begins)},
		{name: "Resp-5 authority that ended", attest: credentialtest.Packed(old.Batch(m.aaguid), old)},
		{name: "Resp-5 chain that ends nowhere", attest: credentialtest.Packed(m.by), bound: authn.AAL2},
		{name: "W19 root of its own", bound: authn.AAL2,
			attest: credentialtest.Packed(forged.by, forged.between, forged.root)},
		{name: "W19 root of its own, named only", bound: authn.AAL2,
			attest: credentialtest.Packed(forged.by, forged.between)},
		{name: "§8.2.1 certificate of another model", attest: credentialtest.Packed(s.fleet.by, s.fleet.between)},
		{name: "§8.2.1 certificate of an authority", attest: by(func(c *x509.Certificate) { c.IsCA = true })},
		{name: "§8.2.1 unit of something else", attest: by(func(c *x509.Certificate) {
			c.Subject.OrganizationalUnit = []string{"Web server"}
		})},
		{name: "§8.2.1 no country", attest: by(func(c *x509.Certificate) { c.Subject.Country = nil })},
		{name: "§8.2.1 no maker", attest: by(func(c *x509.Certificate) { c.Subject.Organization = nil })},
		{name: "§8.2.1 no name", attest: by(func(c *x509.Certificate) { c.Subject.CommonName = "" })},
		{name: "§8.2.1 critical model", attest: by(func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = true })},
		{name: "§8.2 ecdaaKeyId", spoil: key("ecdaaKeyId", []byte{1})},
		{name: "§8 statement of another format", spoil: statement(func(c *ceremony) { c.Format = "tpm" })},
		{name: "Resp-B android-safetynet", spoil: statement(func(c *ceremony) { c.Format = "android-safetynet" })},
		{name: "§8.9 compound", spoil: statement(func(c *ceremony) { c.Format = "compound" })},
		{name: "W12 synced credential", spoil: flags(credentialtest.BackupEligible, 0), bound: authn.AAL2},
		{name: "model of nobody", spoil: parts(func(c *ceremony) { c.Auth.AAGUID = make([]byte, 16) })},
	}
	return append(list, signedBefore()...)
}

// spoiledManaged are attestations of devices that the organisation does not manage.
func (s *stage) spoiledManaged() []spoiled {
	forged := newMaker("Fleet", s.fleet.aaguid)
	forged.by = forged.between.Batch(s.fleet.aaguid)
	return append(signedBefore(),
		spoiled{name: "W19 management of its own", bound: authn.AAL2,
			attest: credentialtest.Packed(forged.by, forged.between, forged.root)},
		spoiled{name: "W19 the true chain behind another certificate", bound: authn.AAL2,
			attest: credentialtest.Packed(forged.by, s.fleet.by, s.fleet.between)},
		spoiled{name: "W20 by itself", attest: credentialtest.Self, bound: authn.AAL2},
		spoiled{name: "W20 by nobody", attest: credentialtest.None, bound: authn.AAL2},
		spoiled{name: "W12 synced credential", spoil: flags(credentialtest.BackupEligible, 0), bound: authn.AAL2},
	)
}
