package webauthn_test

import (
	"bytes"
	"slices"

	"signpost/internal/careid/careidtest/credentialtest"
)

type ceremony = credentialtest.Ceremony

// The stages at which a ceremony is spoiled.
func parts(f func(*ceremony)) credentialtest.Spoil     { return credentialtest.Spoil{Parts: f} }
func octets(f func(*ceremony)) credentialtest.Spoil    { return credentialtest.Spoil{Bytes: f} }
func statement(f func(*ceremony)) credentialtest.Spoil { return credentialtest.Spoil{Statement: f} }
func answer(f func(*ceremony)) credentialtest.Spoil    { return credentialtest.Spoil{Answer: f} }

func text(f func(string) string) credentialtest.Spoil { return credentialtest.Spoil{Text: f} }

// field gives a field of the answer another value; nil takes it out.
func field(name string, value any) credentialtest.Spoil {
	return answer(func(c *ceremony) { set(c.Answer, name, value) })
}

// within does the same to a field of the response in the answer.
func within(name string, value any) credentialtest.Spoil {
	return answer(func(c *ceremony) { set(c.Response, name, value) })
}

// client does the same to a field of the client data, which is signed so.
func client(name string, value any) credentialtest.Spoil {
	return parts(func(c *ceremony) { set(c.Client, name, value) })
}

func set(fields map[string]any, name string, value any) {
	if value == nil {
		delete(fields, name)
		return
	}
	fields[name] = value
}

// key gives an entry of the statement another value.
func key(name string, value any) credentialtest.Spoil {
	return statement(func(c *ceremony) { c.Statement = c.Statement.With(name, value) })
}

// no takes an entry of the statement out.
func no(name string) credentialtest.Spoil {
	return statement(func(c *ceremony) { c.Statement = c.Statement.Without(name) })
}

// flags sets and clears flags, which are signed so.
func flags(set, clear byte) credentialtest.Spoil {
	return parts(func(c *ceremony) { c.Auth.Flags = c.Auth.Flags&^clear | set })
}

// object writes another attestation object.
func object(f func(c *ceremony, m credentialtest.Map) any) credentialtest.Spoil {
	return answer(func(c *ceremony) {
		m := credentialtest.Map{}.With("fmt", c.Format).With("attStmt", c.Statement).With("authData", c.AuthData)
		c.Response["attestationObject"] = base64url(credentialtest.CBOR(f(c, m)))
	})
}

// spoiledSignature is a signature of something else.
func spoiledSignature(c *ceremony) {
	if signature, is := c.Statement.At("sig").([]byte); is {
		c.Statement = c.Statement.With("sig", flipped(signature))
	}
}

func flipped(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)-1] ^= 1
	return b
}

// spoiledEnvelopes are what is not written as answers are. Resp-1 of both ceremonies; only says what is in one alone.
func spoiledEnvelopes(only string) []spoiled {
	list := []spoiled{
		{name: "Resp-1 nothing at all", spoil: text(func(string) string { return "" })},
		{name: "Resp-1 no object", spoil: text(func(string) string { return "[]" })},
		{name: "Resp-1 two answers", spoil: text(func(s string) string { return s + s })},
		{name: "Resp-1 cut in half", spoil: text(func(s string) string { return s[:len(s)/2] })},
	}
	for _, name := range []string{"id", "rawId", "type", "response"} {
		list = append(list,
			spoiled{name: "Resp-1 " + name + " missing", spoil: field(name, nil)},
			spoiled{name: "Resp-1 " + name + " a number", spoil: field(name, 7)},
			spoiled{name: "Resp-1 " + name + " empty", spoil: field(name, "")},
		)
	}
	list = append(list,
		spoiled{name: "Resp-1 id not in base64url", spoil: field("id", "+/==")},
		spoiled{name: "Resp-1 id and rawId differ", spoil: field("id", base64url([]byte("another credential's")))},
		spoiled{name: "Resp-1 type of something else", spoil: field("type", "password")},
	)
	for _, name := range append([]string{"clientDataJSON"}, only) {
		list = append(list,
			spoiled{name: "Resp-1 " + name + " missing", spoil: within(name, nil)},
			spoiled{name: "Resp-1 " + name + " a number", spoil: within(name, 7)},
			spoiled{name: "Resp-1 " + name + " not in base64url", spoil: within(name, "+/==")},
			spoiled{name: "Resp-1 " + name + " empty", spoil: within(name, "")},
		)
	}
	return list
}

