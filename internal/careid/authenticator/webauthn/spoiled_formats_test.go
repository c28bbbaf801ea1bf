package webauthn_test

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/national/authn"
)

// spoiledTPM are attestations that no computer's chip made, or that say less of the key than they seem to. Resp-9.
func (s *stage) spoiledTPM(algorithm int) []spoiled {
	type chip = credentialtest.Chip
	m := s.hello
	says := func(change func(*chip)) credentialtest.Attest { return credentialtest.TPM(m.by, change, m.between) }
	identity := func(changes ...credentialtest.Change) credentialtest.Attest {
		return credentialtest.TPM(m.between.Identity(m.by.Key, changes...), nil, m.between)
	}
	forged := newMaker("Chips", m.aaguid)
	forged.by = forged.between.Identity(m.by.Key)
	other := credentialtest.New(rpid, origin, m.aaguid, credentialtest.ES256)
	of := func(sort int) *credentialtest.Device { return credentialtest.New(rpid, origin, m.aaguid, sort) }
	attributes := func(clear uint32) credentialtest.Attest {
		return says(func(c *chip) { c.Attributes &^= clear })
	}
	sort := map[int]int{
		credentialtest.RS256: credentialtest.ES256, credentialtest.ES256: credentialtest.RS256,
	}
	list := []spoiled{
		{name: "Resp-9 magic", attest: says(func(c *chip) { c.Magic++ })},
		{name: "Resp-9 type of another structure", attest: says(func(c *chip) { c.Type = 0x8018 })},
		{name: "Resp-9 extraData of something else", attest: says(func(c *chip) { c.ExtraData = flipped(c.ExtraData) })},
		{name: "Resp-9 extraData empty", attest: says(func(c *chip) { c.ExtraData = nil })},
		{name: "Resp-9 name of another key", attest: says(func(c *chip) {
			digest := sha256.Sum256(credentialtest.PublicArea(other))
			c.Name = append([]byte{0, 0x0b}, digest[:]...)
		})},
		{name: "Resp-9 name empty", attest: says(func(c *chip) { c.Name = []byte{} })},
		{name: "Resp-9 pubArea of another key", attest: says(func(c *chip) { c.Public = credentialtest.PublicArea(other) })},
		{name: "Resp-9 pubArea of another sort of key", attest: says(func(c *chip) {
			c.Public = credentialtest.PublicArea(of(sort[algorithm]))
		})},
		{name: "Resp-9 pubArea cut short", attest: says(func(c *chip) { c.Public = []byte{0, 1, 0, 0x0b} })},
		{name: "Resp-9 bytes behind the key", spoil: statement(func(c *ceremony) {
			public, _ := c.Statement.At("pubArea").([]byte)
			c.Statement = c.Statement.With("pubArea", append(slices.Clone(public), 0))
		})},
		{name: "Resp-9 wrong order", attest: says(func(c *chip) { slices.Reverse(c.Chain) })},
		{name: "Resp-9 no certificate", attest: says(func(c *chip) { c.Chain = nil })},
		{name: "§8.3 version 1.2", attest: says(func(c *chip) { c.Version = "1.2" })},
		{name: "§8.3 version empty", attest: says(func(c *chip) { c.Version = "" })},
		{name: "Resp-4 signed with RS1", attest: says(func(c *chip) { c.Algorithm = -65535 })},
		{name: "§8.3 alg of another key", attest: says(func(c *chip) { c.Algorithm = credentialtest.ES256 })},
		{name: "§8.3.1 a subject", attest: identity(func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: "Chip"}
		})},
		{name: "§8.3.1 no usage", attest: identity(func(c *x509.Certificate) { c.UnknownExtKeyUsage = nil })},
		{name: "§8.3.1 no alternative name", attest: identity(func(c *x509.Certificate) { c.ExtraExtensions = nil })},
		{name: "§8.3.1 manufacturer of nobody", attest: identity(func(c *x509.Certificate) {
			c.ExtraExtensions[0].Value = credentialtest.ChipName("id:00000000")
		})},
		{name: "§8.3.1 an authority", attest: identity(func(c *x509.Certificate) { c.IsCA = true })},
		{name: "Resp-9 certificate that ended", attest: identity(ended)},
		{name: "Resp-9 certificate that begins later", attest: identity(begins)},
		{name: "W19 root of its own", bound: authn.AAL2,
			attest: credentialtest.TPM(forged.by, nil, forged.between, forged.root)},
		{name: "W19 chain that ends nowhere", bound: authn.AAL2, attest: credentialtest.TPM(m.by, nil)},
		{name: "key that may leave the chip", bound: authn.AAL2, attest: attributes(credentialtest.FixedTPM)},
		{name: "key that may leave its place", bound: authn.AAL2, attest: attributes(credentialtest.FixedParent)},
		{name: "key that was made elsewhere", bound: authn.AAL2, attest: attributes(credentialtest.MadeInside)},
		{name: "Resp-9 signature of something else", spoil: statement(spoiledSignature)},
		{name: "W12 synced credential", spoil: flags(credentialtest.BackupEligible, 0), bound: authn.AAL2},
		{name: "§8.3 ecdaaKeyId", spoil: key("ecdaaKeyId", []byte{1})},
		{name: "§8 statement of another format", spoil: statement(func(c *ceremony) { c.Format = "packed" })},
		{name: "Resp-9 bytes behind what was signed", spoil: statement(func(c *ceremony) {
			info, _ := c.Statement.At("certInfo").([]byte)
			info = append(slices.Clone(info), 0)
			c.Statement = c.Statement.With("certInfo", info).With("sig", credentialtest.Sign(m.by.Key, info))
		})},
	}
	for _, name := range []string{"ver", "alg", "x5c", "sig", "certInfo", "pubArea"} {
		list = append(list,
			spoiled{name: "§8.3 " + name + " missing", spoil: no(name)},
			spoiled{name: "§8.3 " + name + " no such thing", spoil: key(name, true)},
		)
	}
	return append(list, signedBefore()...)
}

