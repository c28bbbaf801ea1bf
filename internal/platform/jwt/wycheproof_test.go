package jwt_test

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"

	"signpost/internal/platform/jwt"
)

// vectors are Project Wycheproof's vectors for JSON Web Signatures.
type vectors struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment string
		Public  json.RawMessage // a JSON Web Key; none for a shared secret
		Private json.RawMessage
		Tests   []struct {
			TcID                 int
			Comment, JWS, Result string
		}
	}
}

// algorithms are all that the product asks for anywhere.
var algorithms = []jwt.Algorithm{jwt.RS256, jwt.RS384, jwt.RS512, jwt.PS256, jwt.ES256, jwt.ES384}

// No signature that Wycheproof calls invalid is accepted, and every valid one is that is of an algorithm of ours
// (Wycheproof's json_web_signature_test.json; ASVS 9.1.2).
func TestWycheproofSignatures(t *testing.T) {
	text, err := fs.ReadFile(wycheproof.TestVectors, "json_web_signature_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	tried := 0
	accepted := 0
	for _, group := range all.TestGroups {
		for _, test := range group.Tests {
			err := verifies(t, cmp.Or(string(group.Public), string(group.Private)), test.JWS)
			switch {
			case test.Result == "invalid" && err == nil:
				t.Errorf("%s, %d %s: accepted", group.Comment, test.TcID, test.Comment)
			case test.Result == "valid" && err != nil && supported(t, group.Public, test.JWS):
				t.Errorf("%s, %d %s: %v", group.Comment, test.TcID, test.Comment, err)
			case test.Result == "invalid":
				tried++
			case err == nil:
				accepted++
			}
		}
	}
	if tried < 355 || accepted < 24 {
		t.Errorf("of the invalid %d were refused, of the valid %d accepted: expected at least 355 and 24", tried, accepted)
	}
}

// supported reports whether a token is one that the product accepts from anybody: by a public key, with one of ours.
func supported(t *testing.T, public json.RawMessage, token string) bool {
	t.Helper()
	read, err := jwt.Unverified(token)
	return err == nil && public != nil && slices.Contains(algorithms, read.Algorithm)
}

// verifies verifies a token with the key set of one key, as the product does for a client's.
func verifies(t *testing.T, key, token string) error {
	t.Helper()
	set, err := jwt.ParseSet([]byte(`{"keys":[` + key + `]}`))
	if err != nil {
		return err
	}
	_, err = jwt.Verify(t.Context(), token, set, jwt.Expect{Algorithms: algorithms, Types: []string{"", "JWT"}})
	return err
}
