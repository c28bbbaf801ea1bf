package jwt_test

import (
	"testing"

	"signpost/internal/platform/jwt"
)

// Whatever bytes come as a token or a key set, they are refused without harm: nobody can sign for a key
// that was just made.
func FuzzStrangersTokens(f *testing.F) {
	k, err := jwt.Generate(jwt.ES256)
	if err != nil {
		f.Fatal(err)
	}
	set := jwt.NewSet(k)
	f.Add("eyJhbGciOiJFUzI1NiJ9.e30.AAAA")
	f.Add(`{"keys":[{"kty":"EC","crv":"P-256","x":"","y":""}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		want := jwt.Expect{Algorithms: []jwt.Algorithm{jwt.ES256}, Types: []string{"", "JWT"}}
		if _, err := jwt.Verify(t.Context(), text, set, want); err == nil {
			t.Errorf("verified %q", text)
		}
		if token, err := jwt.Unverified(text); err == nil {
			_, _ = token.Claims()
		}
		_, _ = jwt.ParseSet([]byte(text))
	})
}
