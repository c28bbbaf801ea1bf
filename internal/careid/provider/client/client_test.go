package client

import "testing"

func TestCheckURI(t *testing.T) {
	for uri, want := range map[string]bool{
		"https://dos.example/cb": true, "http://localhost:3000/cb": true, "http://dos.localhost:8080/cb": true, "http://127.0.0.1/cb": true, "https://dos.example/cb?x=1": true,
		"http://dos.example/cb": false, "https://dos.example/cb#f": false, "https://*.example/cb": false, "https://u:p@dos.example/": false, "custom:cb": false, "/cb": false, "": false,
	} {
		if got := checkURI(uri) == nil; got != want {
			t.Errorf("%q: %v", uri, got)
		}
	}
}
