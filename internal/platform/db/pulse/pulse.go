// Package pulse keeps long work on a PostgreSQL server from waiting for ever: while the work runs, the server is asked
// again and again whether it still answers. Work may take as long as it likes while it does.
package pulse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrSilent is a server that stopped answering.
var ErrSilent = errors.New("the server stopped answering")

// maxMissed is how often in a row a server may leave the question unanswered.
const maxMissed = 3

// While runs fn, and ends its context with ErrSilent once the server has not answered several times in a row. It is
// asked at intervals, each time on a new connection, and has as long to answer.
func While(ctx context.Context, server *pgx.ConnConfig, every time.Duration, fn func(ctx context.Context) error) error {
	ctx, end := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(ctx, server, every, end)
	}()
	err := fn(ctx)
	silent := errors.Is(context.Cause(ctx), ErrSilent)
	end(nil)
	<-watched
	if err != nil && silent {
		return fmt.Errorf("%w: %w", ErrSilent, err)
	}
	return err
}

func watch(ctx context.Context, server *pgx.ConnConfig, every time.Duration, end context.CancelCauseFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var err error
	for missed := 0; missed < maxMissed; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		missed++
		if err = ask(ctx, server, every); answered(err) {
			missed = 0
		}
	}
	end(fmt.Errorf("%w: %w", ErrSilent, err))
}

func ask(ctx context.Context, server *pgx.ConnConfig, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, server)
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

// answered reports whether a server that was asked said anything. One that refuses, such as one with no connection to
// spare, did.
func answered(err error) bool {
	var refusal *pgconn.PgError
	return err == nil || errors.As(err, &refusal)
}
