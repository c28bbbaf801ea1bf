package client_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
)

// rsaSet is a set with one RSA key.
func rsaSet(bits uint, exponent int64) string {
	modulus := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1))
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	return fmt.Sprintf(`{"keys": [{"kty": "RSA", "kid": "key-2026", "n": %q, "e": %q}]}`,
		number(modulus), number(big.NewInt(exponent)))
}

// byKey is a client that signs with a key of the set.
func byKey(algorithm jwt.Algorithm, set string) client.Client {
	c := app()
	c.AuthMethod = client.PrivateKeyJWT
	c.Algorithm = algorithm
	c.JWKS = set
	return c
}

// Keys with which no assertion would be accepted are refused when they are registered, and not only when they are used:
// by people, when a client is made or changed, and from a file.
func TestKeysThatWouldNeverBeAcceptedAreNotRegistered(t *testing.T) {
	w := open(t)
	usual, err := json.Marshal(jwt.NewSet(jwttest.Key(t, "usual", jwt.ES256)))
	w.Must(err)
	id, _ := w.create(byKey(jwt.ES256, string(usual)))
	const cure = "2048 to 4096 bits with the exponent 65537"
	for name, tt := range map[string]struct {
		algorithm jwt.Algorithm
		set       string
		names     string // what is wrong; empty for keys that are taken
		cure      string
	}{
		"2048 bits":         {jwt.RS512, rsaSet(2048, 65537), "", ""},
		"4096 bits":         {jwt.PS256, rsaSet(4096, 65537), "", ""},
		"1024 bits":         {jwt.RS512, rsaSet(1024, 65537), `"key-2026" is RSA of 1024 bits`, cure},
		"too large":         {jwt.RS256, rsaSet(8192, 65537), `"key-2026" is RSA of 8192 bits`, cure},
		"exponent 3":        {jwt.RS512, rsaSet(2048, 3), `"key-2026" is RSA with the exponent 3`, cure},
		"one of two":        {jwt.RS512, twoKeys(rsaSet(2048, 65537), rsaSet(1024, 65537)), "1024 bits", cure},
		"another algorithm": {jwt.RS512, string(usual), "None of these keys works with RS512", "choose another"},
	} {
		another := byKey(tt.algorithm, tt.set)
		another.Name = "With keys of " + name
		_, _, created := w.Registry().Create(t.Context(), w.ada, w.team, client.Supplier, another)
		changed := w.read(id)
		changed.Algorithm = tt.algorithm
		changed.JWKS = tt.set
		_, change := w.Registry().Change(t.Context(), w.ada, changed)
		_, read := client.Decode(fileOf(t, another))
		for how, err := range map[string]error{"created": created, "changed": change, "read from a file": read} {
			if tt.names == "" && err != nil || tt.names != "" &&
				(!errors.Is(err, fault.Invalid) || !named(err, "jwks", tt.names) || !named(err, "jwks", tt.cure)) {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}

func twoKeys(first, second string) string {
	return strings.TrimSuffix(first, "]}") + ", " + strings.TrimPrefix(second, `{"keys": [`)
}

// fileOf is a client as a file describes it.
func fileOf(t *testing.T, c client.Client) []byte {
	t.Helper()
	c.ID = "200000000001.apps.supplier"
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A client that was registered with such keys before is not approved, and the operator learns why.
func TestClientsWithSuchKeysAreNotApproved(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	id, _ := w.create(byKey(jwt.RS512, rsaSet(2048, 65537)))
	w.Must(w.Registry().AskApproval(t.Context(), w.ada, id))
	w.replaceKeys(id, rsaSet(1024, 65537))
	err := w.Registry().Approve(t.Context(), olive, id, w.read(id).Version)
	if !named(err, "jwks", `"key-2026" is RSA of 1024 bits`) || !w.read(id).OnTrial() {
		t.Errorf("with a key of 1024 bits: %v", err)
	}
	w.replaceKeys(id, rsaSet(2048, 65537))
	w.Must(w.Registry().Approve(t.Context(), olive, id, w.read(id).Version))
}

// replaceKeys puts keys into the row of a client, past what people may register.
func (w *world) replaceKeys(id, set string) {
	w.Helper()
	c := w.read(id)
	c.JWKS = set
	settings, err := json.Marshal(c)
	w.Must(err)
	w.update(func(ctx context.Context, u *db.W) error {
		err := u.Change(ctx, `UPDATE provider_client SET settings = $2 WHERE client_id = $1`, id, string(settings))
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test.replaced"}))
	})
}
