package form_test

import (
	"bytes"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/webtest"
)

var (
	fileForm  = form.Form{Path: "/lists", Fields: []form.Field{text, form.File(nhsuk.InputParams{Name: "list"})}}
	plainForm = form.Form{Path: "/texts", Fields: []form.Field{text}}
	text      = form.Textarea(nhsuk.TextareaParams{Name: "text", Label: nhsuk.LabelParams{Text: "Text"}})
)

// cabinet is a site with a form that brings a file, and one that brings none.
type cabinet struct {
	*testing.T

	site *web.Site
	got  *form.Rendered // that arrived last
}

func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	c := &cabinet{T: t, site: web.New(web.Options{
		Name: "lists", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box,
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return templ.Raw(f.Message + " " + f.Cure) },
	})}
	for _, f := range []form.Form{fileForm, plainForm} {
		c.site.Handle("GET "+f.Path, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
			shown := f.New(r)
			var page strings.Builder
			if err := shown.Element().Render(templ.WithChildren(r.Context(), shown.Inputs()), &page); err != nil {
				return err
			}
			return web.Show(w, r, http.StatusOK, templ.Raw(page.String()))
		})
		f.Handle(c.site, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
			c.got = f.Read(r)
			return web.SeeOther(w, r, f.Path, "")
		})
	}
	return c
}

var sealOf = regexp.MustCompile(`name="seal" value="([^"]+)"`)

// send sends the form of a path as a browser sends one with a file.
func (c *cabinet) send(path, text, list string) *httptest.ResponseRecorder {
	c.Helper()
	c.got = nil
	b := webtest.New(c.site)
	page := b.Send(webtest.Request(http.MethodGet, path, nil)).Body.String()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, value := range map[string]string{"seal": sealOf.FindStringSubmatch(page)[1], "text": text} {
		if err := parts.WriteField(name, value); err != nil {
			c.Fatal(err)
		}
	}
	file, err := parts.CreateFormFile("list", "list.csv")
	if err != nil {
		c.Fatal(err)
	}
	if _, err := file.Write([]byte(list)); err != nil {
		c.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		c.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	rec := httptest.NewRecorder()
	c.site.ServeHTTP(rec, r)
	return rec
}

// A form with a file arrives with what is in the file, byte for byte; one that takes none, or a file that is too large,
// is refused.
func TestAFormBringsAFile(t *testing.T) {
	c := newCabinet(t)
	list := "\xff\xfeN\x00 \r\n"
	c.send("/lists", " typed ", list)
	if c.got == nil || c.got.Value("text") != "typed" || c.got.Value("list") != list {
		t.Fatalf("it did not arrive as it was sent: %+v", c.got)
	}
	if got := c.send("/texts", "typed", list); c.got != nil || got.Code != http.StatusConflict {
		t.Errorf("a form that takes no file: %d", got.Code)
	}
	got := c.send("/lists", "typed", strings.Repeat("x", 200<<10))
	if c.got != nil || !strings.Contains(got.Body.String(), "Send less than 190 kilobytes.") {
		t.Errorf("a file that is too large: %d %s", got.Code, got.Body)
	}
	page := webtest.New(c.site).Send(webtest.Request(http.MethodGet, "/texts", nil)).Body.String()
	if strings.Contains(page, "enctype") {
		t.Errorf("a form without a file is sent otherwise than usual: %s", page)
	}
}
