package double

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"signpost/internal/careid/provider"
)

// visits knows the cookies that went out: by them a script finishes the sign-in of a browser, browsers are
// told apart, and a script can have browsers of its own by name. It forgets the oldest.
type visits struct {
	mu       sync.Mutex
	flows    map[string]string            // the cookie of each sign-in under way, by the sign-in's id
	order    []string                     // of flows
	browsers map[string]string            // the browser that holds a cookie, by its name and value
	named    map[string]map[string]string // cookies of a script's own browsers
	n        int
}

// maxVisits is how many sign-ins under way, and how many browsers' cookies, are remembered.
const maxVisits = 10_000

const cookiePrefix = "__Host-"

// cookiesOf reads the cookies that an answer sets, without our prefix; a value is empty where it clears one.
func cookiesOf(h http.Header) map[string]string {
	set := map[string]string{}
	for _, c := range (&http.Response{Header: h}).Cookies() {
		set[strings.TrimPrefix(c.Name, cookiePrefix)] = c.Value
	}
	return set
}

// note remembers the sign-ins that an answer begins.
func (v *visits) note(h http.Header) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.flows == nil {
		v.flows = map[string]string{}
	}
	for name, value := range cookiesOf(h) {
		id, is := strings.CutPrefix(name, provider.FlowCookies.Of(""))
		if !is || value == "" {
			continue
		}
		v.flows[id] = value
		if v.order = append(v.order, id); len(v.order) > maxVisits {
			delete(v.flows, v.order[0])
			v.order = v.order[1:]
		}
	}
}

// flow gives the cookie of a sign-in under way.
func (v *visits) flow(id string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.flows[id]
}

// browser names the browser that makes a request, and remembers the cookies that it is answered.
func (v *visits) browser(r *http.Request, h http.Header) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.browsers == nil || len(v.browsers) > maxVisits {
		v.browsers = map[string]string{}
	}
	name := ""
	for _, c := range r.Cookies() {
		if known := v.browsers[c.Name+"="+c.Value]; known != "" {
			name = known
		}
	}
	if name == "" {
		v.n++
		name = strconv.Itoa(v.n)
	}
	for _, c := range (&http.Response{Header: h}).Cookies() {
		v.browsers[c.Name+"="+c.Value] = name
	}
	return name
}

// cookies gives those of a script's own browser.
func (v *visits) cookies(name string) map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := map[string]string{}
	for k, value := range v.named[name] {
		list[k] = value
	}
	return list
}

// keep gives a script's own browser cookies; a browser without a name keeps none.
func (v *visits) keep(name string, set map[string]string) {
	if name == "" {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.named == nil {
		v.named = map[string]map[string]string{}
	}
	if v.named[name] == nil {
		v.named[name] = map[string]string{}
	}
	for k, value := range set {
		if value == "" {
			delete(v.named[name], k)
			continue
		}
		v.named[name][k] = value
	}
}
