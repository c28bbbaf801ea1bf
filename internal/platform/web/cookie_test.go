package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// A sealed cookie opens for what it was sealed for, and cannot be read or made up.
func TestASealedCookieOpensForOneThing(t *testing.T) {
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	type words struct{ Text string }
	kept := web.SealedCookie{Box: box, Name: "said", Context: "said/ann", Seconds: 60}
	answer := httptest.NewRecorder()
	if err := kept.Set(answer, words{Text: "BCDF 2345"}); err != nil {
		t.Fatal(err)
	}
	cookie := answer.Result().Cookies()[0]
	if strings.Contains(cookie.Value, "BCDF") || cookie.MaxAge != 60 || !cookie.HttpOnly || !cookie.Secure {
		t.Errorf("the cookie is %v", cookie)
	}
	ofAnother := web.SealedCookie{Box: box, Name: "said", Context: "said/bob"}
	elsewhere := web.SealedCookie{Box: other, Name: "said", Context: "said/ann"}
	for _, tt := range []struct {
		name, value string
		from        web.SealedCookie
		want        bool
	}{
		{"its own", cookie.Value, kept, true},
		{"for somebody else", cookie.Value, ofAnother, false},
		{"under another key", cookie.Value, elsewhere, false},
		{"none", "", kept, false},
		{"made up", "eyJUZXh0IjoieCJ9", kept, false},
		{"no base64", "?", kept, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: tt.value})
		var said words
		if got := tt.from.Read(r, &said); got != tt.want || tt.want && said.Text != "BCDF 2345" {
			t.Errorf("%s: read %v, %q", tt.name, got, said.Text)
		}
	}
}
