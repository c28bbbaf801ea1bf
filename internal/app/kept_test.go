package app

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web/webtest"
)

// Each public route that a stranger can ask by an address leaves few bytes behind, however much is sent to it.
// make prove asks each a thousand times.
func TestBytesKeptOfStrangers(t *testing.T) {
	requests := 50
	if os.Getenv("PROVE") != "" {
		requests = 1000
	}
	d := running(t)
	jobtest.Settle(t, d.care.queue) // what runs once at the start
	jobtest.Settle(t, d.dos.queue)
	for _, route := range append(strangersRoutes(d), lockedUsername(t, d)) {
		kept, answers := d.keptOf(t, route, requests)
		for range 2 { // a job that writes now and then wrote meanwhile, or the route keeps as much each time
			if kept <= route.maxKept {
				break
			}
			again, _ := d.keptOf(t, route, requests)
			kept = min(kept, again)
		}
		t.Logf("%-32s %8d bytes kept of 1,000 requests; answers %v", route.name, kept, answers)
		if answers[route.answer] != requests {
			t.Errorf("%s: answers %v, want %d", route.name, answers, route.answer)
		}
		if kept > route.maxKept {
			t.Errorf("%s: %d bytes kept of 1,000 requests, more than %d", route.name, kept, route.maxKept)
		}
	}
}

// keptOf asks a route so often and gives the bytes that are kept of a thousand such requests, and how often each status
// was the answer.
func (d *Demo) keptOf(t *testing.T, route strangersRoute, requests int) (kept int64, answers map[int]int) {
	t.Helper()
	before := d.bytesKept(t)
	answers = map[int]int{}
	for i := range requests {
		answers[d.ask(t, route, i)]++
	}
	return max(0, d.bytesKept(t)-before-jobsWrite) * 1000 / int64(requests), answers
}

// jobsWrite is what jobs, which run meanwhile, may add to the databases: some pages.
const jobsWrite = 16 << 10

// ask asks a route from the address with a number and gives the status.
func (d *Demo) ask(t *testing.T, route strangersRoute, i int) (status int) {
	t.Helper()
	r := route.request(t)
	r.RemoteAddr = fmt.Sprintf("198.51.%d.%d:4000", i/200, i%200)
	w := httptest.NewRecorder()
	d.sites.ServeHTTP(w, r)
	return w.Code
}

// lockedUsername is a route with a username that was tried too often.
func lockedUsername(t *testing.T, d *Demo) strangersRoute {
	t.Helper()
	typed := url.Values{"username": {"ada.okafor"}, "password": {"a guess"}}
	route := strangersRoute{
		"DoS: a username that is locked", d.system.Config.Addresses.DoS + "/sign-in", 303, nothing, typed,
		webtest.NewSealer(d.dos.Site, "dos", d.system.box, func(*http.Request) string { return "" }),
	}
	for i := range 11 {
		d.ask(t, route, i)
	}
	return route
}

// strangersRoute is a route, with the most that it may be sent.
type strangersRoute struct {
	name, address string
	answer        int
	maxKept       int64           // bytes that may be kept of a thousand requests
	form          url.Values      // that is posted; nil to ask with GET
	sealer        *webtest.Sealer // seals the form; nil where none is sealed
}

func (r strangersRoute) request(t *testing.T) *http.Request {
	t.Helper()
	if r.form == nil {
		return httptest.NewRequestWithContext(t.Context(), http.MethodGet, r.address, nil)
	}
	body := strings.NewReader(r.form.Encode())
	posted := httptest.NewRequestWithContext(t.Context(), http.MethodPost, r.address, body)
	posted.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.sealer != nil {
		r.sealer.SealFor(posted, "")
	}
	return posted
}

// nothing is kept by a route that keeps nothing: a page of the database or two may be begun by others.
const nothing = 200_000

