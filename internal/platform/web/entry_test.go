package web_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/platform/connections"
	"signpost/internal/platform/line"
	"signpost/internal/platform/web"
)

// work is how long a request of these tests takes, in time that passes at once.
const work = 100 * time.Millisecond

// crowded is a site that does two things at a time: logins begin at /begin and, for programs, at /push, and /step is
// what comes after.
func crowded(entry *line.Line) *web.Site {
	s := web.New(web.Options{
		Name: "crowded", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		Entry:     entry,
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return text(f.Title + "|" + f.Cure) },
	})
	works := func(w http.ResponseWriter, r *http.Request) error {
		if _, err := io.ReadAll(r.Body); err != nil {
			return err
		}
		time.Sleep(work)
		return web.Show(w, r, http.StatusOK, text("done"))
	}
	known := func(r *http.Request) bool { return r.Header.Get("Known") != "" }
	s.Begins("GET /begin", known)
	s.Handle("GET /begin", web.Anyone, works)
	s.Begins("POST /push", nil)
	s.HandleCalls("POST /push", web.Anyone, works)
	s.Handle("GET /step", web.Anyone, works)
	s.HandleCalls("POST /step", web.Anyone, works)
	return s
}

func newLine() *line.Line {
	return line.New(line.Options{AtOnce: 2, MaxWaiting: 40, MaxEach: 20, Patience: 2 * time.Second})
}

// timed asks for something and gives how long the answer took.
func timed(
	s *web.Site, method, path string, change ...func(*http.Request),
) (*httptest.ResponseRecorder, time.Duration) {
	begun := time.Now()
	got := ask(s, method, path, change...)
	return got, time.Since(begun)
}

// Five hundred that would begin a login at once keep no step and no page waiting. They wait for two seconds, or, where
// too many do, not at all; those who are known go first.
func TestNewLoginsWaitForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(newLine())
		codes := make(chan int, 500)
		for n := range 500 {
			go func() {
				got, took := timed(s, "GET", "/begin", func(r *http.Request) {
					r.RemoteAddr = fmt.Sprintf("10.0.0.%d:1", n%25)
				})
				if took > 2*time.Second+work {
					t.Errorf("a new login took %s", took)
				}
				codes <- got.Code
			}()
		}
		synctest.Wait()
		for range 5 {
			if got, took := timed(s, "GET", "/step"); got.Code != http.StatusOK || took != work {
				t.Errorf("a step: %d after %s", got.Code, took)
			}
		}
		got, took := timed(s, "GET", "/begin", header("Known", "yes"))
		if got.Code != http.StatusOK || took > 2*work {
			t.Errorf("a new login of somebody known: %d after %s", got.Code, took)
		}
		seen := map[int]int{}
		for range 500 {
			seen[<-codes]++
		}
		t.Logf("answers: %v", seen)
		if seen[200] < 10 || seen[503] < 400 || seen[200]+seen[503] != 500 {
			t.Errorf("answers: %v", seen)
		}
	})
}

// Who is told to come again learns when: people by a page, programs in JSON.
func TestWhatIsSaidWhereThereIsTooMuchToDo(t *testing.T) {
	s := crowded(line.New(line.Options{}))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/begin", "The service is busy|Wait 10 seconds"},
		{"POST", "/push", `"error":"temporarily_unavailable"`},
	} {
		got := ask(s, tt.method, tt.path)
		if got.Code != 503 || got.Header().Get("Retry-After") != "10" || !strings.Contains(got.Body.String(), tt.want) {
			t.Errorf("%s: %d %q", tt.path, got.Code, got.Body)
		}
	}
}

// A request counts from when it has arrived whole until its answer begins: many that are sent or read slowly keep
// nobody waiting.
func TestSlowClientsKeepNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowded(newLine())
		rest := make(chan string)
		var clients sync.WaitGroup
		for range 10 {
			clients.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), "POST", "/step", slowly(rest))
				r.ContentLength = 100
				s.ServeHTTP(httptest.NewRecorder(), r)
			})
		}
		for range 10 {
			clients.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), "GET", "/step", nil)
				s.ServeHTTP(stuck{httptest.NewRecorder(), rest}, r)
			})
		}
		time.Sleep(2 * work)
		if got, took := timed(s, "GET", "/begin"); got.Code != http.StatusOK || took != work {
			t.Errorf("a new login beside slow clients: %d after %s", got.Code, took)
		}
		close(rest)
		clients.Wait()
	})
}

// Who sends too slowly is told so, and their form is not read in part: people by a page from which they can send it
// again, programs in JSON. Nothing is done.
func TestWhatIsSaidOfARequestThatDoesNotArrive(t *testing.T) {
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()), Box: box(),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component { return text(f.Message + "|" + f.Page) },
	})
	s.HandleFailures(web.Anyone)
	done := func(http.ResponseWriter, *http.Request) error {
		t.Error("it was done")
		return nil
	}
	s.HandlePost("/things/{id}/name", "/things/{id}", web.Anyone, done)
	s.HandleCalls("POST /call", web.Anyone, done)
	s.Handle("GET /page", web.Anyone, done)
	for path, want := range map[string]string{
		"POST /things/7/name": "What was sent took too long to arrive. Nothing was changed.|/things/7",
		"POST /call":          `"error_description":"What was sent took too long to arrive. Nothing was changed."`,
		"GET /page":           "What was sent took too long to arrive. Nothing was changed.|",
	} {
		method, path, _ := strings.Cut(path, " ")
		part := io.MultiReader(strings.NewReader("a=b"), iotest.ErrReader(connections.ErrSlow))
		r := httptest.NewRequestWithContext(t.Context(), method, path, part)
		r.ContentLength = 100
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if got.Code != http.StatusRequestTimeout || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

// slowly is a body of which nothing comes until its channel is closed.
type slowly chan string

func (s slowly) Read([]byte) (int, error) {
	<-s
	return 0, io.EOF
}

// stuck is a client that does not read until its channel is closed.
type stuck struct {
	*httptest.ResponseRecorder

	rest chan string
}

func (s stuck) Write(b []byte) (int, error) {
	<-s.rest
	return len(b), nil
}
