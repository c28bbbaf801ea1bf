package frame_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web/page"
)

// The page that is kept is, for every address, the one that would be rendered.
func TestThePageThatLeadsOnIsTheSameKept(t *testing.T) {
	anew := frame.Frame{Words: words.Shipped(), Banner: page.Banner{Text: "A trial"}}
	ready := anew
	ready.Ready = &frame.Ready{}
	for _, to := range []string{
		"https://rota.example/callback?code=a&state=b", `https://rota.example/?state="><script>alert(1)</script>`,
		"http://localhost:3000/cb?state=%22+'&iss=https%3A%2F%2Fcis2", "rota-app:/callback?code=a",
		"https://onward.invalid/?code=a", "javascript:alert(1)",
	} {
		want := leadsOn(t, anew, to)
		for range 2 {
			if got := leadsOn(t, ready, to); got != want || !strings.Contains(got, "http-equiv") {
				t.Errorf("%s:\n%s\nwant\n%s", to, got, want)
			}
		}
		if strings.Contains(want, "<script>") {
			t.Errorf("%s: %s", to, want)
		}
	}
}

func leadsOn(t *testing.T, f frame.Frame, to string) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/sign-in/x/key", nil)
	if err := f.Onward(w, r, provider.Answer{To: to}); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}
