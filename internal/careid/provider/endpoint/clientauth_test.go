package endpoint

import (
	"net/url"
	"testing"
)

// Whatever strangers send, a client authenticates in exactly one way or not at all.
func FuzzCredentialsOf(f *testing.F) {
	f.Add("Basic MTIzOmFiYw==", "client_id=123")
	f.Add("", "client_id=123&client_secret=abc")
	f.Add("", "client_assertion=a.b.c&client_id=1")
	f.Add("Basic x", "client_secret=y&client_assertion=z")
	f.Fuzz(func(t *testing.T, header, form string) {
		values, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		p, err := credentialsOf(header, values)
		if err != nil {
			return
		}
		ways := 0
		for _, used := range []bool{
			header != "", values.Get("client_secret") != "", values.Get("client_assertion") != "",
		} {
			if used {
				ways++
			}
		}
		if ways != 1 || p.method == "" || (p.secret == "") == (p.assertion == "") && header == "" {
			t.Errorf("%q with %q: %+v", form, header, p)
		}
	})
}
