package form_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/webtest"
)

// noteForm stands on a page of another address than its own.
var noteForm = form.Form{Path: "/notes/{id}/save", At: "/notes/{id}", Fields: []form.Field{
	form.Hidden("seen"),
	form.Input(nhsuk.InputParams{Name: "title", Label: nhsuk.LabelParams{Text: "Title"}}),
	form.Textarea(nhsuk.TextareaParams{Name: "text", Label: nhsuk.LabelParams{Text: "Text"}}).Required("Enter the text"),
	form.Radios(nhsuk.RadiosParams{Name: "kind", Value: "a", Items: []nhsuk.RadioItem{
		{Value: "a", Text: "A"}, {Value: "b", Text: "B"},
	}}),
	form.Password(nhsuk.PasswordInputParams{Name: "password", Label: nhsuk.LabelParams{Text: "Password"}}),
	form.Input(nhsuk.InputParams{Name: "code", Label: nhsuk.LabelParams{Text: "Code"}, Autocomplete: "one-time-code"}),
}}

// notebook opens a browser at a site with that form. The cookie "who" names whoever is logged in.
func notebook(t *testing.T) *webtest.Browser {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	s := web.New(web.Options{
		Name: "notes", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box,
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return templ.Raw(f.Message) },
	})
	who := web.Guard{Name: "who", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		web.WithActor(r, actor.Actor{Kind: actor.Person, ID: web.Cookie(r, "who")})
		return r, nil
	}}
	show := func(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
		var page strings.Builder
		for _, part := range []templ.Component{f.Summary(), f.Element()} {
			if err := part.Render(templ.WithChildren(r.Context(), f.Inputs()), &page); err != nil {
				return err
			}
		}
		return web.Show(w, r, http.StatusOK, templ.Raw(page.String()))
	}
	s.Handle("GET "+noteForm.At, who, func(w http.ResponseWriter, r *http.Request) error {
		return show(w, r, noteForm.New(r).Set("seen", "2").Set("title", "As it is saved").Set("text", "So is this"))
	})
	s.HandleForm(noteForm.Path, noteForm.At, noteForm.Names(), who, func(w http.ResponseWriter, r *http.Request) error {
		f := noteForm.Read(r)
		if !f.Complete() {
			return show(w, r, f)
		}
		return web.SeeOther(w, r, "/notes/7", "")
	})
	b := webtest.New(s)
	b.Cookies["__Host-who"] = "ann"
	b.Sealer = webtest.NewSealer(s, "notes", box, func(r *http.Request) string { return web.Cookie(r, "who") })
	return b
}

func look(t *testing.T, b *webtest.Browser, path string, want int) string {
	t.Helper()
	got := b.Send(webtest.Request(http.MethodGet, path, nil))
	if got.Code != want {
		t.Errorf("%s: %d, want %d", path, got.Code, want)
	}
	return got.Body.String()
}

// A post with a problem sends the browser to the page of the form, which shows it as it was left however often it is
// loaded, until it is sent again.
func TestAFormComesBackToItsPage(t *testing.T) {
	b := notebook(t)
	wrong := webtest.Form("seen", "1", "title", "As it was typed", "text", "", "password", "geheim", "code", "BCDF2345")
	post := b.Send(webtest.Request(http.MethodPost, "/notes/7/save", wrong))
	if to := post.Header().Get("Location"); post.Code != http.StatusSeeOther || to != "/notes/7?again=1" {
		t.Fatalf("%d to %q", post.Code, to)
	}
	for range 2 {
		page := look(t, b, "/notes/7?again=1", http.StatusUnprocessableEntity)
		for _, want := range []string{`value="As it was typed"`, `name="seen" value="1"`, "Enter the text", "></textarea>"} {
			if !strings.Contains(page, want) {
				t.Errorf("no %s in %s", want, page)
			}
		}
		for _, secret := range []string{"geheim", "BCDF2345", " checked"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s in %s", secret, page)
			}
		}
	}
	for _, fresh := range []string{"/notes/7", "/notes/8?again=1"} {
		if page := look(t, b, fresh, http.StatusOK); !strings.Contains(page, "As it is saved") {
			t.Errorf("%s has what was typed at another: %s", fresh, page)
		}
	}
	wrong.Set("text", "Here it is")
	done := b.Send(webtest.Request(http.MethodPost, "/notes/7/save", wrong))
	if to := done.Header().Get("Location"); to != "/notes/7" {
		t.Errorf("saved: %d to %q", done.Code, to)
	}
	look(t, b, "/notes/7?again=1", http.StatusOK)
}

