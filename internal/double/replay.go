package double

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"signpost/internal/double/record"
	"signpost/internal/platform/web"
)

// Replayed is how a replay went.
type Replayed struct {
	Same     int
	Differs  int
	LeftOut  int // requests that the recording has without their secrets, those that hang on them, and the client's own
	Recorded int
}

// Replay asks this double, which must be fresh, what a recording says another was asked: controls and
// browsers' requests, each at the time by the clock at which it was. Where an answer differs it says so, a
// line each. What a client asked with its own secrets cannot be asked again, nor what a browser asked after
// its person had typed a password or used a key.
func (d *Double) Replay(ctx context.Context, list []record.Entry, say func(string)) (Replayed, error) {
	r := &replay{
		d: d, now: map[string]string{}, jars: map[string]map[string]string{}, seals: map[string]string{},
		lost: map[string]bool{},
	}
	got := Replayed{Recorded: len(list)}
	for _, e := range list {
		if r.leavesOut(e) {
			got.LeftOut++
			continue
		}
		again, err := r.ask(ctx, e)
		if err != nil {
			return got, fmt.Errorf("replay entry %d: %w", e.Number, err)
		}
		if differences := r.compare(e, again); len(differences) > 0 {
			got.Differs++
			for _, difference := range differences {
				say(fmt.Sprintf("%d %s %s: %s", e.Number, e.Method, e.Path, difference))
			}
			continue
		}
		got.Same++
	}
	return got, nil
}

// leavesOut reports whether an entry cannot be asked again. What hangs on it cannot either: the rest of that
// browser's requests, and of that sign-in.
func (p *replay) leavesOut(e record.Entry) bool {
	public := strings.HasSuffix(e.Path, "/openid-configuration") || strings.HasSuffix(e.Path, "/jwk_uri")
	if e.Kind == record.Client {
		return !public
	}
	hangsOn := ids.FindAllString(e.Path+" "+written(e.JSON), -1)
	if e.Kind == record.Browser {
		hangsOn = append(hangsOn, "browser "+e.Browser)
	}
	if !e.Withholds() && !slices.ContainsFunc(hangsOn, func(one string) bool { return p.lost[one] }) {
		return false
	}
	for _, one := range hangsOn {
		p.lost[one] = true
	}
	return true
}

// replay is one under way.
type replay struct {
	d     *Double
	now   map[string]string            // what an id of the recording is here
	jars  map[string]map[string]string // cookies by browser
	seals map[string]string            // seals of the forms that the pages have, by path
	lost  map[string]bool              // browsers and ids that hang on a request that was left out
}

// ids are those that two doubles draw by lot.
var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// translated puts the ids of this double in place of the recording's.
func (p *replay) translated(text string) string {
	return ids.ReplaceAllStringFunc(text, func(id string) string {
		if here, known := p.now[id]; known {
			return here
		}
		return id
	})
}

// sealedForms finds the forms of a page: where each is sent, and its seal.
var sealedForms = regexp.MustCompile(`action="([^"]+)"[^>]*>\s*<input type="hidden" name="` + web.SealField +
	`" value="([^"]+)">`)

// sealedScripts finds what scripts of a page send by themselves: where to, and its seal.
var sealedScripts = regexp.MustCompile(`data-options="([^"]+)" data-options-seal="([^"]+)"`)

func (p *replay) ask(ctx context.Context, e record.Entry) (record.Entry, error) {
	p.d.clock.Set(e.At)
	body, kind, err := p.body(e)
	if err != nil {
		return record.Entry{}, err
	}
	u := &url.URL{
		Scheme: "http", Host: "localhost", Path: p.translated(e.Path), RawQuery: p.translated(e.Query.Encode()),
	}
	r, err := http.NewRequestWithContext(ctx, e.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return record.Entry{}, err
	}
	r.RemoteAddr = "127.0.0.1:1"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range p.jars[e.Browser] {
		r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // it is a request's, which has no flags
	}
	a := newAnswer()
	p.d.serve(a, r)
	if e.Browser != "" {
		p.keep(e.Browser, a.header)
		for _, pattern := range []*regexp.Regexp{sealedForms, sealedScripts} {
			for _, found := range pattern.FindAllStringSubmatch(a.body.String(), -1) {
				p.seals[found[1]] = found[2]
			}
		}
	}
	again := record.Entry{Status: a.status, Location: p.d.recorder.Address(a.leadsTo())}
	p.d.recorder.Body(&again, a.header.Get("Content-Type"), a.body.Bytes())
	return again, nil
}

