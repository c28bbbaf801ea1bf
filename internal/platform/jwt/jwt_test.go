package jwt_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func generate(t *testing.T, a jwt.Algorithm) jwt.Key {
	t.Helper()
	k, err := jwt.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, k jwt.Key, typ string, claims any) string {
	t.Helper()
	token, err := jwt.Sign(k, typ, claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestSignedTokensVerify(t *testing.T) {
	for _, a := range []jwt.Algorithm{jwt.RS256, jwt.RS384, jwt.RS512, jwt.PS256, jwt.ES256, jwt.ES384} {
		k := generate(t, a)
		token := sign(t, k, "JWT", map[string]string{"sub": "500000000017"})
		got, err := jwt.Verify(t.Context(), token, jwt.NewSet(k), jwt.Expect{Algorithms: []jwt.Algorithm{a}, Types: []string{"JWT"}})
		if err != nil {
			t.Errorf("%s: %v", a, err)
			continue
		}
		var claims struct {
			Sub string `json:"sub"`
		}
		if err := got.Decode(&claims); err != nil || claims.Sub != "500000000017" || got.KeyID != k.ID ||
			got.Algorithm != a {
			t.Errorf("%s: read %+v, %+v, %v", a, got, claims, err)
		}
	}
}

// hostile makes a token of any header and claims, signed as sign says.
func hostile(head, claims string, sign func(input string) []byte) string {
	input := b64(head) + "." + b64(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(sign(input))
}

func TestTokensThatMustNotVerify(t *testing.T) {
	ours := generate(t, jwt.RS256)
	other := generate(t, jwt.RS256)
	elliptic := generate(t, jwt.ES256)
	set := jwt.NewSet(ours, elliptic)
	want := jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256, jwt.ES256}, Types: []string{"JWT", ""}}
	claims := `{"sub":"1"}`
	honest := sign(t, ours, "JWT", map[string]string{"sub": "1"})
	if _, err := jwt.Verify(t.Context(), honest, set, want); err != nil {
		t.Fatalf("the honest token: %v", err)
	}

	der, _ := x509.MarshalPKIXPublicKey(ours.Public())
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	modulus := ours.Public().(*rsa.PublicKey).N.Bytes()
	mac := func(secret []byte) func(string) []byte {
		return func(input string) []byte {
			m := hmac.New(sha256.New, secret)
			m.Write([]byte(input))
			return m.Sum(nil)
		}
	}
	byUs := func(input string) []byte { return rawSign(t, ours, input) }
	byOther := func(input string) []byte { return rawSign(t, other, input) }
	nothing := func(string) []byte { return nil }
	head := func(more string) string { return fmt.Sprintf(`{"alg":"RS256","kid":%q%s}`, ours.ID, more) }
	jwk, _ := json.Marshal(jwt.NewSet(other))
	embedded := strings.TrimSuffix(strings.TrimPrefix(string(jwk), `{"keys":[`), `]}`)
	parts := strings.Split(honest, ".")

	if _, err := jwt.Verify(t.Context(), hostile(head(""), claims, byUs), set, want); err != nil {
		t.Fatalf("the honest token made by hand: %v", err)
	}
	attacks := map[string]string{
		"alg none":                       hostile(`{"alg":"none"}`, claims, nothing),
		"alg None":                       hostile(fmt.Sprintf(`{"alg":"None","kid":%q}`, ours.ID), claims, nothing),
		"HS256 with the PEM as secret":   hostile(fmt.Sprintf(`{"alg":"HS256","kid":%q}`, ours.ID), claims, mac(published)),
		"HS256 with DER as secret":       hostile(fmt.Sprintf(`{"alg":"HS256","kid":%q}`, ours.ID), claims, mac(der)),
		"HS256 with modulus as secret":   hostile(fmt.Sprintf(`{"alg":"HS256","kid":%q}`, ours.ID), claims, mac(modulus)),
		"algorithm not asked for":        sign(t, generate(t, jwt.PS256), "JWT", map[string]string{}),
		"RSA key named for ES256":        hostile(fmt.Sprintf(`{"alg":"ES256","kid":%q}`, ours.ID), claims, byUs),
		"signed by another":              hostile(head(""), claims, byOther),
		"another's key id":               hostile(strings.Replace(head(""), ours.ID, other.ID, 1), claims, byOther),
		"key in the header (jwk)":        hostile(head(`,"jwk":`+embedded), claims, byOther),
		"key by address (jku)":           hostile(head(`,"jku":"https://evil.example/keys"`), claims, byOther),
		"certificate by address (x5u)":   hostile(head(`,"x5u":"https://evil.example/cert"`), claims, byOther),
		"kid is a path":                  hostile(`{"alg":"RS256","kid":"../../dev/null"}`, claims, byOther),
		"kid is SQL":                     hostile(`{"alg":"RS256","kid":"' OR 1=1 --"}`, claims, byOther),
		"kid of a megabyte":              hostile(fmt.Sprintf(`{"alg":"RS256","kid":%q}`, strings.Repeat("k", 1<<20)), claims, byUs),
		"no kid where there are several": hostile(`{"alg":"RS256"}`, claims, byOther),
		"crit":                           hostile(head(`,"crit":["exp"],"exp":1`), claims, byUs),
		"b64 false":                      hostile(head(`,"crit":["b64"],"b64":false`), claims, byUs),
		"another type":                   hostile(head(`,"typ":"logout+jwt"`), claims, byUs),
		"header member twice":            hostile(head(`,"alg":"RS256"`), claims, byUs),
		"claims changed":                 parts[0] + "." + b64(`{"sub":"2"}`) + "." + parts[2],
		"signature cut off":              parts[0] + "." + parts[1] + ".",
		"two parts":                      parts[0] + "." + parts[1],
		"four parts":                     honest + ".x",
		"line break inside":              honest[:20] + "\n" + honest[20:],
		"space around":                   " " + honest,
		"JSON form":                      `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"empty":                          "",
		"dots":                           "..",
	}
	accepted := 0
	for name, token := range attacks {
		if got, err := jwt.Verify(t.Context(), token, set, want); err == nil {
			accepted++
			t.Errorf("%s: accepted with %s", name, got.Payload)
		}
	}
	t.Logf("tried %d, accepted %d", len(attacks), accepted)
	if len(attacks) == 0 {
		t.Error("nothing was tried")
	}
}

func rawSign(t *testing.T, k jwt.Key, input string) []byte {
	t.Helper()
	der, err := k.PKCS8()
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, private.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestClaimsAreReadByExactNameAndOnce(t *testing.T) {
	k := generate(t, jwt.ES256)
	for payload, ok := range map[string]bool{
		`{"iss":"a"}`:             true,
		`{"iss":"a","iss":"b"}`:   false,
		`{"exp":"1790000000"}`:    false,
		`{"aud":{"a":1}}`:         false,
		`{"aud":["a",1]}`:         false,
		`{"iss":["a"]}`:           false,
		`["iss"]`:                 false,
		`{"exp":1e400,"iss":"a"}`: false,
	} {
		token := sign(t, k, "", json.RawMessage(payload))
		got, err := jwt.Verify(t.Context(), token, jwt.NewSet(k), jwt.Expect{Algorithms: []jwt.Algorithm{jwt.ES256}, Types: []string{""}})
		if err != nil {
			t.Fatalf("%s: %v", payload, err)
		}
		if _, err := got.Claims(); (err == nil) != ok {
			t.Errorf("claims %s: %v", payload, err)
		}
	}
	mixed, err := jwt.Unverified(sign(t, k, "", json.RawMessage(`{"ISS":"evil","iss":"a","Iss":"evil"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := mixed.Claims(); err != nil || c.Issuer != "a" {
		t.Errorf("mixed case: issuer %q, %v", c.Issuer, err)
	}
}

func TestCheck(t *testing.T) {
	good := func() jwt.Claims {
		return jwt.Claims{
			Issuer: "https://op", Subject: "s", ID: "j", Audience: jwt.Audience{Names: []string{"rp"}},
			Expires: noon.Add(time.Minute), IssuedAt: noon, NotBefore: noon,
		}
	}
	rules := jwt.Rules{
		Issuer: "https://op", Audience: []string{"rp"}, Now: noon, Leeway: time.Minute, MaxLife: 5 * time.Minute,
		NeedIssuedAt: true, NeedID: true,
	}
	tests := []struct {
		name   string
		change func(*jwt.Claims, *jwt.Rules)
		wrong  string // the claim named, or "" if it is right
	}{
		{"honest", func(*jwt.Claims, *jwt.Rules) {}, ""},
		{"expired within the leeway", func(c *jwt.Claims, _ *jwt.Rules) { c.Expires = noon.Add(-59 * time.Second) }, ""},
		{"issued by a clock a little fast", func(c *jwt.Claims, _ *jwt.Rules) { c.IssuedAt = noon.Add(time.Minute) }, ""},
		{"array of one where allowed", func(c *jwt.Claims, r *jwt.Rules) { c.Audience.Array = true; r.AudienceForm = jwt.OneName }, ""},
		{"one of several where allowed", func(c *jwt.Claims, r *jwt.Rules) {
			c.Audience = jwt.Audience{Names: []string{"x", "rp"}, Array: true}
			r.AudienceForm = jwt.AmongNames
		}, ""},
		{"other issuer", func(c *jwt.Claims, _ *jwt.Rules) { c.Issuer = "https://op/" }, "iss"},
		{"other audience", func(c *jwt.Claims, _ *jwt.Rules) { c.Audience.Names[0] = "rp2" }, "aud"},
		{"no audience", func(c *jwt.Claims, _ *jwt.Rules) { c.Audience.Names = nil }, "aud"},
		{"array where a string is asked", func(c *jwt.Claims, _ *jwt.Rules) { c.Audience.Array = true }, "aud"},
		{"several where one is asked", func(c *jwt.Claims, r *jwt.Rules) {
			c.Audience = jwt.Audience{Names: []string{"x", "rp"}, Array: true}
			r.AudienceForm = jwt.OneName
		}, "aud"},
		{"expired", func(c *jwt.Claims, _ *jwt.Rules) { c.Expires = noon.Add(-time.Minute) }, "exp"},
		{"never expires", func(c *jwt.Claims, _ *jwt.Rules) { c.Expires = time.Time{} }, "exp"},
		{"lives too long", func(c *jwt.Claims, _ *jwt.Rules) { c.Expires = noon.Add(7 * time.Minute) }, "exp"},
		{"ends just soon enough", func(c *jwt.Claims, r *jwt.Rules) {
			r.EndsWithin = 2 * time.Minute
			c.Expires = noon.Add(2*time.Minute - time.Second)
		}, ""},
		{"ends a second too late", func(c *jwt.Claims, r *jwt.Rules) {
			r.EndsWithin = 2 * time.Minute
			c.Expires = noon.Add(2 * time.Minute)
		}, "exp"},
		{"not yet", func(c *jwt.Claims, _ *jwt.Rules) { c.NotBefore = noon.Add(2 * time.Minute) }, "nbf"},
		{"issued tomorrow", func(c *jwt.Claims, _ *jwt.Rules) { c.IssuedAt = noon.Add(24 * time.Hour) }, "iat"},
		{"no time of issue", func(c *jwt.Claims, _ *jwt.Rules) { c.IssuedAt = time.Time{} }, "iat"},
		{"no id", func(c *jwt.Claims, _ *jwt.Rules) { c.ID = "" }, "jti"},
	}
	for _, tt := range tests {
		c := good()
		r := rules
		tt.change(&c, &r)
		err := c.Check(r)
		var wrong *jwt.Mismatch
		if errors.As(err, &wrong); (err == nil) != (tt.wrong == "") || (wrong != nil && wrong.Claim != tt.wrong) {
			t.Errorf("%s: %v, want something wrong with %q", tt.name, err, tt.wrong)
		}
	}
}

func TestMismatchSaysExpectedAgainstReceived(t *testing.T) {
	err := jwt.Claims{Issuer: "https://op:443"}.Check(jwt.Rules{Issuer: "https://op"})
	if got, want := err.Error(), `token's iss: expected "https://op", received "https://op:443"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestKeysAreKeptAsPKCS8AndKeepTheirID(t *testing.T) {
	for _, a := range []jwt.Algorithm{jwt.RS256, jwt.ES256} {
		k := generate(t, a)
		der, err := k.PKCS8()
		if err != nil {
			t.Fatal(err)
		}
		again, err := jwt.FromPKCS8(a, der)
		if err != nil || again.ID != k.ID {
			t.Errorf("%s: %v, %v", a, again, err)
		}
		if _, err := jwt.FromPKCS8(jwt.ES384, der); err == nil {
			t.Errorf("a key for %s was taken for ES384", a)
		}
		if shown := fmt.Sprintf("%v %+v", k, k); strings.Contains(shown, "{") {
			t.Errorf("a key shows itself when printed: %s", shown)
		}
	}
}

func TestParseSet(t *testing.T) {
	a := generate(t, jwt.RS256)
	b := generate(t, jwt.ES256)
	whole, _ := json.Marshal(jwt.NewSet(a, b))
	set, err := jwt.ParseSet(whole)
	if err != nil || set.Len() != 2 {
		t.Fatalf("honest set: %d keys, %v", set.Len(), err)
	}
	if strings.Contains(string(whole), `"d"`) {
		t.Error("a private part was published")
	}
	forEncryption := strings.Replace(string(whole), `"use":"sig"`, `"use":"enc"`, 1)
	if set, err := jwt.ParseSet([]byte(forEncryption)); err != nil || set.Len() != 1 {
		t.Errorf("set with a key for encryption: %d keys, %v", set.Len(), err)
	}
	if set, err := jwt.ParseSet([]byte(`{"keys":[{"kty":"new kind","kid":"x"}]}`)); err != nil || set.Len() != 0 {
		t.Errorf("set with a kind we do not know: %d keys, %v", set.Len(), err)
	}
	for name, text := range map[string]string{
		"shared secret": `{"keys":[{"kty":"oct","kid":"x","k":"c2VjcmV0c2VjcmV0"}]}`,
		"no keys":       `{}`,
		"not JSON":      `<html>`,
	} {
		if _, err := jwt.ParseSet([]byte(text)); err == nil || strings.Contains(err.Error(), "invalid character") {
			t.Errorf("%s: accepted, or refused in words of the program's own: %v", name, err)
		}
	}
	twin := a
	other := generate(t, jwt.RS256)
	other.ID = twin.ID
	if _, err := jwt.NewSet(twin).Find(t.Context(), twin.ID, jwt.RS256); err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.NewSet(twin, other).Find(t.Context(), twin.ID, jwt.RS256); err == nil {
		t.Error("one kid for two keys: one of them was chosen")
	}
}

func TestRemoteFollowsRotationAndIsNotDriven(t *testing.T) {
	now := clocktest.At(noon)
	first := generate(t, jwt.ES256)
	second := generate(t, jwt.ES256)
	published := jwt.NewSet(first)
	reads := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reads++
		_ = json.NewEncoder(w).Encode(published)
	}))
	defer s.Close()
	remote := jwt.NewRemote(s.URL, fetch.New(fetch.Options{AllowLoopback: true}), now)

	if _, err := remote.Find(t.Context(), first.ID, jwt.ES256); err != nil {
		t.Fatal(err)
	}
	for range 10_000 {
		if _, err := remote.Find(t.Context(), random.Secret(), jwt.ES256); !errors.Is(err, jwt.ErrNoKey) {
			t.Fatalf("unknown kid: %v", err)
		}
	}
	if reads != 1 {
		t.Errorf("10,000 unknown kids within a minute: read %d times, want 1", reads)
	}
	published = jwt.NewSet(first, second)
	now.Advance(time.Minute)
	if _, err := remote.Find(t.Context(), second.ID, jwt.ES256); err != nil || reads != 2 {
		t.Errorf("new key a minute later: %v after %d reads", err, reads)
	}
	published = jwt.NewSet(second)
	now.Advance(time.Hour)
	if _, err := remote.Find(t.Context(), first.ID, jwt.ES256); !errors.Is(err, jwt.ErrNoKey) {
		t.Errorf("a key withdrawn an hour ago: %v", err)
	}
}
