package login_test

import (
	"maps"
	"net/http"
	"net/url"
	"signpost/internal/careid/careidtest/logintest"
	"strings"
	"sync"
	"testing"
)

// Of several requests that would end one sign-in, sent at once, one does. The others answer that the sign-in is over.
func TestASignInEndsOnce(t *testing.T) {
	w, key := withKey(t)
	w.Position("S8000:G8000:R8000")
	for name, last := range map[string]func(b *logintest.Browser, at string) (path string, form url.Values){
		"by a key": func(b *logintest.Browser, at string) (string, url.Values) {
			return at + "/key", logintest.Values("answer", b.Touch(at, key))
		},
		"by a role": func(b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/key", "answer", b.Touch(at, key))
			return at + "/role", logintest.Values("role", w.Roles()[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			scope := map[string]string{"by a key": "openid", "by a role": "openid selectedrole"}[name]
			one := w.Browser()
			at := one.Begin(logintest.Request("scope", scope))
			one.Send(at+"/authenticator", "authenticator", "security_key")
			path, form := last(one, at)
			const rivals = 6
			ends := make([]*http.Response, rivals)
			var together sync.WaitGroup
			for n := range rivals {
				each := w.Browser() // the same one, as far as cookies tell
				each.Cookies = maps.Clone(one.Cookies)
				together.Go(func() { ends[n] = each.Do(http.MethodPost, path, form) })
			}
			together.Wait()
			codes := 0
			for _, end := range ends {
				switch {
				case strings.Contains(end.Header.Get("Location"), "code="):
					codes++
				case end.StatusCode != http.StatusGone:
					t.Errorf("one of the others was told %d %q, want 410", end.StatusCode, logintest.Heading(end))
				}
			}
			if codes != 1 {
				t.Errorf("%d codes for one sign-in, want 1", codes)
			}
		})
	}
}
