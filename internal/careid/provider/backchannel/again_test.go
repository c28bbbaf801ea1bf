package backchannel_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
)

// A notice that is sent again while its old round still waits is delivered by the new round alone: the job of
// the old one does nothing.
func TestAnOldRoundStops(t *testing.T) {
	for _, tt := range []struct {
		name  string
		round int64
		tries int64 // in the new round
	}{{"the old round", 1, 1}, {"the new round", 2, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			s := w.service(rotaID, w.staff())
			s.answer(http.StatusInternalServerError, "")
			w.ledger.Pauses = []time.Duration{time.Hour}
			w.end("sid-1", rotaID)
			jobtest.Settle(t, w.queue)
			id := w.notices(rotaID)[0].ID
			if err := backchannel.Again(t.Context(), w.d, w.ada, rotaID, id); err != nil {
				t.Fatal(err)
			}
			jobtest.Settle(t, w.queue)
			if n := w.notices(rotaID)[0]; n.State != backchannel.Waiting || n.Tries != 1 || len(s.requests) != 2 {
				t.Fatalf("after a try of each round: %+v, asked %d times", n, len(s.requests))
			}
			if n, err := backchannel.AgainAll(t.Context(), w.d, w.ada, rotaID); n != 0 || err != nil {
				t.Errorf("with all others it is sent once more at once: %d, %v", n, err)
			}
			w.update(func(u *db.W) error {
				return u.Enqueue(t.Context(), backchannel.DeliverJob{NoticeID: id, Round: tt.round})
			})
			jobtest.Settle(t, w.queue)
			if n := w.notices(rotaID)[0]; n.Tries != tt.tries || len(s.requests) != int(1+tt.tries) {
				t.Errorf("after another job: %+v, asked %d times", n, len(s.requests))
			}
		})
	}
}

// A notice may be sent again while a try is under way. However that try ends, the new round goes on.
func TestATryUnderWayLeavesTheNewRoundAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		later  time.Duration // when it ends
		alone  string        // what becomes of a notice that is not sent again
	}{
		{"told", http.StatusOK, 0, backchannel.Delivered},
		{"failed", http.StatusBadGateway, 0, backchannel.Waiting},
		{"given up", http.StatusBadGateway, backchannel.GiveUp, backchannel.GivenUp},
	} {
		for _, again := range []bool{false, true} {
			name := tt.name + " alone"
			if again {
				name = tt.name + " under a new round"
			}
			t.Run(name, func(t *testing.T) {
				w := open(t)
				s := w.holding()
				w.ledger.Pauses = []time.Duration{time.Hour}
				w.end("sid-1", rotaID)
				<-s.arrived
				want := backchannel.Notice{State: tt.alone, Answer: "status 502 Bad Gateway: \"\""}
				if tt.status == http.StatusOK {
					want.Answer = "Status 200 OK"
				}
				w.clock.Advance(tt.later)
				if again {
					want = backchannel.Notice{
						State: backchannel.Waiting, Answer: "status 503 Service Unavailable: \"\"",
					}
					w.again(s)
				}
				s.release <- tt.status
				jobtest.Settle(t, w.queue)
				if n := w.notices(rotaID)[0]; n.State != want.State || n.Answer != want.Answer || n.Tries != 1 {
					t.Errorf("the ledger says %+v, want %q after 1 try, %q", n, want.State, want.Answer)
				}
				if events := w.givenUp(); len(events) > 0 != (want.State == backchannel.GivenUp) {
					t.Errorf("events of giving up: %+v", events)
				}
			})
		}
	}
}

// again sends the one notice again and waits until its new round was tried.
func (w *world) again(s *holding) {
	w.t.Helper()
	if err := backchannel.Again(w.t.Context(), w.d, w.ada, rotaID, w.notices(rotaID)[0].ID); err != nil {
		w.t.Fatal(err)
	}
	w.until("a try of the new round", func() bool { return w.notices(rotaID)[0].Tries == 1 })
}

// holding is a service that holds back its answer to the first notice and refuses the others.
type holding struct {
	arrived chan struct{} // closed when the first notice is there
	release chan int      // takes the status that the first one is answered with
	first   atomic.Bool
}

func (w *world) holding() *holding {
	w.t.Helper()
	s := &holding{arrived: make(chan struct{}), release: make(chan int, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !s.first.CompareAndSwap(false, true) {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = r.ParseForm() // which lets the server see that nobody waits any more
		close(s.arrived)
		select {
		case status := <-s.release:
			rw.WriteHeader(status)
		case <-r.Context().Done():
		}
	}))
	w.t.Cleanup(server.Close)
	teamID := w.staff()
	w.register(rotaID, server.URL)
	w.update(func(u *db.W) error { return client.Give(w.t.Context(), u, rotaID, teamID) })
	return s
}
