package backchannel_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// moves has the team of a client want another address, which waits for approval.
func (w *world) moves(id, from, to string) {
	w.t.Helper()
	const wait = `UPDATE provider_client SET waiting = replace(settings, CAST($2 AS TEXT), CAST($3 AS TEXT))
		WHERE client_id = $1`
	w.update(func(u *db.W) error {
		if err := u.Change(w.t.Context(), wait, id, from, to); err != nil {
			return err
		}
		return u.Record(w.t.Context(), audit.Event{Kind: client.EventChanged, Subject: client.Ref(id)})
	})
}

// An address that waits for approval is sent the tests that its team asks for, and nothing else.
func TestATestReachesTheAddressThatWaits(t *testing.T) {
	w := open(t)
	approved := w.service(rotaID, w.staff())
	wanted := w.service("200000000008.apps.supplier", "")
	w.moves(rotaID, approved.URL, wanted.URL)
	w.end("sid-1", rotaID)
	w.until("the notice", w.all(backchannel.Delivered))
	if err := backchannel.SendTest(t.Context(), w.d, w.ada, rotaID); err != nil {
		t.Fatal(err)
	}
	w.until("the test", w.all(backchannel.Delivered))
	if len(approved.tokensReceived()) != 1 || len(wanted.tokensReceived()) != 1 {
		t.Fatalf("the approved address was told %d times, the one that waits %d times",
			len(approved.tokensReceived()), len(wanted.tokensReceived()))
	}
	token, err := jwt.Verify(t.Context(), wanted.tokensReceived()[0], w.ledger.Keys.Set(), jwt.Expect{
		Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{jwt.TypeLogout},
	})
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := token.Claims(); err != nil || claims.Subject != w.ada.ID ||
		claims.Check(jwt.Rules{Issuer: issuer, Audience: []string{rotaID}, Now: nine}) != nil {
		t.Errorf("claims %+v, %v", claims, err)
	}
	test := w.notices(rotaID)[0]
	if other := w.notices(rotaID)[1]; other.Test {
		test = other
	}
	if !test.Test || test.SID == "sid-1" {
		t.Errorf("the ledger says %+v", test)
	}
	if err := backchannel.Again(t.Context(), w.d, w.ada, rotaID, test.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("a test was sent again: %v", err)
	}
	err = w.d.View(t.Context(), func(r db.R) error {
		about, err := backchannel.About(t.Context(), r, w.ada.ID, 10)
		if len(about) != 0 {
			t.Errorf("it stands among the ended sessions of a person: %+v", about)
		}
		tally, countErr := backchannel.Count(t.Context(), r, rotaID)
		if tally != (backchannel.Tally{Delivered: 1, Tests: 1}) || tally.All() != 2 {
			t.Errorf("tally %+v", tally)
		}
		return errors.Join(err, countErr)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A test is sent once, by the team alone, and not without end.
func TestTestsAreBounded(t *testing.T) {
	w := open(t)
	s := w.service(rotaID, w.staff())
	s.answer(http.StatusInternalServerError, "broken")
	operator := w.person("Olu")
	w.update(func(u *db.W) error { return team.Join(t.Context(), u, team.Operators, operator.ID) })
	for _, by := range []actor.Actor{operator, w.person("Eve"), {Kind: actor.Machine, ID: w.ada.ID}} {
		if err := backchannel.SendTest(t.Context(), w.d, by, rotaID); !errors.Is(err, fault.NotFound) {
			t.Errorf("sent by %s %s: %v", by.Kind, by.Name, err)
		}
	}
	const allowed = 10
	for n := range allowed + 3 {
		err := backchannel.SendTest(t.Context(), w.d, w.ada, rotaID)
		if n < allowed && err != nil || n >= allowed && !errors.Is(err, fault.TooMany) {
			t.Errorf("test %d: %v", n+1, err)
		}
	}
	w.until("the answers", w.all(backchannel.GivenUp))
	for _, n := range w.notices(rotaID) {
		if n.Tries != 1 || n.Answer != `status 500 Internal Server Error: "broken"` {
			t.Errorf("the ledger says %+v", n)
		}
	}
	if n, err := backchannel.AgainAll(t.Context(), w.d, w.ada, rotaID); n != 0 || err != nil {
		t.Errorf("%d tests are sent again: %v", n, err)
	}
	w.clock.Advance(time.Hour)
	if err := backchannel.SendTest(t.Context(), w.d, w.ada, rotaID); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	w.update(func(u *db.W) error { return client.MovePart(t.Context(), u, rotaID, client.Suspend) })
	if err := backchannel.SendTest(t.Context(), w.d, w.ada, rotaID); !errors.Is(err, fault.Conflict) {
		t.Errorf("for a suspended client: %v", err)
	}
}
