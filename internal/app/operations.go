package app

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// operations answers those who run the system: is it alive, may it be sent requests, what does it count.
// It listens apart from the sites.
type operations struct {
	ready    atomic.Bool
	check    func(r *http.Request) error // whether what the sites depend on answers
	registry *prometheus.Registry
}

// handler gives the routes.
func (o *operations) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("alive\n")) })
	mux.HandleFunc("GET /readyz", o.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{}))
	return mux
}

func (o *operations) readyz(w http.ResponseWriter, r *http.Request) {
	if !o.ready.Load() {
		http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
		return
	}
	if err := o.check(r); err != nil {
		http.Error(w, "a database does not answer, or takes no writing", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
