package worldtest

import (
	"context"
	"sync"

	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// byHand is the outbox of a world that runs no jobs: it keeps which mails were asked for, until somebody looks.
type byHand struct {
	mu        sync.Mutex
	circulars []mail.Telling
	waiting   []mail.Delivery
}

// Add keeps a job of mail. Other jobs are never done.
func (b *byHand) Add(_ context.Context, _ any, args db.Job) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch one := args.(type) {
	case mail.Telling:
		b.circulars = append(b.circulars, one)
	case mail.Delivery:
		b.waiting = append(b.waiting, one)
	}
	return nil
}

func (b *byHand) takeCirculars() []mail.Telling {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.circulars
	b.circulars = nil
	return all
}

func (b *byHand) take() []mail.Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.waiting
	b.waiting = nil
	return all
}

// DeliverByHand is for worlds that do nothing but mail, very often: instead of Start, mail is delivered in the moment
// that somebody looks for it, and nobody waits for a job. Whoever looks must not do so while others change the
// database.
func (w *World) DeliverByHand() {
	w.Helper()
	w.hand = &byHand{}
	w.DB.SetOutbox(w.hand)
}

// deliver delivers what was asked for by transactions that were committed; of others there is nothing to be found.
func (w *World) deliver() {
	w.Helper()
	for _, one := range w.hand.takeCirculars() {
		for more := true; more; {
			var err error
			more, err = w.Post.TellSome(w.Context(), one)
			w.Must(err)
		}
	}
	for _, one := range w.hand.take() {
		w.Must(w.Post.Deliver(w.Context(), one))
	}
}
