package app

import (
	"net"
	"net/http"
	"strings"

	"signpost/internal/config"
)

// hosts sends each request to the site of the host it names; what no site answers to goes to rest.
type hosts struct {
	sites map[string]http.Handler // by host name, without a port
	rest  http.Handler
}

// add puts a site at its address.
func (h hosts) add(address string, site http.Handler) {
	if host, err := config.HostOf(address); err == nil {
		h.sites[host] = onlyOverTLS(address, site)
	}
}

// transport keeps browsers from coming without TLS for a year after a visit (RFC 6797). The host is ours; hosts below
// it may be somebody else's.
const transport = "max-age=31536000"

// onlyOverTLS has browsers come to a site by https alone if that is its address.
func onlyOverTLS(address string, site http.Handler) http.Handler {
	if !config.OverTLS(address) {
		return site
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", transport)
		site.ServeHTTP(w, r)
	})
}

// ServeHTTP answers a request.
func (h hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if site, found := h.sites[hostName(r.Host)]; found {
		site.ServeHTTP(w, r)
		return
	}
	h.rest.ServeHTTP(w, r)
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

// unknownHost answers requests for hosts that this node does not run.
func unknownHost(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "No Signpost site answers to this address on this machine.", http.StatusMisdirectedRequest)
}
