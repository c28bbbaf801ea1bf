package form_test

import (
	"bytes"
	"io"
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
	filesForm = form.Form{Path: "/pictures", MaxBytes: 1 << 20, Fields: []form.Field{text,
		form.Files(nhsuk.InputParams{Name: "list"})}}
	text = form.Textarea(nhsuk.TextareaParams{Name: "text", Label: nhsuk.LabelParams{Text: "Text"}})
)

// cabinet is a site with a form that brings a file, and one that brings none.
type cabinet struct {
	*testing.T

	site *web.Site
	got  *form.Rendered // that arrived last
	came []string       // what is in the files that arrived with it

	during func() // is called while a form is answered
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
	for _, f := range []form.Form{fileForm, plainForm, filesForm} {
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
			c.came = nil
			for _, sent := range web.FilesOf(r, "list") {
				c.came = append(c.came, contentOf(t, sent))
			}
			if c.during != nil {
				c.during()
			}
			return web.SeeOther(w, r, f.Path, "")
		})
	}
	return c
}

func contentOf(t *testing.T, sent *multipart.FileHeader) string {
	t.Helper()
	file, err := sent.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var sealOf = regexp.MustCompile(`name="seal" value="([^"]+)"`)

// send sends the form of a path as a browser sends one with a file.
func (c *cabinet) send(path, text, list string) *httptest.ResponseRecorder {
	c.Helper()
	c.got = nil
	c.came = nil
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

// A form that says how large it may be brings larger files than others, which are not among what was filled in, and no
// more than it says.
func TestAFormBringsLargeFiles(t *testing.T) {
	c := newCabinet(t)
	large := strings.Repeat("x", 900<<10)
	c.send("/pictures", "typed", large)
	if c.got == nil || c.got.Value("text") != "typed" || len(c.came) != 1 || c.came[0] != large {
		t.Fatalf("it did not arrive as it was sent: %+v, %d files", c.got, len(c.came))
	}
	if c.got.Value("list") != "list.csv" {
		t.Errorf("the value of the field: %.20q", c.got.Value("list"))
	}
	got := c.send("/pictures", "typed", large+large)
	if c.got != nil || !strings.Contains(got.Body.String(), "The files are too large.") {
		t.Errorf("files that are too large: %d %s", got.Code, got.Body)
	}
}

// So many large requests are read at a time, and fewer from one network; small ones are always taken.
func TestLargeFormsAtOnce(t *testing.T) {
	c := newCabinet(t)
	large := strings.Repeat("x", 500<<10)
	deep := 0
	var refused, small int
	c.during = func() {
		if deep++; deep > 4 {
			return
		}
		got := c.send("/pictures", "typed", large)
		if got.Code == http.StatusServiceUnavailable && strings.Contains(got.Body.String(), "Too many files") {
			refused++
			if c.send("/pictures", "typed", "small").Code == http.StatusSeeOther {
				small++
			}
		}
	}
	c.send("/pictures", "typed", large)
	if refused == 0 || small == 0 {
		t.Errorf("of large ones within each other %d were refused, and %d small ones taken", refused, small)
	}
	c.during = nil
	if got := c.send("/pictures", "typed", large); got.Code != http.StatusSeeOther {
		t.Errorf("after all were answered: %d", got.Code)
	}
}
