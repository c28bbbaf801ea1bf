package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Strangers' requests that come to nothing are counted by what was wrong with them, with no label that
// a stranger can choose.
func TestFailuresAreCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(registry),
		ErrorPage: func(*http.Request, web.Failure) templ.Component {
			return templ.ComponentFunc(func(context.Context, io.Writer) error { return nil })
		},
	})
	s.Handle("GET /wrong/{what}", web.Anyone, func(http.ResponseWriter, *http.Request) error { return fault.Invalid })
	s.Handle("GET /panic", web.Anyone, func(http.ResponseWriter, *http.Request) error { panic("boom") })
	for _, path := range []string{"/wrong/a", "/wrong/b", "/nowhere/c", "/panic"} {
		ask(s, "GET", path)
	}
	out := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`signpost_http_failures_total{code="invalid",site="test"} 2`,
		`signpost_http_failures_total{code="not_found",site="test"} 1`,
		`signpost_http_failures_total{code="unexpected",site="test"} 1`,
		`signpost_http_request_seconds_count{route="GET /wrong/{what}",site="test",status="422"} 2`,
		`signpost_http_request_seconds_count{route="",site="test",status="404"} 1`,
	} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, out.Body)
		}
	}
}