// spoiledApple are attestations for another credential, or by nobody that Apple knows.
func (s *stage) spoiledApple() []spoiled {
	type of = credentialtest.OfCredential
	m := s.apple
	says := func(change func(*of)) credentialtest.Attest { return credentialtest.Apple(m.between, change) }
	forged := newMaker("Apples", m.aaguid)
	return append(signedBefore(),
		spoiled{name: "apple nonce of something else", attest: says(func(o *of) { o.Nonce = flipped(o.Nonce) })},
		spoiled{name: "apple nonce empty", attest: says(func(o *of) { o.Nonce = nil })},
		spoiled{name: "apple no nonce", attest: says(func(o *of) { o.Without = true })},
		spoiled{name: "apple key of another credential", attest: says(func(o *of) { o.Key = m.root })},
		spoiled{name: "apple root of its own", attest: credentialtest.Apple(forged.between, nil)},
		spoiled{name: "apple root of its own, beside it", attest: credentialtest.Apple(forged.root, nil)},
		spoiled{name: "apple wrong order", spoil: reversed()},
		spoiled{name: "apple authority alone", spoil: key("x5c", []any{m.between.Raw})},
		spoiled{name: "apple x5c missing", spoil: no("x5c")},
		spoiled{name: "apple x5c empty", spoil: key("x5c", []any{})},
		spoiled{name: "apple x5c a text", spoil: key("x5c", "certificates")},
	)
}

// reversed turns the certificates of a statement around.
func reversed() credentialtest.Spoil {
	return statement(func(c *ceremony) {
		list, _ := c.Statement.At("x5c").([]any)
		list = slices.Clone(list)
		slices.Reverse(list)
		c.Statement = c.Statement.With("x5c", list)
	})
}

// spoiledAndroid are attestations for another key, or for one that is not in the hardware. Resp-A.
func (s *stage) spoiledAndroid() []spoiled {
	type of = credentialtest.OfCredential
	const encrypt, imported = 0, 2
	m := s.google
	says := s.android
	forged := newMaker("Robots", m.aaguid)
	return append(signedBefore(),
		spoiled{name: "Resp-A challenge of something else", attest: says(func(o *of) { o.Nonce = flipped(o.Nonce) })},
		spoiled{name: "Resp-A key of another credential", attest: says(func(o *of) { o.Key = m.root })},
		spoiled{name: "Resp-A wrong order", spoil: reversed()},
		spoiled{name: "§8.4 no description of the key", attest: says(func(o *of) { o.Without = true })},
		spoiled{name: "§8.4 key of every app", attest: says(func(o *of) { o.AllApps = true })},
		spoiled{name: "§8.4 key that was made elsewhere", attest: says(func(o *of) { o.Origin = imported })},
		spoiled{name: "§8.4 key for something else", attest: says(func(o *of) { o.Purposes = []int{encrypt} })},
		spoiled{name: "§8.4 signature of something else", spoil: statement(spoiledSignature)},
		spoiled{name: "§8.4 alg of another key", spoil: key("alg", credentialtest.RS256)},
		spoiled{name: "§8.4 alg missing", spoil: no("alg")},
		spoiled{name: "§8.4 sig missing", spoil: no("sig")},
		spoiled{name: "§8.4 x5c missing", spoil: no("x5c")},
		spoiled{name: "§8.4 x5c empty", spoil: key("x5c", []any{})},
		spoiled{name: "§8.4 root of its own", attest: credentialtest.Android(forged.between, nil, forged.root)},
		spoiled{name: "§8.4 root of its own, beside it", attest: credentialtest.Android(forged.root, nil)},
	)
}

// spoiledU2F are attestations of old keys that they did not make. Resp-8.
func (s *stage) spoiledU2F() []spoiled {
	m := s.u2f
	changed := signedBefore()[1:] // these keys sign nothing of the authenticator data but whose it is
	return append(changed,
		spoiled{name: "Resp-8 a model", device: func(d *credentialtest.Device) { d.AAGUID = s.keys.aaguid }},
		spoiled{name: "Resp-8 signature of something else", spoil: statement(spoiledSignature)},
		spoiled{name: "§8.6 sig missing", spoil: no("sig")},
		spoiled{name: "§8.6 x5c missing", spoil: no("x5c")},
		spoiled{name: "§8.6 x5c empty", spoil: key("x5c", []any{})},
		spoiled{name: "§8.6 two certificates", spoil: key("x5c", []any{m.by.Raw, m.root.Raw})},
		spoiled{name: "§8.6 certificate of another key", spoil: key("x5c", []any{s.keys.by.Raw})},
		spoiled{name: "§8.6 certificate of an RSA key", spoil: key("x5c", []any{s.hello.by.Raw})},
		spoiled{name: "§8.6 certificate that ended", attest: credentialtest.U2F(m.root.Batch(m.aaguid, ended))},
		spoiled{name: "§8.6 certificate that begins later", attest: credentialtest.U2F(m.root.Batch(m.aaguid, begins))},
		spoiled{name: "§8.6 key of another algorithm", device: func(d *credentialtest.Device) {
			d.Key = credentialtest.NewKey(credentialtest.RS256)
		}},
		spoiled{name: "W9 user not verified, as these keys cannot", spoil: flags(0, credentialtest.UserVerified)},
	)
}
