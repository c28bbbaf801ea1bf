package extract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signpost/internal/national/extract"
)

func request() extract.Request {
	return extract.Request{Version: extract.Version, Questions: []extract.Question{
		{Ref: "a1", Email: "ann@nhs.net"}, {Ref: "a2", Subject: "500000000017", Role: "500000000025", Organisation: "RXX"},
	}}
}

func response() extract.Response {
	return extract.Response{Version: extract.Version, AsOf: 1790000000000, Answers: []extract.Answer{
		{Ref: "a1", Found: extract.None, Authority: &extract.Authority{Organisation: "Example Trust", Code: "RXX"}},
		{Ref: "a2", Found: extract.One, State: extract.Active, Email: extract.EmailUnknown, Position: extract.Yes,
			Role:          extract.No,
			Authenticator: &extract.Authenticator{Level: 3, Approved: true}},
	}}
}

func TestRequestCheck(t *testing.T) {
	if err := request().Check(); err != nil {
		t.Fatalf("an honest request: %v", err)
	}
	many := func(n int) func(*extract.Request) {
		return func(r *extract.Request) {
			r.Questions = nil
			for i := range n {
				r.Questions = append(r.Questions, extract.Question{Ref: fmt.Sprint(i), Email: "ann@nhs.net"})
			}
		}
	}
	full := request()
	many(extract.MaxBatch)(&full)
	if err := full.Check(); err != nil {
		t.Fatalf("a full batch: %v", err)
	}
	refused := map[string]func(*extract.Request){
		"another version":     func(r *extract.Request) { r.Version = 2 },
		"no questions":        func(r *extract.Request) { r.Questions = nil },
		"one over the batch":  many(extract.MaxBatch + 1),
		"no mark":             func(r *extract.Request) { r.Questions[0].Ref = "" },
		"long mark":           func(r *extract.Request) { r.Questions[0].Ref = strings.Repeat("a", 65) },
		"same mark twice":     func(r *extract.Request) { r.Questions[1].Ref = "a1" },
		"asks about nobody":   func(r *extract.Request) { r.Questions[0].Email = "" },
		"long email":          func(r *extract.Request) { r.Questions[0].Email = strings.Repeat("a", 321) },
		"long subject":        func(r *extract.Request) { r.Questions[1].Subject = strings.Repeat("a", 256) },
		"a role of nowhere":   func(r *extract.Request) { r.Questions[1].Organisation = "" },
		"no role, somewhere":  func(r *extract.Request) { r.Questions[1].Role = "" },
		"long role":           func(r *extract.Request) { r.Questions[1].Role = strings.Repeat("a", 65) },
		"long organisation":   func(r *extract.Request) { r.Questions[1].Organisation = strings.Repeat("a", 65) },
		"email that is bytes": func(r *extract.Request) { r.Questions[0].Email = "\xff@nhs.net" },
	}
	for name, spoil := range refused {
		r := request()
		spoil(&r)
		if err := r.Check(); !errors.Is(err, extract.ErrFormat) {
			t.Errorf("%s: Check = %v, want ErrFormat", name, err)
		}
	}
}

