package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/national/cis2"
)

// published is the filled form of a client that publishes its keys at an address.
func published(name, address string) url.Values {
	form := named(name)
	form.Set("token_endpoint_auth_method", "private_key_jwt")
	form.Set("token_endpoint_auth_signing_alg", "RS256")
	form.Set("jwks_uri", address)
	return form
}

// Whoever registers a client, or gives it another address of its keys, reads what is found there, and what happens
// next.
func TestWhatIsFoundAtTheAddressOfTheKeys(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	team := b.team("Fenmarch Software")
	answers := map[string]string{
		"/page": "<html>", "/empty": `{"keys":[]}`,
		"/private": `{"keys":[{"kty":"oct","kid":"k1","k":"c2VjcmV0"}]}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answers[r.URL.Path] == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, answers[r.URL.Path])
	}))
	defer server.Close()
	const next = "We read it again whenever the client asks for a token"
	for path, want := range map[string]string{
		"/none":    "Nobody can log in to it yet: the address of its key set answered with status 404. " + next,
		"/page":    `at the address of its key set, it is not a JSON object with a list of "keys". ` + next,
		"/empty":   "none of the keys at the address of its key set works with RS256. " + next,
		"/private": `at the address of its key set, key "k1" is not a public key. ` + next,
	} {
		p := b.get(b.register(team, published("Rota "+path[1:], server.URL+path)))
		p.has(t, "The client is registered, on trial.", want)
		p.lacks(t, "at once")
	}
	at := b.register(team, published("Rota that works", w.issuer.Name+cis2.KeysPath))
	b.get(at).has(t, "The client is registered, on trial: your team can log in to it at once.")
	change := published("Rota that works", "http://127.0.0.1:1/keys")
	change.Set("version", "1")
	if p := b.do(http.MethodPost, at+"/change", change); p.status != http.StatusSeeOther {
		t.Fatalf("change: %d %s", p.status, p.text)
	}
	b.get(at).has(t, "Settings saved.",
		"Nobody can log in with the new key set yet: the address of its key set could not be reached from here. "+next)
	change.Set("version", "2")
	change.Set("description", "The same keys")
	b.do(http.MethodPost, at+"/change", change)
	b.get(at).lacks(t, "Nobody can log in")
}

// Of several addresses, scopes or classes that cannot be taken, each is named.
func TestTheFormNamesEachBadAddress(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	form := rota()
	form.Set("redirect_uris", strings.Join([]string{
		"https://rota.example/callback", "http://rota.example/one", "https://rota.example/two#x", "https://rota.example/*",
	}, "\n"))
	form["scope"] = []string{"openid", "everything", "nothing"}
	b.do(http.MethodPost, b.team("Fenmarch Software")+"/register", form).has(t,
		`"http://rota.example/one" is not https, "https://rota.example/two#x" has a fragment (#), `+
			`"https://rota.example/*" has a wildcard (*). Enter https addresses`)
}