// What was typed comes back to nobody else, and nothing can be made up.
func TestAFormComesBackToItsAuthorOnly(t *testing.T) {
	b := notebook(t)
	b.Send(webtest.Request(http.MethodPost, "/notes/7/save", webtest.Form("title", "As it was typed")))
	look(t, b, "/notes/7?again=1", http.StatusUnprocessableEntity)
	name := cameBack(t, b)
	kept := b.Cookies[name]
	for spoiled, spoil := range map[string]func(){
		"another person": func() { b.Cookies["__Host-who"] = "ben" },
		"nobody":         func() { delete(b.Cookies, "__Host-who") },
		"made up":        func() { b.Cookies[name] = "e30" },
		"changed":        func() { b.Cookies[name] = kept[:len(kept)-4] + "AAAA" },
		"forgotten":      func() { delete(b.Cookies, name) },
	} {
		b.Cookies["__Host-who"] = "ann"
		b.Cookies[name] = kept
		spoil()
		if page := look(t, b, "/notes/7?again=1", http.StatusOK); strings.Contains(page, "As it was typed") {
			t.Errorf("%s: %s", spoiled, page)
		}
	}
}

// cameBack gives the name of the cookie of the one form that came back; empty if none did.
func cameBack(t *testing.T, b *webtest.Browser) (name string) {
	t.Helper()
	for cookie := range b.Cookies {
		if strings.HasPrefix(cookie, "__Host-came-back") {
			if name != "" {
				t.Error("two forms came back")
			}
			name = cookie
		}
	}
	return name
}

// Two tabs: each form comes back to its own page, until there are too many of them for a browser's cookies.
func TestFormsOfTwoTabsComeBack(t *testing.T) {
	b := notebook(t)
	send := func(id, title string) {
		b.Send(webtest.Request(http.MethodPost, "/notes/"+id+"/save", webtest.Form("title", title)))
	}
	send("7", "In the first tab")
	send("8", "In the second tab")
	for id, title := range map[string]string{"7": "In the first tab", "8": "In the second tab"} {
		page := look(t, b, "/notes/"+id+"?again=1", http.StatusUnprocessableEntity)
		if !strings.Contains(page, title) {
			t.Errorf("%s: %s", id, page)
		}
	}
	b.Send(webtest.Request(http.MethodPost, "/notes/7/save", webtest.Form("title", "x", "text", "y", "kind", "a")))
	look(t, b, "/notes/8?again=1", http.StatusUnprocessableEntity)
	for id := range 9 {
		send(fmt.Sprint("long-", id), fmt.Sprintf("%x", random.Bytes(600)))
	}
	size := 0
	for name, value := range b.Cookies {
		if strings.HasPrefix(name, "__Host-came-back") {
			size += len(value)
		}
	}
	if size > 5000 || size < 1000 {
		t.Errorf("the cookies have %d bytes", size)
	}
}

// What a cookie cannot hold is shown at once, and no cookie is larger than browsers keep.
func TestLongEntriesAreShownAtOnce(t *testing.T) {
	b := notebook(t)
	long := url.Values{"title": {fmt.Sprintf("%x", random.Bytes(8000))}}
	if post := b.Send(webtest.Request(http.MethodPost, "/notes/7/save", long)); post.Code != http.StatusOK ||
		!strings.Contains(post.Body.String(), "Enter the text") || cameBack(t, b) != "" {
		t.Errorf("%d", post.Code)
	}
	prose := url.Values{"title": {strings.Repeat("The lift is out of order. ", 400)}}
	post := b.Send(webtest.Request(http.MethodPost, "/notes/7/save", prose))
	if size := len(b.Cookies[cameBack(t, b)]); post.Code != http.StatusSeeOther || size > 4000 || size == 0 {
		t.Errorf("prose: %d, a cookie of %d bytes", post.Code, size)
	}
}
