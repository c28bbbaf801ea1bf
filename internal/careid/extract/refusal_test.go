package extract_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
)

var question = wire.Question{Ref: "1", Email: "ada@example.nhs.uk"}

// badToken is a call whose token must not be taken. A known asker's is an event; a stranger's is not.
type badToken struct {
	name  string
	spoil func(w *world, c *call)
	known bool // the signature is the asker's own
}

func claim(name string, value any) func(w *world, c *call) {
	return func(_ *world, c *call) { c.claims[name] = value }
}

func without(name string) func(w *world, c *call) {
	return func(_ *world, c *call) { delete(c.claims, name) }
}

// after sets a time claim to that many seconds after now.
func after(name string, seconds int64) func(w *world, c *call) {
	return func(w *world, c *call) { c.claims[name] = w.Clock.Now().Unix() + seconds }
}

func badTokens() []badToken {
	return []badToken{
		{"no token", func(_ *world, c *call) { c.scheme = "" }, false},
		{"another scheme", func(_ *world, c *call) { c.scheme = "Basic " }, false},
		{"more than a token", func(_ *world, c *call) { c.scheme = "Bearer x." }, false},
		{"somebody not registered", claim("iss", "200000000002.apps.national"), false},
		{"no issuer", without("iss"), false},
		{"another's key", func(w *world, c *call) { c.key = newKey(w) }, false},
		{"another's key under the asker's name for it", func(w *world, c *call) {
			c.key = newKey(w)
			c.key.ID = w.key.ID
		}, false},
		{"an ID token's type", func(_ *world, c *call) { c.typ = "JWT" }, false},
		{"no type", func(_ *world, c *call) { c.typ = "" }, false},
		{"about somebody else", claim("sub", "somebody"), true},
		{"no subject", without("sub"), true},
		{"for the sign-in service", claim("aud", "https://cis2.example.nhs.uk"), true},
		{"for the site, not the extract", claim("aud", address), true},
		{"for a path below", claim("aud", wire.Audience(address)+"/x"), true},
		{"for several", claim("aud", []string{wire.Audience(address), "https://other.example"}), true},
		{"for nobody", without("aud"), true},
		{"over", after("exp", -30), true},
		{"no end", without("exp"), true},
		{"good for 2 minutes", after("exp", 120), true},
		{"made 10 minutes ago, good till now", after("iat", -600), true},
		{"made in an hour", after("iat", 3600), true},
		{"no making", without("iat"), true},
		{"not good yet", after("nbf", 3600), true},
		{"no id", without("jti"), true},
	}
}

func TestBadTokensAreRefused(t *testing.T) {
	tried := 0
	accepted := 0
	for _, tt := range badTokens() {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			w.ask(question)
			c := w.honest(question)
			tt.spoil(w, &c)
			rec := w.send(c)
			tried++
			if rec.Code == http.StatusOK {
				accepted++
			}
			if rec.Code != http.StatusUnauthorized || strings.Contains(rec.Body.String(), `"found"`) {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
			want := map[bool]int{true: 1}[tt.known]
			if got := w.events("extract.refused"); got != want {
				t.Errorf("%d events, want %d", got, want)
			}
			if !strings.Contains(w.log.String(), `"refused"`) {
				t.Error("the log does not say why")
			}
		})
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if tried == 0 || accepted != 0 {
		t.Errorf("tried %d, accepted %d", tried, accepted)
	}
}

func TestTokenIsGoodOnce(t *testing.T) {
	w := open(t)
	c := w.honest(question)
	if rec := w.send(c); rec.Code != http.StatusOK {
		t.Fatalf("first use: %d %s", rec.Code, rec.Body)
	}
	if rec := w.send(c); rec.Code != http.StatusUnauthorized {
		t.Errorf("second use: %d %s", rec.Code, rec.Body)
	}
	w.Clock.Advance(59 * time.Second)
	if rec := w.send(c); rec.Code != http.StatusUnauthorized {
		t.Errorf("in its last second: %d %s", rec.Code, rec.Body)
	}
	w.Clock.Advance(5 * time.Second) // over, yet within what clocks may differ
	w.ask(question)
	if rec := w.send(c); rec.Code != http.StatusUnauthorized {
		t.Errorf("within the leeway: %d %s", rec.Code, rec.Body)
	}
	if got := w.events("extract.replayed"); got != 3 {
		t.Errorf("%d events, want 3", got)
	}
}

