package double_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/double"
	"signpost/internal/double/record"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// browser is one that follows redirects within the double and keeps its cookies, as Secure ones on plain
// http://localhost, which Go's own jar leaves out.
type browser struct {
	w       *world
	cookies map[string]string
	left    string // where it was sent outside the double
}

func (b *browser) follow(address string) string { return b.ask(http.MethodGet, address, nil) }

func (b *browser) ask(method, address string, form url.Values) string {
	b.w.t.Helper()
	for range 10 {
		r, err := http.NewRequestWithContext(b.w.t.Context(), method, address, strings.NewReader(form.Encode()))
		worldtest.Check(b.w.t, err)
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		worldtest.Check(b.w.t, err)
		body, err := io.ReadAll(res.Body)
		worldtest.Check(b.w.t, err)
		worldtest.Check(b.w.t, res.Body.Close())
		for _, c := range res.Cookies() {
			b.cookies[c.Name] = c.Value
		}
		led := webtest.LedTo(res.Header, string(body))
		if led == "" {
			return string(body)
		}
		to, err := r.URL.Parse(led)
		worldtest.Check(b.w.t, err)
		if address = to.String(); !strings.HasPrefix(address, b.w.address) {
			b.left = address
			return ""
		}
		method = http.MethodGet
		form = nil
	}
	b.w.t.Fatal("too many redirects")
	return ""
}

// run is a run of a test against a double: by a browser, by scripts, with faults and a moved clock.
func run(w *world) {
	b := &browser{w: w, cookies: map[string]string{}}
	address, _ := w.request("acr_values", "AAL3_N3_SMARTCARD")
	page := b.follow(address)
	choice := regexp.MustCompile(`name="authenticator"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="authenticator"`).FindStringSubmatch(page)
	action := regexp.MustCompile(`action="(/simulated/[^"]+)"`).FindStringSubmatch(page)
	if choice == nil || action == nil {
		w.t.Fatalf("no choice on the page: %.500s", page)
	}
	form := url.Values{"authenticator": {choice[1] + choice[2]}, "asked-authenticator": {"yes"}}
	form.Set("seal", webtest.SealOf(page, action[1]))
	b.ask(http.MethodPost, w.address+action[1], form)
	w.codeFrom(b.left)
	w.must("clock", map[string]any{"advance": "2h"})
	request := ada()
	request["browser"] = "ward"
	tokens, err := w.tokens(request)
	worldtest.Check(w.t, err)
	_, err = w.userInfo(tokens)
	worldtest.Check(w.t, err)
	w.switchOn(map[string]any{"fault": "invalid-client", "times": 1})
	if _, err := w.tokens(request); err == nil {
		w.t.Fatal("the fault did not show")
	}
	w.must("auto", ada())
	address, _ = w.request()
	_, location := w.get(address)
	w.codeFrom(location)
}

// A run is replayed against a new double and answers the same; the recording holds no secret.
func TestReplay(t *testing.T) {
	one := example(t, "http://localhost:1/")
	with := func(o *double.Options) { o.File = one }
	w := open(t, with)
	run(w)
	text := w.recording.String()
	for _, secret := range []string{"not a secret, only", "not+a+secret", "eyJ", "Bearer "} {
		if strings.Contains(text, secret) {
			t.Errorf("the recording holds %q", secret)
		}
	}
	for _, told := range []string{`"id_token":{`, `"sub":"500000000017"`, `"authenticator":["bo/1"]`} {
		if !strings.Contains(text, told) {
			t.Errorf("the recording does not tell %s", told)
		}
	}
	fresh := open(t, with, func(o *double.Options) { o.Issuer, o.Address = w.double.Issuer(), w.address })
	list, same, err := fresh.double.ReadRecording(strings.NewReader(text))
	worldtest.Check(t, err)
	got, err := fresh.double.Replay(t.Context(), list, func(line string) { t.Error(line) })
	worldtest.Check(t, err)
	if !same || got.Differs != 0 || got.Same < 8 || got.LeftOut < 3 || got.Same+got.LeftOut != len(list) {
		t.Errorf("same file %v, replayed %+v", same, got)
	}
}

// Where a double answers otherwise, the replay says where.
func TestReplaySaysWhatDiffers(t *testing.T) {
	one := example(t, "http://localhost:1/")
	w := open(t, func(o *double.Options) { o.File = one })
	w.must("people/resume", map[string]any{"person": "cy"})
	address, _ := w.request()
	location, _ := w.must("sign-in", map[string]any{"url": address, "person": "ada"})["location"].(string)
	w.codeFrom(location)
	other := example(t, "http://localhost:1/")
	other.Digest = "another"
	other.People[0].Status = "suspended"
	other.People[2].Status = "active"
	fresh := open(t, func(o *double.Options) { o.File, o.Issuer, o.Address = other, w.double.Issuer(), w.address })
	list, same, err := fresh.double.ReadRecording(strings.NewReader(w.recording.String()))
	worldtest.Check(t, err)
	var lines []string
	got, err := fresh.double.Replay(t.Context(), list, func(line string) { lines = append(lines, line) })
	worldtest.Check(t, err)
	all := strings.Join(lines, "\n")
	if same || got.Differs != 2 || !strings.Contains(all, "/double/people/resume: the status was 200, is 409") ||
		!strings.Contains(all, "/double/sign-in: the status was 200, is 403") {
		t.Errorf("same file %v, %+v:\n%s", same, got, all)
	}
}

func TestReadRefusesWhatIsNoRecording(t *testing.T) {
	for _, text := range []string{"", "{}", "no", `{"double":"x"}` + "\n{"} {
		if _, _, err := record.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is taken for a recording", text)
		}
	}
}
