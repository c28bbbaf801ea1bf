package backchannel_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

const (
	issuer = "https://cis2.example:443/openam"
	rotaID = "200000000001.apps.supplier"
)

func (w *world) service(id, teamID string) *service {
	w.t.Helper()
	s := &service{status: http.StatusOK, requests: make(chan struct{}, 1000)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	w.t.Cleanup(s.Close)
	w.register(id, s.URL+"/backchannel-logout")
	if teamID != "" {
		w.update(func(u *db.W) error { return client.Give(w.t.Context(), u, id, teamID) })
	}
	return s
}

func TestANoticeReachesTheService(t *testing.T) {
	w := open(t)
	s := w.service(rotaID, "")
	began := time.Now()
	w.end("sid-1", rotaID)
	w.until("the notice", w.all(backchannel.Delivered))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s, want at most 5 s", took)
	}
	n := w.notices(rotaID)[0]
	if n.Tries != 1 || n.Answer != "Status 200 OK" || !n.Tried.Equal(nine) || !n.Next.IsZero() || n.SID != "sid-1" ||
		n.Failing() {
		t.Errorf("the ledger says %+v", n)
	}
	token, err := jwt.Verify(t.Context(), s.tokensReceived()[0], w.ledger.Keys.Set(), jwt.Expect{
		Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{jwt.TypeLogout},
	})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := token.Claims()
	if err != nil || claims.Subject != "800000000101" || claims.Issuer != issuer ||
		claims.Check(jwt.Rules{Issuer: issuer, Audience: []string{rotaID}, Now: nine, NeedIssuedAt: true,
			NeedID: true}) != nil {
		t.Errorf("claims %+v, %v", claims, err)
	}
}

func TestTriesGoOnOverARestart(t *testing.T) {
	t.Parallel() // it mostly waits
	w := open(t)
	s := w.service(rotaID, "")
	s.answer(http.StatusServiceUnavailable, "we restart")
	w.ledger.Pauses = []time.Duration{time.Millisecond, 2 * time.Second} // the second pause leaves time to stop
	w.end("sid-1", rotaID)
	w.until("2 tries", func() bool { return w.notices(rotaID)[0].Tries == 2 })
	n := w.notices(rotaID)[0]
	if n.State != backchannel.Waiting || n.Answer != `status 503 Service Unavailable: "we restart"` ||
		!n.Next.Equal(nine.Add(2*time.Second)) || !n.Failing() {
		t.Errorf("between tries the ledger says %+v", n)
	}
	w.stop()
	s.answer(http.StatusOK, "")
	w.start()
	w.until("the notice after the restart", w.all(backchannel.Delivered))
	if n := w.notices(rotaID)[0]; n.Tries != 3 || len(s.tokensReceived()) != 1 {
		t.Errorf("after the restart: %+v, told %d times", n, len(s.tokensReceived()))
	}
}

func TestTryingEndsAfterADay(t *testing.T) {
	w := open(t)
	s := w.service(rotaID, "")
	s.answer(http.StatusBadRequest, `{"error":"invalid_request","token":"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln"}`)
	w.end("sid-1", rotaID)
	w.until("a try", func() bool { return w.notices(rotaID)[0].Tries > 0 })
	w.clock.Advance(backchannel.GiveUp)
	w.until("giving up", w.all(backchannel.GivenUp))
	n := w.notices(rotaID)[0]
	if strings.Contains(n.Answer, "eyJ") || !strings.Contains(n.Answer, "status 400") || !n.Next.IsZero() ||
		!n.Failing() {
		t.Errorf("the ledger says %+v", n)
	}
	if events := w.givenUp(); len(events) != 1 || events[0].Subject != client.Ref(rotaID) {
		t.Errorf("events %+v", events)
	}
}

