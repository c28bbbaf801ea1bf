package provider_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// providerRows are the attacks on OAuth and OpenID Connect that an OpenID Provider must withstand, by the
// numbers of the threat list in docs/attacks.md. Each is tried by a test of this package, after its honest
// twin.
var providerRows = []string{
	"O1", "O2", "O3", "O5", "O8", "O9", "O10", "O11", "O12", "O13", "O14", "O15", "O16", "O17", "O18", "O20", "O21",
	"O22", "O23", "O24", "O25", "O26", "O27", "O28",
	"O29", "O30", "O31", "O33", "O34", "O35", "O36", "O37", "O38", "O39", "O42", "O43", "O45",
}

// tried counts, for each row, what was tried and what was accepted.
var tried = struct {
	sync.Mutex
	rows map[string][2]int
}{rows: map[string][2]int{}}

var rowNumber = regexp.MustCompile(`\bO[0-9]{1,2}\b`)

// countRow counts one try for every row that its names mention.
func countRow(accepted bool, names ...string) {
	tried.Lock()
	defer tried.Unlock()
	for _, row := range rowNumber.FindAllString(strings.Join(names, " "), -1) {
		n := tried.rows[row]
		n[0]++
		if accepted {
			n[1]++
		}
		tried.rows[row] = n
	}
}

// TestMain prints the table of rows after a whole run, and fails if a row was not tried.
func TestMain(m *testing.M) {
	code := m.Run()
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.bench").Value.String() == "" &&
		flag.Lookup("test.fuzz").Value.String() == ""
	if whole && !testing.Short() {
		code = max(code, printRows())
	}
	os.Exit(code)
}

func printRows() (code int) {
	for _, row := range providerRows {
		n := tried.rows[row]
		worldtest.Table("attacks", fmt.Sprintf("%-4s tried %d, accepted %d", row, n[0], n[1]))
		if n[0] == 0 || n[1] > 0 {
			fmt.Printf("FAIL: attack %s was not tried, or was accepted\n", row)
			code = 1
		}
	}
	return code
}

// logged gives the site a log that can be read.
func (w *world) logged() *bytes.Buffer {
	var log bytes.Buffer
	o := w.Options
	o.Log = slog.New(slog.NewJSONHandler(&log, nil))
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(o)
	return &log
}

// O2 and O12, O16, O37: every answer of a whole sign-in, and what a browser would make of it.
func TestEveryAnswerOfASignIn(t *testing.T) {
	w, key := withKey(t)
	var answers []*http.Response
	site := w.Site
	recording := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		site.ServeHTTP(rec, r)
		res := rec.Result()
		res.Request = r
		answers = append(answers, res)
		for name, all := range rec.Header() {
			rw.Header()[name] = all
		}
		rw.WriteHeader(rec.Code)
		_, _ = rw.Write(rec.Body.Bytes())
		res.Body = io.NopCloser(bytes.NewReader(rec.Body.Bytes()))
	})
	h := &harness{world: w, device: key, formPost: true}
	w.Handler = recording
	b := w.Browser()
	h.flow(b, h.ask())
	b.Get("/my-sessions")
	b.Get("/nothing-here")
	b.Get(logintest.Realm + "/authorize?client_id=none")
	h.formPost = false
	h.refused(w.Browser(), logintest.Request("prompt", "none"))
	at := b.Begin(logintest.Request("prompt", "login"))
	b.Do("POST", at+"/authenticator", logintest.Values("authenticator", "none"))
	b.Send(at + "/leave")
	if len(answers) < 12 {
		t.Fatalf("only %d answers were seen", len(answers))
	}
	for _, res := range answers {
		name := res.Request.Method + " " + res.Request.URL.Path
		found := func(row, what string, failed bool) {
			countRow(failed, row)
			if failed {
				t.Errorf("%s %s: %s", row, name, what)
			}
		}
		found("O2", "tells where the browser came from", res.Header.Get("Referrer-Policy") != "same-origin")
		found("O16", "may be framed",
			!strings.Contains(res.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'"))
		if res.Request.Method == http.MethodPost && strings.Contains(res.Header.Get("Location"), "://") {
			t.Errorf("%s redirects to another site, which form-action may forbid", name)
		}
		if res.StatusCode >= 300 && res.StatusCode < 400 {
			found("O12", fmt.Sprint("redirects with ", res.StatusCode), res.StatusCode != http.StatusSeeOther)
		}
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			found("O2", "loads from elsewhere", elsewhere.MatchString(logintest.Text(res)))
			found("O2", "is kept by the browser", res.Header.Get("Cache-Control") != "no-store")
		}
		for _, c := range res.Cookies() {
			found("O37", "cookie "+c.Name, !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly ||
				c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "")
		}
	}
}

var elsewhere = regexp.MustCompile(`<(?:script|img|link|iframe)[^>]* (?:src|href)="(?:https?:)?//`)

// O3: the log and the audit contain no code, token, verifier, password or secret.
func TestNoSecretIsWrittenDown(t *testing.T) {
	w, key := withKey(t)
	log := w.logged()
	var secrets []string
	h := &harness{world: w, device: key}
	b := w.Browser()
	flows := 200
	if os.Getenv("TEST_LONG") != "" {
		flows = 1000
	}
	for i := range flows {
		q := logintest.Request("state", random.Secret(), "nonce", random.Secret())
		if i%50 == 0 {
			q.Set("prompt", "login")
			b.Address = w.Browser().Address // one address may not ask so often
		}
		code := h.authorized(b, q).params.Get("code")
		got := w.Redeem(code)
		secrets = append(secrets, code, got.AccessToken, got.IDToken[strings.LastIndex(got.IDToken, ".")+1:])
	}
	secrets = append(secrets, logintest.Verifier, logintest.Secret, w.App,
		strings.TrimPrefix(b.Cookies["__Host-sso"], "x"))
	written := log.String() + w.audit()
	if !strings.Contains(written, "token.issued") || !strings.Contains(written, w.UUID) || len(written) < 500*flows {
		t.Fatalf("the log or the audit was not read: %d bytes", len(written))
	}
	for _, s := range secrets {
		if s == "" {
			continue
		}
		there := strings.Contains(written, s)
		countRow(there, "O3")
		if there {
			t.Errorf("%.12s… was written down", s)
		}
	}
}

// audit gives everything in the audit as text.
func (w *world) audit() string {
	w.Helper()
	var all strings.Builder
	w.View(func(ctx context.Context, r db.R) error {
		return r.Each(ctx, func(scan func(...any) error) error {
			var kind, actor, subject, before, after, reason string
			if err := scan(&kind, &actor, &subject, &before, &after, &reason); err != nil {
				return err
			}
			all.WriteString(strings.Join([]string{kind, actor, subject, before, after, reason, "\n"}, " "))
			return nil
		}, `SELECT e.kind, e.actor_id, e.subject_id, d.before_json, d.after_json, d.reason FROM event e
			JOIN event_detail d ON d.event_id = e.id`)
	})
	return all.String()
}