func strangersRoutes(d *Demo) []strangersRoute {
	addresses := d.system.Config.Addresses
	ask := url.Values{
		"client_id": {dosClientID}, "redirect_uri": {addresses.DoS + portal.CallbackPath}, "response_type": {"code"},
		"scope": {"openid profile"}, "state": {strings.Repeat("s", 8000)}, "nonce": {strings.Repeat("n", 512)},
		"login_hint": {strings.Repeat("h", 254)}, "ui_locales": {strings.Repeat("cy ", 33)},
		"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"}, "acr_values": {"AAL2_OR_AAL3_ANY"},
	}
	issuer := addresses.Issuer()
	leave := url.Values{"client_id": {dosClientID}, "state": {strings.Repeat("s", 2000)}}
	return append([]strangersRoute{
		{"CIS2: begin a login", issuer + cis2.AuthorizePath + "?" + ask.Encode(), 303, 16_000_000, nil, nil},
		{"CIS2: begin a login, posted", issuer + cis2.AuthorizePath, 303, 16_000_000, ask, nil},
		{"CIS2: begin a logout", issuer + cis2.EndSessionPath + "?" + leave.Encode(), 303, 5_000_000, nil, nil},
		{"CIS2: begin a logout, posted", issuer + cis2.EndSessionPath, 303, 5_000_000, leave, nil},
		{"CIS2: signing keys", issuer + cis2.KeysPath, 200, nothing, nil, nil},
		{"CIM: find your RA", addresses.CIM + "/find-your-ra?q=fm1", 200, nothing, nil, nil},
		{"DoS: begin a login", addresses.DoS + startPath, 200, 2_000_000, nil, nil},
		{"DoS: a page that is not there", addresses.DoS + "/" + strings.Repeat("x", 2000), 404, nothing, nil, nil},
	}, append(strangersCalls(d), strangersForms(d)...)...)
}

// strangersForms are forms that begin something, with the seal of a page that a stranger was shown.
func strangersForms(d *Demo) []strangersRoute {
	addresses := d.system.Config.Addresses
	nobody := func(*http.Request) string { return "" }
	dos := webtest.NewSealer(d.dos.Site, "dos", d.system.box, nobody)
	cim := webtest.NewSealer(d.care.Console, "cim", d.system.box, nobody)
	typed := url.Values{"username": {strings.Repeat("u", 100)}}
	return []strangersRoute{
		{"DoS: begin a login, posted", addresses.DoS + "/sign-in/care-identity", 200, 2_000_000, url.Values{}, dos},
		{"DoS: begin to undo a link", addresses.DoS + "/undo-link", 303, 3_000_000, typed, dos},
		{"DoS: ask for another password", addresses.DoS + "/forgotten-password", 303, 3_000_000, typed, dos},
		{"CIM: begin a login, posted", addresses.CIM + "/sign-in", 200, 2_000_000, url.Values{}, cim},
	}
}

// strangersCalls posts what programs do, as one that proves nothing, and forms that have no seal.
func strangersCalls(d *Demo) []strangersRoute {
	addresses := d.system.Config.Addresses
	issuer := addresses.Issuer()
	long := url.Values{
		"client_id": {dosClientID}, "client_secret": {strings.Repeat("s", 2000)}, "grant_type": {"authorization_code"},
		"code": {strings.Repeat("c", 2000)}, "token": {strings.Repeat("t", 2000)},
		"logout_token": {strings.Repeat("l", 2000)}, "username": {strings.Repeat("u", 200)}, "password": {"a password"},
	}
	return []strangersRoute{
		{"CIS2: push a request", issuer + cis2.PushedPath, 401, refusalsOfClients, long, nil},
		{"CIS2: redeem a code", issuer + cis2.TokenPath, 401, refusalsOfClients, long, nil},
		{"CIS2: introspect a token", issuer + cis2.IntrospectPath, 401, refusalsOfClients, long, nil},
		{"CIS2: revoke a token", issuer + cis2.RevokePath, 401, refusalsOfClients, long, nil},
		{"CIS2: read claims", issuer + cis2.UserInfoPath, 401, nothing, long, nil},
		{"CIM: tell of a logout", addresses.CIM + portal.LogoutPath, 400, nothing, long, nil},
		{"DoS: tell of a logout", addresses.DoS + portal.LogoutPath, 400, nothing, long, nil},
		{"CIM: ask about people", addresses.CIM + extract.Path, 401, nothing, long, nil},
		{"DoS: a form without a seal", addresses.DoS + "/sign-in", 303, nothing, long, nil},
	}
}

// refusalsOfClients bounds what the first 200 refusals of those who name a client leave; the others leave nothing.
const refusalsOfClients = 2_000_000

// bytesKept is how much of both databases is in use.
func (d *Demo) bytesKept(t *testing.T) (bytes int64) {
	t.Helper()
	for _, side := range []*store{d.care.store, d.dos.store} {
		native, is := side.DB.Native().(*sql.DB)
		if !is {
			t.Fatal("a demo is not on SQLite")
		}
		var used int64
		err := native.QueryRowContext(t.Context(), `SELECT (page_count - freelist_count) * page_size
			FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&used)
		if err != nil {
			t.Fatal(err)
		}
		bytes += used
	}
	return bytes
}
