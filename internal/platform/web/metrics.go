package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/fault"
)

// Metrics counts requests and failures; no label names a person.
type Metrics struct {
	requests *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

// NewMetrics makes the counters and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "signpost_http_request_seconds", Help: "Requests by site, route and status, and how long they took.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"site", "route", "status"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "signpost_http_failures_total", Help: "Requests that ended in an error page, by the fault's code.",
		}, []string{"site", "code"}),
	}
	r.MustRegister(m.requests, m.failures)
	return m
}

func (m *Metrics) served(site, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(site, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *Metrics) failed(site string, err error) {
	code := "unexpected"
	if f, known := fault.From(err); known {
		code = string(f.Code)
	}
	m.failures.WithLabelValues(site, code).Inc()
}
