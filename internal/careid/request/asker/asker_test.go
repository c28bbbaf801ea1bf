package asker_test

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/request"
	"signpost/internal/careid/request/asker"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// world has a pharmacy with a registration authority, which strangers ask.
type world struct {
	*careidtest.World
	desk *asker.Desk
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		w.desk = &asker.Desk{DB: w.DB, Post: w.Post, Address: "https://cim.example"}
		w.desk.Work(ws)
	})
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
	}})
	return w
}

var codeIn = regexp.MustCompile(`Your code is (\S+ \S+)`)

// of is somebody at a network.
func of(network int) actor.Actor {
	return actor.Actor{Kind: actor.Stranger, Network: fmt.Sprintf("192.0.2.%d", network)}
}

// answered is a sitting in which everything is answered.
func (w *world) answered(to string, by actor.Actor) (cookie string, a asker.Answers) {
	w.Helper()
	a = asker.Answers{Need: request.Reactivate, Name: "Bo Stranger", Organisation: "Z90001", Text: "I come back in May",
		Email: to}
	cookie = worldtest.Must(w.desk.Begin(w.Context(), a))(w)
	w.Must(w.desk.Save(w.Context(), cookie, asker.About, a))
	w.Must(w.desk.Save(w.Context(), cookie, asker.Details, a))
	w.Must(w.desk.AskCode(w.Context(), by, cookie, to))
	w.Settle()
	code := codeIn.FindStringSubmatch(w.Mails.To(to)[0].Text)[1]
	w.Must(w.desk.Prove(w.Context(), by, cookie, code))
	return cookie, a
}

// However often the same is sent at once, from one browser or from several, it is one request.
func TestSentManyTimesAtOnce(t *testing.T) {
	w := open(t)
	one, answers := w.answered("bo@oaktree.example", of(1))
	w.Clock.Advance(time.Second)
	two, _ := w.answered("bo@oaktree.example", of(2))
	var all sync.WaitGroup
	var sent atomic.Int64
	for n := range 50 {
		all.Go(func() {
			cookie := []string{one, two}[n%2]
			if _, err := w.desk.Send(t.Context(), of(n), cookie, answers); err == nil {
				sent.Add(1)
			}
		})
	}
	all.Wait()
	if n := w.Count(`SELECT COUNT(*) FROM ra_request`); n != 1 || sent.Load() < 1 || sent.Load() > 2 {
		t.Errorf("%d requests, %d of 50 were answered that they were sent", n, sent.Load())
	}
}

// A day's requests from one network have an end, and others go on.
func TestRequestsOfANetworkHaveAnEnd(t *testing.T) {
	w := open(t)
	cookie, answers := w.answered("bo@oaktree.example", of(1))
	worldtest.Must(w.desk.Send(t.Context(), of(1), cookie, answers))(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
			INSERT INTO ra_asked (request, email_key, network, asked_at)
			SELECT 'x' || i, 'x' || i, network, asked_at FROM n, ra_asked`)
		return err
	})
	late, answers := w.answered("late@oaktree.example", of(1))
	if _, err := w.desk.Send(t.Context(), of(1), late, answers); err == nil {
		t.Error("the 201st of a network was sent")
	}
	if n := len(w.Events("ra-ask.too-many")); n != 1 {
		t.Errorf("%d events of it", n)
	}
	if _, err := w.desk.Send(t.Context(), of(2), late, answers); err != nil {
		t.Errorf("from another network: %v", err)
	}
}

// Nothing is sent from an address that nobody proved, nor with answers that nobody was shown.
func TestWhatIsNotProvedIsNotSent(t *testing.T) {
	w := open(t)
	answers := asker.Answers{Need: request.Reactivate, Name: "Bo Stranger", Organisation: "Z90001",
		Text: "I come back in May", Email: "bo@oaktree.example"}
	cookie := worldtest.Must(w.desk.Begin(t.Context(), answers))(t)
	w.Must(w.desk.Save(t.Context(), cookie, asker.About, answers))
	w.Must(w.desk.Save(t.Context(), cookie, asker.Details, answers))
	var y worldtest.Tally
	_, err := w.desk.Send(t.Context(), of(1), cookie, answers)
	y.Refused(t, "an address that nobody proved", err == nil)
	proved, shown := w.answered("bo@oaktree.example", of(1))
	others := shown
	others.Text = "something quite different"
	_, err = w.desk.Send(t.Context(), of(1), proved, others)
	y.Refused(t, "answers that were not shown", err == nil)
	_, err = w.desk.Send(t.Context(), of(1), "none.none", shown)
	y.Refused(t, "a sitting that there is not", err == nil)
	w.Must(w.desk.AskCode(t.Context(), of(1), proved, "other@oaktree.example"))
	shown.Email = "other@oaktree.example"
	_, err = w.desk.Send(t.Context(), of(1), proved, shown)
	y.Refused(t, "another address than was proved", err == nil)
	y.Report(t, "requests that were not ready")
	shown.Email = "bo@oaktree.example"
	w.Must(w.desk.AskCode(t.Context(), of(1), proved, shown.Email))
	worldtest.Must(w.desk.Send(t.Context(), of(1), proved, shown))(t)
}
