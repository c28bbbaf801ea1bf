package webauthn_test

import (
	"crypto/rsa"
	"slices"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/platform/random"
)

// spoiledLogins are logins that are not written as they should be.
func spoiledLogins() []spoiled {
	const other = "webauthn.create"
	envelopes := append(spoiledEnvelopes("authenticatorData"), spoiledEnvelopes("signature")...)
	return slices.Concat(distinct(envelopes), spoiledClientData(other), spoiledHandles())
}

// spoiledSigning are logins in which something else is signed, or somebody else signs.
func spoiledSigning() []spoiled {
	return slices.Concat(spoiledAuthData(), spoiledSignatures(), spoiledDevices())
}

// distinct leaves out what is there already.
func distinct(list []spoiled) (once []spoiled) {
	names := map[string]bool{}
	for _, c := range list {
		if !names[c.name] {
			once = append(once, c)
		}
		names[c.name] = true
	}
	return once
}

// spoiledHandles name another user or none. W14.
func spoiledHandles() []spoiled {
	return []spoiled{
		{name: "Resp-1 userHandle missing", spoil: within("userHandle", nil)},
		{name: "Resp-1 userHandle a number", spoil: within("userHandle", 7)},
		{name: "Resp-1 userHandle empty", spoil: within("userHandle", "")},
		{name: "Resp-1 userHandle not in base64url", spoil: within("userHandle", "+/==")},
		{name: "W14 userHandle of somebody else", spoil: within("userHandle", base64url(random.Bytes(32)))},
		{name: "W14 credential that nobody has", device: func(d *credentialtest.Device) { d.ID = random.Bytes(32) }},
	}
}

// spoiledSignatures did not come from the credential, or do not sign what is sent.
func spoiledSignatures() []spoiled {
	signature := func(change func(c *ceremony) []byte) credentialtest.Spoil {
		return statement(func(c *ceremony) { c.Signature = change(c) })
	}
	return []spoiled{
		{name: "Resp-1 signature of something else", spoil: signature(func(c *ceremony) []byte {
			return flipped(c.Signature)
		})},
		{name: "Resp-1 signature of nothing", spoil: signature(func(c *ceremony) []byte {
			return credentialtest.Sign(c.Device.Key, nil)
		})},
		{name: "Resp-1 signature of the authenticator data alone", spoil: signature(func(c *ceremony) []byte {
			return credentialtest.Sign(c.Device.Key, c.AuthData)
		})},
		{name: "Resp-3 signature of other client data", spoil: statement(func(c *ceremony) {
			c.ClientData = append([]byte{' '}, c.ClientData...)
		})},
		{name: "Resp-3 signature of other authenticator data", spoil: statement(func(c *ceremony) {
			c.AuthData = slices.Clone(c.AuthData)
			c.AuthData[36] += 7 // the counter
		})},
		{name: "W17 signature by another key", spoil: signature(func(c *ceremony) []byte {
			return credentialtest.Sign(credentialtest.NewKey(credentialtest.ES256), c.Signed())
		})},
		{name: "W17 signature by another sort of key", spoil: signature(func(c *ceremony) []byte {
			sort := credentialtest.RS256
			if _, is := c.Device.Key.(*rsa.PrivateKey); is {
				sort = credentialtest.ES256
			}
			return credentialtest.Sign(credentialtest.NewKey(sort), c.Signed())
		})},
		{name: "W18 bytes behind the signature", spoil: signature(func(c *ceremony) []byte {
			return append(c.Signature, 0)
		})},
		{name: "W18 half a signature", spoil: signature(func(c *ceremony) []byte {
			return c.Signature[:len(c.Signature)/2]
		})},
		{name: "W18 r and s zero", spoil: signature(func(*ceremony) []byte { return []byte{0x30, 6, 2, 1, 0, 2, 1, 0} })},
		{name: "W18 nothing but zeros", spoil: signature(func(c *ceremony) []byte {
			return make([]byte, len(c.Signature))
		})},
	}
}

// spoiledDevices are not the authenticator that was bound, or not as it was. W11, W13.
func spoiledDevices() []spoiled {
	return []spoiled{
		{name: "W13 counter that stands still", device: func(d *credentialtest.Device) { d.Counter-- }},
		{name: "W13 counter that ran backwards to nought", device: func(d *credentialtest.Device) { d.Counter -= 2 }},
		{name: "W11 may be backed up since", spoil: flags(credentialtest.BackupEligible, 0)},
		{name: "W11 is backed up since", spoil: flags(credentialtest.BackupEligible|credentialtest.BackupState, 0)},
		{name: "another relying party's device", device: func(d *credentialtest.Device) { d.RPID = "dos.localhost" }},
	}
}
