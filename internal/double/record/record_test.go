package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/double/record"
	"signpost/internal/platform/jwt"
)

func signed(t *testing.T, claims any) string {
	t.Helper()
	k, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Sign(k, "JWT", claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Of each secret a recording says that it was there, and of a token what it claimed.
func TestSecretsAreWithheld(t *testing.T) {
	r := &record.Recorder{}
	claims := map[string]any{}
	assertion := signed(t, map[string]string{"sub": "rota"})
	got := r.Values(url.Values{
		"code": {"c-1"}, "client_assertion": {assertion}, "password": {"p"}, "code_verifier": {"v"}, "request_uri": {"urn:x"}, "state": {"s-1"}, "token": {""},
	}, claims)
	for _, name := range []string{"code", "client_assertion", "password", "code_verifier", "request_uri"} {
		if got.Get(name) != record.Withheld {
			t.Errorf("%s is written down as %q", name, got.Get(name))
		}
	}
	if got.Get("state") != "s-1" || got.Get("token") != "" {
		t.Errorf("what is no secret: %v", got)
	}
	if c, is := claims["client_assertion"].(map[string]any); !is || c["sub"] != "rota" {
		t.Errorf("claims %v", claims)
	}
	told := map[string]any{}
	answer := r.Members(map[string]any{"access_token": "a", "list": []any{map[string]any{"id_token": signed(t, map[string]string{"sub": "ada"})}}, "location": "http://rp/cb?code=c&state=s"}, told)
	text, err := json.Marshal(answer)
	if err != nil || strings.Contains(string(text), `"a"`) || strings.Contains(string(text), "eyJ") ||
		strings.Contains(string(text), "code=c&") || !strings.Contains(string(text), "state=s") {
		t.Errorf("written down as %s, %v", text, err)
	}
	if c, is := told["id_token"].(map[string]any); !is || c["sub"] != "ada" {
		t.Errorf("told %v", told)
	}
}

// What was left out of a request cannot be asked again.
func TestWithholds(t *testing.T) {
	r := &record.Recorder{}
	for name, tt := range map[string]struct {
		entry record.Entry
		want  bool
	}{
		"nothing":           {record.Entry{Query: url.Values{"state": {"s"}}}, false},
		"a code":            {record.Entry{Form: r.Values(url.Values{"code": {"c"}}, map[string]any{})}, true},
		"a pushed request":  {record.Entry{JSON: map[string]any{"url": r.Address("http://localhost/authorize?request_uri=urn:x")}}, true},
		"an ordinary one":   {record.Entry{JSON: map[string]any{"url": r.Address("http://localhost/authorize?state=s")}}, false},
		"an ID token as it": {record.Entry{Query: r.Values(url.Values{"id_token_hint": {"x"}}, map[string]any{})}, true},
	} {
		if got := tt.entry.Withholds(); got != tt.want {
			t.Errorf("%s: Withholds = %v", name, got)
		}
	}
}

func TestRecordingIsReadAsItWasWritten(t *testing.T) {
	var file bytes.Buffer
	r := &record.Recorder{To: &file}
	r.Begin(record.Header{Double: "http://localhost:1", File: "digest"})
	r.Add(record.Entry{Kind: record.Control, Method: "POST", Path: "/double/auto", Status: 200})
	e := record.Entry{Kind: record.Browser, Method: "GET", Path: "/sign-in/x", Status: 200}
	r.Body(&e, "text/html; charset=utf-8", []byte("<main><h1 class=\"x\">\n Choose <b>one</b> </h1></main>"))
	r.Add(e)
	h, list, err := record.Read(&file)
	if err != nil || h.File != "digest" || len(list) != 2 || list[1].Number != 2 || list[1].Heading != "Choose one" {
		t.Errorf("read %+v %+v %v", h, list, err)
	}
	if r.Err() != nil {
		t.Error(r.Err())
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// A recording that cannot be written is told of at the end.
func TestRecordingThatCannotBeWritten(t *testing.T) {
	r := &record.Recorder{To: full{}}
	r.Add(record.Entry{})
	r.Add(record.Entry{})
	if !errors.Is(r.Err(), errFull) {
		t.Errorf("err %v", r.Err())
	}
}