// spoiledClientData is what browsers do not write, though it is signed. Resp-2 of both ceremonies.
func spoiledClientData(other string) []spoiled {
	list := []spoiled{
		{name: "Resp-2 W8 type of the other ceremony", spoil: client("type", other)},
		{name: "Resp-2 challenge of nobody", spoil: client("challenge", base64url(bytes.Repeat([]byte{7}, 32)))},
		{name: "Resp-2 challenge not in base64url", spoil: client("challenge", "+/==")},
		{name: "Resp-2 challenge padded", spoil: parts(func(c *ceremony) {
			challenge, _ := c.Client["challenge"].(string)
			c.Client["challenge"] = challenge + "="
		})},
		{name: "Resp-2 W1 origin of others", spoil: client("origin", "https://evil.example")},
		{name: "Resp-2 W1 origin below ours", spoil: client("origin", "http://sub.cis2.localhost:8080")},
		{name: "Resp-2 W1 origin of the other scheme", spoil: client("origin", "https://cis2.localhost:8080")},
		{name: "Resp-2 W2 origin in upper case", spoil: client("origin", "http://CIS2.localhost:8080")},
		{name: "Resp-2 W2 origin with a dot", spoil: client("origin", "http://cis2.localhost.:8080")},
		{name: "Resp-2 W2 origin with a path", spoil: client("origin", origin+"/")},
		{name: "Resp-2 W2 origin of another port", spoil: client("origin", "http://cis2.localhost:8081")},
		{name: "Resp-2 W2 origin without a port", spoil: client("origin", "http://cis2.localhost")},
		{name: "W4 in a frame of others", spoil: client("crossOrigin", true)},
		{name: "W4 in a frame of others, which it names", spoil: parts(func(c *ceremony) {
			c.Client["crossOrigin"] = true
			c.Client["topOrigin"] = "https://evil.example"
		})},
		{name: "W4 a frame's origin, in no frame", spoil: client("topOrigin", "https://evil.example")},
		{name: "W4 crossOrigin no truth value", spoil: client("crossOrigin", "false")},
		{name: "Resp-2 tokenBinding a text", spoil: client("tokenBinding", "present")},
		{name: "Resp-2 tokenBinding without status", spoil: client("tokenBinding", map[string]any{"id": "AQ"})},
		{name: "Resp-2 tokenBinding of no known status", spoil: client("tokenBinding",
			map[string]any{"status": "perhaps"})},
		{name: "Resp-2 no JSON", spoil: octets(func(c *ceremony) { c.ClientData = []byte("challenge") })},
		{name: "Resp-2 no object", spoil: octets(func(c *ceremony) { c.ClientData = []byte("[]") })},
		{name: "Resp-2 text behind it", spoil: octets(func(c *ceremony) {
			c.ClientData = append(c.ClientData, "{}"...)
		})},
	}
	for _, name := range []string{"type", "challenge", "origin"} {
		list = append(list,
			spoiled{name: "Resp-2 " + name + " missing", spoil: client(name, nil)},
			spoiled{name: "Resp-2 " + name + " a number", spoil: client(name, 7)},
			spoiled{name: "Resp-2 " + name + " empty", spoil: client(name, "")},
			spoiled{name: "Resp-2 " + name + " under another name", spoil: parts(func(c *ceremony) {
				c.Client[string(name[0]-'a'+'A')+name[1:]] = c.Client[name]
				delete(c.Client, name)
			})},
			spoiled{name: "Resp-2 " + name + " twice", spoil: octets(func(c *ceremony) {
				c.ClientData = append([]byte(`{"`+name+`":"first",`), c.ClientData[1:]...)
			})},
		)
	}
	return list
}

// spoiledAuthData is what authenticators do not say, though it is signed. Resp-3 of both ceremonies.
func spoiledAuthData() []spoiled {
	const up, uv = credentialtest.UserPresent, credentialtest.UserVerified
	return []spoiled{
		{name: "W3 rpIdHash of a sibling", spoil: parts(func(c *ceremony) {
			c.Auth.RPIDHash = flipped(c.Auth.RPIDHash)
		})},
		{name: "W9 user not verified", spoil: flags(0, uv)},
		{name: "W10 user not present", spoil: flags(0, up)},
		{name: "W10 no flag", spoil: flags(0, up|uv)},
		{name: "W11 backed up, not eligible", spoil: flags(credentialtest.BackupState, 0)},
		{name: "Resp-3 leftover bytes", spoil: octets(func(c *ceremony) { c.AuthData = append(c.AuthData, 0) })},
		{name: "Resp-3 cut short", spoil: octets(func(c *ceremony) { c.AuthData = c.AuthData[:36] })},
		{name: "Resp-3 empty", spoil: octets(func(c *ceremony) { c.AuthData = []byte{} })},
		{name: "Resp-3 extensions announced, not there", spoil: flags(credentialtest.Extended, 0)},
		{name: "Resp-3 extensions there, not announced", spoil: parts(func(c *ceremony) {
			c.Auth.Extensions = credentialtest.CBOR(credentialtest.Map{}.With("credProtect", 2))
		})},
		{name: "Resp-3 extensions that are no map", spoil: parts(func(c *ceremony) {
			c.Auth.Flags |= credentialtest.Extended
			c.Auth.Extensions = credentialtest.CBOR("credProtect")
		})},
	}
}
