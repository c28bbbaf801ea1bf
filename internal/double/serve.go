package double

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/double/record"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// ControlPath begins all paths of the control API.
const ControlPath = "/double/"

// maxBody is the largest request body that is taken, in bytes.
const maxBody = 1 << 20

// endpoints are the provider's, by their paths below the issuer, as faults and docs/double.md name them.
var endpoints = map[string]string{
	cis2.DiscoveryPath: "discovery", cis2.AuthorizePath: "authorize", cis2.PushedPath: "par", cis2.TokenPath: "token",
	cis2.IntrospectPath: "introspect", cis2.RevokePath: "revoke", cis2.UserInfoPath: "userinfo", cis2.KeysPath: "keys",
	cis2.EndSessionPath: "end-session",
}

// endpoint names what a request is for; "page" where it is no endpoint of the provider.
func (d *Double) endpoint(r *http.Request) string {
	path, is := strings.CutPrefix(r.URL.Path, d.path)
	if name := endpoints[path]; is && name != "" {
		return name
	}
	return "page"
}

// answered is an answer before it is sent.
type answered struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newAnswer() *answered { return &answered{status: http.StatusOK, header: http.Header{}} }

// Header is the answer's.
func (a *answered) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *answered) WriteHeader(status int) { a.status = status }

// Write keeps a part of the body.
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }

// leadsTo gives the address to which the answer leads a browser by itself; empty if it leads nowhere.
func (a *answered) leadsTo() string {
	return cmp.Or(a.header.Get("Location"), page.OnwardOf(a.body.String()))
}

// send sends the answer.
func (a *answered) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = a.body.WriteTo(w) // a client that went away cannot be told
}

// serve answers a request, and records both. Names that are not of this machine are refused, so that a
// stranger's page in a browser cannot reach the double by a name of its own.
func (d *Double) serve(w http.ResponseWriter, r *http.Request) {
	if !d.hosts[hostName(r.Host)] {
		http.Error(w, "This double answers to localhost and cis2.localhost only.", http.StatusMisdirectedRequest)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "The request is too large.", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	a := newAnswer()
	began := d.clock.Now()
	switch {
	case strings.HasPrefix(r.URL.Path, "/assets/"):
		d.site.ServeHTTP(w, r)
		return
	case strings.HasPrefix(r.URL.Path, ControlPath):
		d.control.ServeHTTP(a, r)
	case r.URL.Path == "/":
		d.front.ServeHTTP(a, r)
	default:
		d.provide(a, r, body)
	}
	d.record(r, began, body, a)
	a.send(w)
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// provide lets the real sign-in service answer, with the faults that are on.
func (d *Double) provide(a *answered, r *http.Request, body []byte) {
	at := d.endpoint(r)
	if err := d.delay(r.Context(), at); err != nil {
		return // whoever asked has gone
	}
	if d.refuseInstead(a, at) {
		return
	}
	r = d.spoilRequest(r, at, body)
	if d.toSimulated(a, r) {
		return
	}
	d.site.ServeHTTP(a, r)
	d.visits.note(a.header)
	if at == "authorize" {
		d.signInAtOnce(a, r)
	}
	if err := d.spoilAnswer(a, at); err != nil {
		d.o.Log.Error("spoil answer", slog.String("error", err.Error()))
	}
}

// record writes down a request and its answer.
func (d *Double) record(r *http.Request, began time.Time, body []byte, a *answered) {
	at := d.endpoint(r)
	e := record.Entry{
		At: began, Kind: kindOf(r, at), Method: r.Method, Path: r.URL.Path, Status: a.status, Claims: map[string]any{},
	}
	e.Query = d.recorder.Values(r.URL.Query(), e.Claims)
	if e.Kind == record.Browser {
		e.Browser = d.visits.browser(r, a.header)
	}
	switch kind := r.Header.Get("Content-Type"); {
	case e.Kind == record.Control && len(body) > 0:
		var members map[string]any
		if json.Unmarshal(body, &members) == nil {
			e.JSON, _ = d.recorder.Members(members, e.Claims).(map[string]any)
		}
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		if form, err := url.ParseQuery(string(body)); err == nil {
			form.Del(web.SealField) // a replay has one of its own
			e.Form = d.recorder.Values(form, e.Claims)
		}
	}
	if to := a.leadsTo(); to != "" {
		e.Location = d.recorder.Address(to)
	}
	d.recorder.Body(&e, a.header.Get("Content-Type"), a.body.Bytes())
	d.recorder.Add(e)
}

// kindOf says who makes a request.
func kindOf(r *http.Request, endpoint string) string {
	switch {
	case strings.HasPrefix(r.URL.Path, ControlPath):
		return record.Control
	case endpoint == "page" || endpoint == "authorize" || endpoint == "end-session":
		return record.Browser
	}
	return record.Client
}
