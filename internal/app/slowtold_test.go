package app

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// Whoever gives way to others is told so by a whole page.
func TestWhoGivesWayIsToldSo(t *testing.T) {
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component {
			return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
				if err := ctx.Err(); err != nil {
					return err // as all pages do
				}
				_, err := io.WriteString(w, "the page: "+f.Message)
				return err
			})
		},
	})
	s.HandleFromAnywhere("POST /form", web.Anyone, func(http.ResponseWriter, *http.Request) error { return nil })
	at := listening(t, Listener{Address: "127.0.0.1:0", Handler: s, Connections: 4}).open[0].socket.Addr().String()
	first := worldtest.Must(dialFrom(t.Context(), "127.0.0.1", at))(t)
	second := worldtest.Must(dialFrom(t.Context(), "127.0.0.1", at))(t)
	defer func() { _ = second.Close() }()
	defer func() { _ = first.Close() }()
	for _, c := range []io.Writer{first, second} { // of four, one may wait for its form
		_ = worldtest.Must(io.WriteString(c, "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"))(t)
		time.Sleep(50 * time.Millisecond) // the first is read first
	}
	worldtest.Check(t, first.SetReadDeadline(time.Now().Add(5*time.Second)))
	answer := worldtest.Must(http.ReadResponse(bufio.NewReader(first), nil))(t)
	defer func() { _ = answer.Body.Close() }()
	page := string(worldtest.Must(io.ReadAll(answer.Body))(t))
	if answer.StatusCode != http.StatusRequestTimeout || !answer.Close ||
		!strings.HasPrefix(page, "the page: What was sent took too long to arrive") {
		t.Errorf("%s, %q", answer.Status, page)
	}
}
