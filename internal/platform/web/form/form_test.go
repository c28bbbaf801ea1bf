package form_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/webtest"
)

// capacity is a form with one field of each kind.
var capacity = form.Form{Path: "/services/{id}/capacity", Fields: []form.Field{
	form.Hidden("seen"),
	form.Radios(nhsuk.RadiosParams{
		Name: "status", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What can it take?"}},
		Items: []nhsuk.RadioItem{{Value: "GREEN", Text: "Green"}, {Value: "RED", Text: "Red: send nobody"}},
	}).Required("Choose what it can take"),
	form.Textarea(nhsuk.TextareaParams{Name: "notes", Label: nhsuk.LabelParams{Text: "Notes (optional)"}}),
	form.Select(nhsuk.SelectParams{Name: "lasts", Label: nhsuk.LabelParams{Text: "For how long?"}, Items: []nhsuk.SelectItem{{Value: "4", Text: "4 hours"}}}),
	form.Checkboxes(nhsuk.CheckboxesParams{Name: "always", Items: []nhsuk.CheckboxItem{{Value: "now", Text: "All hours"}}}),
	form.Checkboxes(nhsuk.CheckboxesParams{
		Name: "days", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Days"}},
		Items: []nhsuk.CheckboxItem{{Value: "mo", Text: "Monday"}, {Value: "tu", Text: "Tuesday"}},
	}),
	form.Radios(nhsuk.RadiosParams{Name: "session", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which?"}}}),
	form.Input(nhsuk.InputParams{Name: "name", Label: nhsuk.LabelParams{Text: "Your name"}}).Required("Enter your name"),
	form.Password(nhsuk.PasswordInputParams{Name: "password", Label: nhsuk.LabelParams{Text: "Password"}}),
	form.Button(nhsuk.ButtonParams{Name: "prove", Value: "present", Text: "Prove it"}),
}}

// sent is the request of somebody who filled the form in.
func sent(pairs ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/services/a%2Fb/capacity", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetPathValue("id", "a/b")
	return r
}

// written is a page with the form on it.
func written(t *testing.T, f *form.Rendered) string {
	t.Helper()
	var out strings.Builder
	for _, part := range []templ.Component{f.Summary(), f.Element()} {
		if err := part.Render(templ.WithChildren(webtest.Context(t), f.Inputs()), &out); err != nil {
			t.Fatal(err)
		}
	}
	return webtest.Unsealed(out.String())
}

func TestTheFormComesBackAsItWasFilledIn(t *testing.T) {
	f := capacity.Read(sent("seen", "7f3a", "status", "RED", "notes", " Ask <first> ", "lasts", "4", "always", "now",
		"days", "tu", "name", " Ada ", "password", " geheim ", "other", "x"))
	page := written(t, f)
	for _, want := range []string{
		`<form method="post" action="/services/a%2Fb/capacity" novalidate>`, `<input type="hidden" name="seen" value="7f3a">`,
		`value="RED" checked`, `Ask &lt;first&gt;</textarea>`, `<option value="4" selected>`, `value="now" checked`, `value="tu" checked`, `value="Ada"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	if strings.Contains(page, "geheim") || f.Value("password") != " geheim " {
		t.Error("a password is taken as it was typed, and never shown again")
	}
	if f.Value("other") != "" {
		t.Error("it takes what it did not ask")
	}
}

// Errors stand at their fields and, in the order of the page, in the summary above; each link leads to its
// field.
func TestErrorsStandInTheOrderOfThePage(t *testing.T) {
	f := capacity.Read(sent())
	if f.Complete() || !f.Refuse(fault.OfField("notes", "Too long")) {
		t.Fatal("nothing was wrong")
	}
	f.Add(form.Problem{Text: "Somebody was faster", Href: "#now"})
	page := written(t, f)
	got := regexp.MustCompile(`<a href="#(\w+)">([^<]*)</a>`).FindAllStringSubmatch(page, -1)
	var list []string
	for _, m := range got {
		list = append(list, m[1]+": "+m[2])
	}
	want := []string{"now: Somebody was faster", "status: Choose what it can take", "notes: Too long", "name: Enter your name"}
	if !slices.Equal(list, want) {
		t.Errorf("the summary is %q, want %q", list, want)
	}
	for _, id := range []string{"status", "notes", "name"} {
		if !strings.Contains(page, `id="`+id+`"`) || !strings.Contains(page, `id="`+id+`-error"`) {
			t.Errorf("%s has no error, or no id to lead to", id)
		}
	}
	if strings.Contains(page, `id="lasts-error"`) || !f.HasProblems() {
		t.Error("an error stands where it does not belong")
	}
}

func TestWhichFaultsAFormTakes(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"of a field": {fault.OfField("notes", "Too long"), true}, "of another form": {fault.OfField("email", "Enter it"), false},
		"of no field":   {fault.Say(fault.Conflict, "Taken."), false},
		"of two fields": {errors.Join(fault.OfField("name", "Too short"), fault.OfField("notes", "Too long")), true}, "nothing": {nil, false}, "a bug": {http.ErrNoCookie, false},
	} {
		f := capacity.New(sent())
		if got := f.Refuse(tt.err); got != tt.want || f.HasProblems() != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		f = capacity.New(sent())
		f.Explain(tt.err)
		if _, words := fault.From(tt.err); f.HasProblems() != words {
			t.Errorf("%s is explained: %v", name, f.HasProblems())
		}
	}
}

// A field may be marked without words of its own, where they stand at the top for several.
func TestAProblemOfSeveralFields(t *testing.T) {
	f := capacity.New(sent())
	f.Add(form.Problem{Field: "name", Summary: "The name or the password is wrong"})
	f.Add(form.Problem{Field: "password"})
	page := written(t, f)
	if n := strings.Count(page, "is wrong"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
	if n := strings.Count(page, "nhsuk-form-group--error"); n != 2 {
		t.Errorf("%d fields are marked, want 2", n)
	}
}

func TestAFormInAnotherLanguage(t *testing.T) {
	welsh := capacity
	welsh.Words = form.Words{Problem: "MAE PROBLEM", Error: "GWALL", Fault: func(*fault.Fault) string { return "RHY HIR" }}
	f := welsh.New(sent())
	f.Refuse(fault.OfField("name", "Too long"))
	page := written(t, f)
	for _, want := range []string{"MAE PROBLEM", "GWALL", "RHY HIR"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
}

func TestASearch(t *testing.T) {
	find := form.Form{Path: "/services", Get: true, Attributes: templ.Attributes{"role": "search"}, Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{Name: "session", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which?"}}}),
		form.Input(nhsuk.InputParams{Name: "name", Label: nhsuk.LabelParams{Text: "Name"}}),
	}}
	f := find.Read(httptest.NewRequest(http.MethodGet, "/services?name=oak", nil))
	if page := written(t, f); !strings.Contains(page,
		`<form method="get" action="/services" novalidate role="search">`) || !strings.Contains(page, `value="oak"`) {
		t.Errorf("got %s", page)
	}
}

func TestTypedIsInTheWordsOfTheForm(t *testing.T) {
	got := capacity.Typed(url.Values{
		"seen": {"7f3a"}, "status": {"RED"}, "notes": {"one", "", "two"}, "lasts": {"99"}, "always": {"now"}, "days": {"mo", "tu"},
		"session":  {"id-7"},
		"password": {"x"}, "prove": {"present"}, "other": {"x"},
	})
	var rows []string
	for _, row := range got {
		rows = append(rows, row.Key+": "+row.Value)
	}
	want := []string{"What can it take?: Red: send nobody", "Notes: one, two", "For how long?: 99", "All hours: Yes", "Days: Monday, Tuesday", "Prove it: Yes"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhichPathAFormIsSentTo(t *testing.T) {
	for path, want := range map[string]bool{
		"/services/7/capacity": true, "/services/a%2Fb/capacity": true, "/services//capacity": false, "/services/7/hours": false,
		"/services/7/capacity/": false, "/services/7": false, "": false,
	} {
		if got := capacity.Sent(path); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
	}
}

func TestWhatIsOfferedToOnePerson(t *testing.T) {
	f := capacity.Read(sent("session", "id-7"))
	f.Offer("session", []nhsuk.RadioItem{{Value: "id-7", Text: "Since 9am"}})
	if page := written(t, f); !strings.Contains(page, `value="id-7" checked`) || !strings.Contains(page, "Since 9am") {
		t.Errorf("got %s", page)
	}
}

func TestNamesInThePathMayBeGiven(t *testing.T) {
	button := form.Form{Path: "/sessions/{id}/end"}
	if page := written(t, button.New(sent(), "id",
		"b?c")); page != `<form method="post" action="/sessions/b%3Fc/end"><input type="hidden" name="seal" value=""> </form>` {
		t.Errorf("got %s", page)
	}
}

func TestAFieldThatIsNotThereIsABug(t *testing.T) {
	if err := capacity.New(sent()).Field("nothing").Render(t.Context(), &strings.Builder{}); err == nil {
		t.Error("written")
	}
}

// Every form says which names it sends, so that one that arrives in part is refused: choices, of which browsers send
// nothing where nothing is chosen, have a name beside their own.
func TestAFormNamesWhatItSends(t *testing.T) {
	f := capacity.New(sent())
	var out strings.Builder
	ctx := webtest.Context(t)
	some := templ.Join(f.Field("notes"), f.Field("status"), f.Field("always"), f.Field("prove"))
	if err := f.Element().Render(templ.WithChildren(ctx, some), &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{`name="asked-status" value="yes"`, `name="asked-always" value="yes"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	r := sent("seal", webtest.SealOf(page, "/services/a%2Fb/capacity")).WithContext(ctx)
	author, err := web.SealedFor(r)
	if want := []string{"notes", "asked-status", "asked-always"}; !slices.Equal(author.Fields, want) ||
		!errors.Is(err, fault.Invalid) {
		t.Errorf("the seal names %q, want %q; without them: %v", author.Fields, want, err)
	}
}