func TestTokensThatAreOverAreForgotten(t *testing.T) {
	w := open(t)
	stored := func() (n int64) {
		t.Helper()
		err := w.DB.View(t.Context(), func(r db.R) (err error) {
			n, err = db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM once`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.ask(question)
	w.ask(question)
	if got := stored(); got != 2 {
		t.Fatalf("%d tokens kept, want 2", got)
	}
	w.Clock.Advance(3 * time.Minute)
	w.ask(question)
	if got := stored(); got != 3 {
		t.Errorf("an answer swept: %d tokens kept, want 3", got)
	}
	w.Update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, once.SweepJob{}) })
	jobtest.Settle(t, w.Jobs)
	if got := stored(); got != 1 {
		t.Errorf("%d tokens kept, want 1", got)
	}
}

func questions(n int) []wire.Question {
	var list []wire.Question
	for i := range n {
		list = append(list, wire.Question{Ref: fmt.Sprint(i), Email: fmt.Sprintf("person.%d@example.nhs.uk", i)})
	}
	return list
}

// A site takes bodies of no more than it must: as many as there are connections wait in its memory at once.
func TestABatchOfTheLongestQuestionsIsTaken(t *testing.T) {
	w := open(t)
	long := questions(wire.MaxBatch)
	for i := range long {
		long[i].Ref = fmt.Sprintf("%036d", i)
		long[i].Email = fmt.Sprintf("%0242d@example.nhs", i)
	}
	if len(long[0].Email) != 254 {
		t.Fatalf("an address of %d letters", len(long[0].Email))
	}
	w.ask(long...)
}

func TestBadRequestsAreRefused(t *testing.T) {
	w := open(t)
	w.ask(questions(wire.MaxBatch)...)
	many, err := json.Marshal(wire.Request{Version: wire.Version, Questions: questions(wire.MaxBatch + 1)})
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{
		"nothing": "", "not JSON": "{", "a list": "[]", "another version": `{"version":2,"questions":[{"ref":"1","email":"a@b.example"}]}`,
		"no questions": `{"version":1,"questions":[]}`, "about nobody": `{"version":1,"questions":[{"ref":"1"}]}`,
		"one question too many": string(many),
		"more behind it":        `{"version":1,"questions":[{"ref":"1","email":"a@b.example"}]}{"version":1}`,
	}
	tried := 0
	for name, body := range bodies {
		c := w.honest()
		c.body = body
		rec := w.send(c)
		tried++
		if rec.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", name, rec.Code, rec.Body)
		}
		var problem struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &problem); err != nil || problem.Error != "invalid" ||
			problem.Description == "" {
			t.Errorf("%s: %.200s", name, rec.Body)
		}
		if again := w.send(c); again.Code != http.StatusUnauthorized {
			t.Errorf("%s: its token is good for another try: %d", name, again.Code)
		}
	}
	large := w.honest()
	large.body = `{"version":1,"questions":[{"ref":"1","email":"a@b.example"}]` + strings.Repeat(" ", 2<<20) + `}`
	if rec := w.send(large); rec.Code < 400 || strings.Contains(rec.Body.String(), "answers") {
		t.Errorf("too large: %d %.200s", rec.Code, rec.Body) // refused before anybody reads it, token and all
	}
	if got := w.events("extract.refused"); got != tried {
		t.Errorf("%d events of %d refused requests", got, tried)
	}
}

// Whoever is not registered learns nothing of what is wrong with their questions.
func TestStrangersAreNotTaught(t *testing.T) {
	w := open(t)
	c := w.honest(question)
	c.key = newKey(t)
	c.body = "{"
	if rec := w.send(c); rec.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestAlgorithmsThatAreNotAgreed(t *testing.T) {
	w := open(t)
	w.ask(question)
	c := w.honest(question)
	var err error
	if c.key, err = jwt.Generate(jwt.ES384); err != nil {
		t.Fatal(err)
	}
	if rec := w.send(c); rec.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