// givenUp lists the events of giving up.
func (w *world) givenUp() (events []audit.Entry) {
	w.t.Helper()
	if err := w.d.View(w.t.Context(), func(r db.R) (err error) {
		events, err = audit.OfKind(w.t.Context(), r, "notice.given-up", 10)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return events
}

func TestPausesGrowAndEndWithinADay(t *testing.T) {
	total := time.Duration(0)
	tries := 0
	for ; total <= backchannel.GiveUp; tries++ {
		total += backchannel.Pauses[min(tries, len(backchannel.Pauses)-1)]
	}
	if tries < 10 || tries > 30 || backchannel.Pauses[0] > 5*time.Second {
		t.Errorf("%d tries in a day, the first pause is %s", tries, backchannel.Pauses[0])
	}
}

func TestAServiceWithoutAddressAnyMore(t *testing.T) {
	w := open(t)
	s := w.service(rotaID, "")
	s.answer(http.StatusServiceUnavailable, "")
	w.end("sid-1", rotaID)
	w.until("a try", func() bool { return w.notices(rotaID)[0].Tries > 0 })
	w.register(rotaID, "")
	w.until("giving up", w.all(backchannel.GivenUp))
	if n := w.notices(rotaID)[0]; n.Tries != int64(len(s.requests)) || n.Tried.IsZero() {
		t.Errorf("the service was asked %d times, the ledger says %+v", len(s.requests), n)
	}
}

func TestASlowServiceHoldsUpNobody(t *testing.T) {
	t.Parallel() // it mostly waits
	w := open(t)
	release := make(chan struct{})
	var waiting atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		waiting.Add(1)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	const slowID = "200000000009.apps.supplier"
	w.register(slowID, slow.URL)
	quick := w.service(rotaID, "")
	for n := range 40 {
		w.end("slow-"+string(rune('a'+n)), slowID)
	}
	w.until("the slow service", func() bool { return waiting.Load() > 0 })
	began := time.Now()
	for n := range 5 {
		w.end("quick-"+string(rune('a'+n)), rotaID)
	}
	w.until("the quick service", w.all(backchannel.Delivered))
	if took := time.Since(began); took > 5*time.Second || len(quick.tokensReceived()) != 5 {
		t.Errorf("the quick service was told %d times in %s, want 5 times in 5 s", len(quick.tokensReceived()), took)
	}
	for _, n := range w.notices(slowID) {
		if n.State != backchannel.Waiting {
			t.Errorf("a notice to the slow service: %+v", n)
		}
	}
}

const rotaTeam = "rota"

// staff makes Ada, who is in the team that is returned.
func (w *world) staff() (teamID string) {
	w.t.Helper()
	w.ada = w.person("Ada")
	w.update(func(u *db.W) error {
		if err := team.Add(w.t.Context(), u, team.Team{ID: rotaTeam, Name: "Rota"}); err != nil {
			return err
		}
		return team.Join(w.t.Context(), u, rotaTeam, w.ada.ID)
	})
	return rotaTeam
}

func (w *world) person(name string) actor.Actor {
	w.t.Helper()
	var i identity.Identity
	w.update(func(u *db.W) (err error) {
		i, err = identity.Add(w.t.Context(), u, identity.New{
			GivenName: name, FamilyName: "Example", AssuranceLevel: 3, Organisation: "Z90001",
		})
		return err
	})
	return actor.Actor{Kind: actor.Person, ID: i.UUID, Name: name}
}

func TestAnOperatorSendsAgain(t *testing.T) {
	w := open(t)
	s := w.service(rotaID, w.staff())
	operator := w.person("Olu")
	stranger := w.person("Eve")
	w.update(func(u *db.W) error { return team.Join(t.Context(), u, team.Operators, operator.ID) })
	s.answer(http.StatusInternalServerError, "broken")
	for _, sid := range []string{"a", "b", "c"} {
		w.end(sid, rotaID)
	}
	w.until("first tries", func() bool {
		for _, n := range w.notices(rotaID) {
			if n.Tries == 0 {
				return false
			}
		}
		return true
	})
	w.stop() // a try under way would seem to have taken a day
	w.clock.Advance(backchannel.GiveUp)
	w.start()
	w.until("giving up", w.all(backchannel.GivenUp))
	s.answer(http.StatusOK, "")
	for _, by := range []actor.Actor{stranger, {Kind: actor.Machine, ID: operator.ID}} {
		if _, err := backchannel.AgainAll(t.Context(), w.d, by, rotaID); !errors.Is(err, fault.NotFound) {
			t.Errorf("sent again by %s %s: %v", by.Kind, by.Name, err)
		}
	}
	one := w.notices(rotaID)[0]
	if err := backchannel.Again(t.Context(), w.d, w.ada, rotaID, one.ID); err != nil {
		t.Fatal(err)
	}
	w.until("the one", func() bool { return len(s.tokensReceived()) == 1 })
	err := backchannel.Again(t.Context(), w.d, w.ada, "200000000008.apps.supplier", one.ID)
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("a notice of another client: %v", err)
	}
	if n, err := backchannel.AgainAll(t.Context(), w.d, operator, rotaID); err != nil || n != 2 {
		t.Errorf("all that failed: %d, %v", n, err)
	}
	w.until("all", w.all(backchannel.Delivered))
	if len(s.tokensReceived()) != 3 {
		t.Errorf("told %d times, want 3", len(s.tokensReceived()))
	}
	var tally backchannel.Tally
	if err := w.d.View(t.Context(), func(r db.R) (err error) {
		tally, err = backchannel.Count(t.Context(), r, rotaID)
		return err
	}); err != nil || tally != (backchannel.Tally{Delivered: 3}) {
		t.Errorf("tally %+v, %v", tally, err)
	}
	for _, wait := range []time.Duration{0, 20*time.Minute - time.Millisecond} {
		w.clock.Advance(wait)
		if err := backchannel.Again(t.Context(), w.d, w.ada, rotaID, one.ID); !errors.Is(err, fault.TooMany) {
			t.Errorf("once more after %s: %v", wait, err)
		}
	}
	w.clock.Advance(time.Millisecond)
	if err := backchannel.Again(t.Context(), w.d, w.ada, rotaID, one.ID); err != nil {
		t.Fatal(err)
	}
	w.until("one that was told already", func() bool { return len(s.tokensReceived()) == 4 })
}
