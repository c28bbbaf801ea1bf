package extract_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/extract"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/relyingtest"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func client() *fetch.Client { return relyingtest.Fetch() }

// Each call carries its own token, valid for the extract only, for at most 60 seconds.
func TestExtractCallsAreSignedOnce(t *testing.T) {
	key, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	answer := func(q wire.Question) any {
		return wire.Response{Version: wire.Version, AsOf: noon.UnixMilli(),
			Answers: []wire.Answer{{Ref: q.Ref, Found: wire.None}}}
	}
	side := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request wire.Request
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.URL.Path != wire.Path ||
			len(request.Questions) != 1 {
			t.Errorf("asked %s for %+v, %v", r.URL.Path, request, err)
			return
		}
		tokens = append(tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer(request.Questions[0]))
	}))
	t.Cleanup(side.Close)
	e := &extract.Client{URL: side.URL, ID: "dos", Key: key, Fetch: client(), Clock: clocktest.At(noon)}
	for range 2 {
		if a, err := e.Ask(t.Context(), wire.Question{Ref: "a", Email: "ada@nhs.net"}); err != nil ||
			a.Found != wire.None {
			t.Fatalf("answer %+v, %v", a, err)
		}
	}
	seen := map[string]bool{}
	for _, token := range tokens {
		read, err := jwt.Verify(t.Context(), token, jwt.NewSet(key),
			jwt.Expect{Algorithms: []jwt.Algorithm{jwt.ES256}, Types: []string{wire.TokenType}})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := read.Claims()
		if err != nil {
			t.Fatal(err)
		}
		rules := jwt.Rules{
			Issuer:       "dos",
			Audience:     []string{wire.Audience(side.URL)},
			Now:          noon,
			MaxLife:      time.Minute,
			NeedIssuedAt: true,
			NeedID:       true,
		}
		if err := claims.Check(rules); err != nil || claims.Subject != "dos" || seen[claims.ID] {
			t.Errorf("token says %+v, %v", claims, err)
		}
		seen[claims.ID] = true
	}
	tried := 0
	accepted := 0
	for name, answers := range map[string]func(q wire.Question) any{
		"about somebody else": func(wire.Question) any {
			return wire.Response{Version: wire.Version, AsOf: noon.UnixMilli(),
				Answers: []wire.Answer{{Ref: "b", Found: wire.None}}}
		},
		"nothing": func(wire.Question) any {
			return wire.Response{Version: wire.Version, AsOf: noon.UnixMilli()}
		},
		"not what was asked": func(wire.Question) any { return "x" },
	} {
		tried++
		answer = answers
		if _, err := e.Ask(t.Context(), wire.Question{Ref: "a", Email: "ada@nhs.net"}); err == nil {
			accepted++
			t.Errorf("answered %s: accepted", name)
		}
	}
	t.Logf("answers of the extract: tried %d, accepted %d", tried, accepted)
}

// Whoever is told to come later does, and gets the answer; what may be done about another answer is told apart.
func TestWhatTheOtherSideSays(t *testing.T) {
	key, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	statuses := []int{}
	tokens := map[string]bool{}
	side := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens[r.Header.Get("Authorization")] = true
		status := statuses[0]
		statuses = statuses[1:]
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(wire.Changes{Version: wire.Version, AsOf: noon.UnixMilli(), Next: "next", Handles: []string{"a"}})
	}))
	t.Cleanup(side.Close)
	e := &extract.Client{URL: side.URL, ID: "dos", Key: key, Fetch: client(), Clock: clocktest.At(noon)}
	statuses = []int{http.StatusTooManyRequests, http.StatusTooManyRequests, http.StatusOK}
	if changes, err := e.Changes(t.Context(), ""); err != nil || changes.Next != "next" || len(tokens) != 3 {
		t.Errorf("%+v, %v with %d tokens", changes, err, len(tokens))
	}
	for status, want := range map[int]error{
		http.StatusBadRequest: extract.ErrRefused, http.StatusNotFound: extract.ErrUnknown,
	} {
		statuses = []int{status}
		if _, err := e.Changes(t.Context(), "old"); !errors.Is(err, want) {
			t.Errorf("%d: %v", status, err)
		}
	}
	statuses = []int{http.StatusInternalServerError}
	if _, err := e.Changes(t.Context(), ""); err == nil || errors.Is(err, extract.ErrRefused) {
		t.Errorf("500: %v", err)
	}
}