func (p *replay) body(e record.Entry) (body []byte, kind string, err error) {
	if e.JSON != nil {
		text, err := json.Marshal(e.JSON)
		return []byte(p.translated(string(text))), "application/json", err
	}
	sealed, found := p.seals[p.translated(e.Path)]
	if e.Form == nil && (!found || e.Method != http.MethodPost) {
		return nil, "", nil
	}
	form := url.Values{}
	for name, list := range e.Form {
		for _, one := range list {
			if here, known := p.d.people.Named(one); known && name == "authenticator" {
				one = here
			}
			form.Add(name, p.translated(one))
		}
	}
	if found {
		form.Set(web.SealField, sealed)
	}
	return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
}

func (p *replay) keep(browser string, h http.Header) {
	if p.jars[browser] == nil {
		p.jars[browser] = map[string]string{}
	}
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if c.Value == "" {
			delete(p.jars[browser], c.Name)
			continue
		}
		p.jars[browser][c.Name] = c.Value
	}
}

// compare learns the ids of an answer and says where it differs from the recorded one.
func (p *replay) compare(e, again record.Entry) (differences []string) {
	p.learn(e, again)
	say := func(what string, was, is any) {
		differences = append(differences, fmt.Sprintf("%s was %s, is %s", what, short(was), short(is)))
	}
	if e.Status != again.Status {
		say("the status", e.Status, again.Status)
	}
	if was, is := plain(e.Location), plain(again.Location); was != is {
		say("the location", was, is)
	}
	if e.Heading != again.Heading {
		say("the page", e.Heading, again.Heading)
	}
	if was, is := steady(e.Answer), steady(again.Answer); e.Kind == record.Control && e.Path != ControlPath+"faults" &&
		!reflect.DeepEqual(was, is) {
		say("the answer", was, is)
	}
	return differences
}

const maxShown = 300

func short(v any) string {
	text := written(v)
	return text[:min(len(text), maxShown)]
}

func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // cannot be: it was read from JSON
	}
	return string(text)
}

// learn pairs the ids of a recorded answer with those of this one, in their order.
func (p *replay) learn(e, again record.Entry) {
	was := drawn(e)
	is := drawn(again)
	if len(was) != len(is) {
		return
	}
	for i := range was {
		p.now[was[i]] = is[i]
	}
}

func drawn(e record.Entry) []string {
	return ids.FindAllString(written([]any{e.Location, e.Answer}), -1)
}

func plain(text string) string { return ids.ReplaceAllString(text, "(id)") }

// volatile are the members that are drawn by lot or follow the clock, and those that hang on what the client
// did in between: its requests are not repeated, and it may answer otherwise.
var volatile = []string{"now", "moved", "begun", "ends", "sid", "kid", "session", "faults", "answers"}

// steady leaves of an answer what two doubles of one file answer alike.
func steady(v any) any {
	switch v := v.(type) {
	case map[string]any:
		left := map[string]any{}
		for name, member := range v {
			if !slices.Contains(volatile, name) {
				left[name] = steady(member)
			}
		}
		return left
	case []any:
		left := make([]any, len(v))
		for i, one := range v {
			left[i] = steady(one)
		}
		return left
	case string:
		return plain(v)
	}
	return v
}

// ReadRecording reads a recording for Replay. It says whether it was made from the file that this double was
// made from, since another file's answers differ for that reason alone.
func (d *Double) ReadRecording(from io.Reader) (list []record.Entry, sameFile bool, err error) {
	h, list, err := record.Read(from)
	return list, h.File == d.o.File.Digest, err
}

// BeginRecording writes the first line of the recording.
func (d *Double) BeginRecording() {
	d.recorder.Begin(record.Header{Double: d.o.Issuer, File: d.o.File.Digest, Begun: d.clock.Now()})
}
