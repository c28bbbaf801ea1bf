package page

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// written is the page around one paragraph.
func written(t *testing.T, p Params) string {
	t.Helper()
	var out strings.Builder
	ctx := templ.WithChildren(answering(t), templ.Raw("<p>What the page says</p>"))
	if err := Frame(p).Render(ctx, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// answering gives the context of a request that a site has answered, in which forms can be rendered.
func answering(t *testing.T) (ctx context.Context) {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box,
	})
	s.Handle("GET /", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		ctx = r.Context()
		return nil
	})
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	return ctx
}

func TestTitle(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    Params
		want string
	}{
		{"a page", Params{Title: "Find a service", SiteName: "Directory of Services"}, "Find a service - Directory of Services"},
		{"a form that came back", Params{Title: "Your email", SiteName: "Directory of Services", Error: true}, "Error: Your email - Directory of Services"},
		{"the home page", Params{SiteName: "Directory of Services"}, "Directory of Services"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.p.documentTitle(); got != tt.want {
				t.Errorf("title = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFrameShows(t *testing.T) {
	logOut := form.Form{Path: "/sign-out"}.New(httptest.NewRequest(http.MethodGet, "/", nil))
	full := Params{
		Title: "Your email", SiteName: "Directory of Services", Flash: "Your email has been changed.", BackHref: "/account",
		Navigation:  []Link{{Text: "Find a service", Href: "/find", Current: true}},
		Account:     Account{Name: "Sam Okafor", Href: "/account", SignOut: logOut},
		Banner:      Banner{Tag: "Demo", Text: "Sample data only.", Link: Link{Text: "About", Href: "/about"}},
		FooterLinks: []Link{{Text: "Privacy", Href: "/privacy"}},
	}
	always := []string{`<html lang="en">`, `href="#maincontent"`, `<main class="nhsuk-main-wrapper" id="maincontent">`, "<p>What the page says</p>", independence}
	sometimes := []string{"Your email has been changed.", `class="nhsuk-back-link"`, "Find a service", "Sam Okafor", "Sample data only.", "Privacy",
		`action="/sign-out" method="post"`}
	withAll := written(t, full)
	bare := written(t, Params{Title: "Your email", SiteName: "Directory of Services"})
	for _, text := range always {
		if !strings.Contains(withAll, text) || !strings.Contains(bare, text) {
			t.Errorf("%q is missing", text)
		}
	}
	for _, text := range sometimes {
		if !strings.Contains(withAll, text) {
			t.Errorf("%q is missing", text)
		}
		if strings.Contains(bare, text) {
			t.Errorf("%q is there without being asked for", text)
		}
	}
}

func TestWidth(t *testing.T) {
	const column = "nhsuk-grid-column-two-thirds"
	if narrow := written(t, Params{SiteName: "x"}); !strings.Contains(narrow, column) {
		t.Error("a page to read is not kept to two thirds")
	}
	if wide := written(t, Params{SiteName: "x", Wide: true}); strings.Contains(wide, column) {
		t.Error("a wide page is kept to two thirds")
	}
}

// TestNothingInline walks the page for what its content security policy forbids.
func TestNothingInline(t *testing.T) {
	document, err := html.Parse(strings.NewReader(written(t, Params{Title: "x", SiteName: "y", Flash: "z", BackHref: "/"})))
	if err != nil {
		t.Fatal(err)
	}
	elements := 0
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		elements++
		if node.Data == "style" || node.Data == "script" && node.FirstChild != nil {
			t.Errorf("<%s> stands inline", node.Data)
		}
		for _, a := range node.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has an inline %s", node.Data, a.Key)
			}
		}
	}
	if elements < 10 {
		t.Errorf("looked at %d elements only", elements)
	}
}

func TestNoLogo(t *testing.T) {
	if page := written(t, Params{SiteName: "Directory of Services"}); strings.Contains(page, "nhsuk-header__logo") {
		t.Error("the NHS logo is shown")
	}
}

func TestLanguage(t *testing.T) {
	english := written(t, Params{SiteName: "Directory of Services", Error: true})
	for _, want := range []string{`<html lang="en">`, "<title>Error: ", "Skip to main content", independence} {
		if !strings.Contains(english, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	other := written(t, Params{SiteName: "Y", Error: true, Flash: "Z", Banner: Banner{Text: "B"}, Lang: "cy", Words: Words{
		SkipLink: "Neidio", Error: "Gwall", Success: "Llwyddiant", AboutSite: "Am y safle", Independence: "Annibynnol",
	}})
	for _, want := range []string{`<html lang="cy">`, "<title>Gwall: ", "Neidio", "Llwyddiant", `aria-label="Am y safle"`, "Annibynnol"} {
		if !strings.Contains(other, want) {
			t.Errorf("the Welsh page lacks %q", want)
		}
	}
}
