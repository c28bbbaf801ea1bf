package client

import "testing"

func TestBadURI(t *testing.T) {
	for uri, want := range map[string]bool{
		"https://dos.example/cb": true, "http://localhost:3000/cb": true, "http://dos.localhost:8080/cb": true, "http://127.0.0.1/cb": true, "https://dos.example/cb?x=1": true,
		"http://dos.example/cb": false, "https://dos.example/cb#f": false, "https://*.example/cb": false, "https://u:p@dos.example/": false, "custom:cb": false, "/cb": false, "": false,
		"https://dos.example/a b": false, "https://dos.example/\x00": false, "https://dös.example/": false, "javascript:alert(1)": false, "http://localhost.evil.example/": false,
	} {
		if got := badURI(uri) == ""; got != want {
			t.Errorf("%q: %v", uri, got)
		}
	}
}