func TestResponseCheck(t *testing.T) {
	if err := response().Check(request()); err != nil {
		t.Fatalf("an honest response: %v", err)
	}
	older := response()
	older.Answers[1].Role = ""
	if err := older.Check(request()); err != nil {
		t.Errorf("one of an older release, which knows no roles: %v", err)
	}
	unasked := request()
	unasked.Questions[1].Role = ""
	if err := response().Check(unasked); !errors.Is(err, extract.ErrFormat) {
		t.Errorf("a role nobody asked about: Check = %v, want ErrFormat", err)
	}
	refused := map[string]func(*extract.Response){
		"another version":   func(r *extract.Response) { r.Version = 0 },
		"no time":           func(r *extract.Response) { r.AsOf = 0 },
		"an answer missing": func(r *extract.Response) { r.Answers = r.Answers[:1] },
		"answers changed places": func(r *extract.Response) {
			r.Answers[0], r.Answers[1] = r.Answers[1], r.Answers[0]
		},
		"found left out":              func(r *extract.Response) { r.Answers[0].Found = "" },
		"nobody, yet active":          func(r *extract.Response) { r.Answers[0].State = extract.Active },
		"several, yet one is told of": func(r *extract.Response) { r.Answers[1].Found = extract.Several },
		"state unknown to us":         func(r *extract.Response) { r.Answers[1].State = "asleep" },
		"email left out":              func(r *extract.Response) { r.Answers[1].Email = "" },
		"position left out":           func(r *extract.Response) { r.Answers[1].Position = "" },
		"role unknown to us":          func(r *extract.Response) { r.Answers[1].Role = "perhaps" },
		"role of nobody":              func(r *extract.Response) { r.Answers[0].Role = extract.No },
		"authenticator left out":      func(r *extract.Response) { r.Answers[1].Authenticator = nil },
		"level one":                   func(r *extract.Response) { r.Answers[1].Authenticator.Level = 1 },
		"none, yet approved":          func(r *extract.Response) { r.Answers[1].Authenticator.Level = 0 },
		"authority without a name":    func(r *extract.Response) { r.Answers[0].Authority.Organisation = "" },
	}
	for name, spoil := range refused {
		r := response()
		spoil(&r)
		if err := r.Check(request()); !errors.Is(err, extract.ErrFormat) {
			t.Errorf("%s: Check = %v, want ErrFormat", name, err)
		}
	}
}

// The other side relies on the wire form, so a changed tag must fail a test.
func TestWire(t *testing.T) {
	got, err := json.Marshal(response())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"as_of":1790000000000,"answers":[` +
		`{"ref":"a1","found":"none","registration_authority":{"organisation":"Example Trust","code":"RXX"}},` +
		`{"ref":"a2","found":"one","state":"active","email":"unknown",` +
		`"authenticator":{"level":3,"approved":true},"position":"yes","role":"no"}]}`
	if string(got) != want {
		t.Errorf("wire form\n got %s\nwant %s", got, want)
	}
	if got, err = json.Marshal(request()); err != nil {
		t.Fatal(err)
	}
	want = `{"version":1,"questions":[{"ref":"a1","email":"ann@nhs.net"},` +
		`{"ref":"a2","subject":"500000000017","role":"500000000025","organisation":"RXX"}]}`
	if string(got) != want {
		t.Errorf("wire form of questions\n got %s\nwant %s", got, want)
	}
}

func TestAudience(t *testing.T) {
	for _, base := range []string{"https://cim.example.nhs.uk", "https://cim.example.nhs.uk/"} {
		if got := extract.Audience(base); got != "https://cim.example.nhs.uk/extract/v1/people" {
			t.Errorf("Audience(%q) = %q", base, got)
		}
	}
}

// A name of any length, and any number of former addresses, can be compared: one account that does not fit would stop
// the comparison of all that come with it.
func TestCompareOf(t *testing.T) {
	var former []string
	for n := range extract.MaxFormer + 3 {
		former = append(former, fmt.Sprintf("ann%d@nhs.net", n))
	}
	long := strings.Repeat("é", 101)
	for _, tt := range []struct{ given, family, wantGiven, wantFamily string }{
		{"Ann", "Smith", "Ann", "Smith"},
		{"Ann", long, "", ""},
		{long, "Smith", "", ""},
		{"A\xff", "Smith", "", ""},
	} {
		c := extract.CompareOf(tt.given, tt.family, former)
		if c.Given != tt.wantGiven || c.Family != tt.wantFamily || len(c.Former) != extract.MaxFormer ||
			c.Former[0] != "ann0@nhs.net" {
			t.Errorf("CompareOf(%.10q, %.10q) = %.60q", tt.given, tt.family, fmt.Sprint(*c))
		}
		asked := extract.Request{Version: extract.Version, Questions: []extract.Question{
			{Ref: "a1", Email: "ann@nhs.net", Compare: c}}}
		if err := asked.Check(); err != nil {
			t.Errorf("CompareOf(%.10q, %.10q): %v", tt.given, tt.family, err)
		}
	}
}
