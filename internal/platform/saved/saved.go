// Package saved remembers whether anything was saved while a request was answered, so that nobody is told that nothing
// was changed if something goes wrong afterwards; and which requests were saved, so that one whose answer was lost can
// be sent again and is not done twice. It does not know what was saved.
package saved

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"
)

type markKey struct{}

// mark holds what is remembered of one request.
type mark struct {
	any     atomic.Bool
	refusal atomic.Bool
	refused atomic.Bool
	request atomic.Pointer[[]byte]
	updates atomic.Int64 // that began since the request was named
}

// Watch gives a context in which Note is remembered.
func Watch(ctx context.Context) context.Context {
	return context.WithValue(ctx, markKey{}, new(mark))
}

func markOf(ctx context.Context) *mark {
	m, watched := ctx.Value(markKey{}).(*mark)
	if !watched {
		return new(mark)
	}
	return m
}

// Note remembers that something was saved.
func Note(ctx context.Context) { markOf(ctx).any.Store(true) }

// Anything reports whether anything was saved.
func Anything(ctx context.Context) bool { return markOf(ctx).any.Load() }

// NoteRefusal remembers that the event of a refusal was recorded, which the request's reference finds.
func NoteRefusal(ctx context.Context) { markOf(ctx).refusal.Store(true) }

// Refusal reports whether the event of a refusal was recorded.
func Refusal(ctx context.Context) bool { return markOf(ctx).refusal.Load() }

// NoteRefused remembers that an operation refused something, whether or not an event says so.
func NoteRefused(ctx context.Context) { markOf(ctx).refused.Store(true) }

// Refused reports whether an operation refused something.
func Refused(ctx context.Context) bool { return markOf(ctx).refused.Load() }

// Name gives the request of a context a name, which stays the same when it is sent again. What it saves from then on is
// saved together with its name.
func Name(ctx context.Context, request []byte) { markOf(ctx).request.Store(&request) }

// Update is one update of a request that has a name.
type Update struct {
	Request []byte
	Number  int64 // from 1, in the order in which they began
}

// Begin gives the update that begins now, and reports whether its request has a name.
func Begin(ctx context.Context) (u Update, named bool) {
	m := markOf(ctx)
	request := m.request.Load()
	if request == nil {
		return u, false
	}
	return Update{Request: *request, Number: m.updates.Add(1)}, true
}

// Begun gives the last update that began, and reports whether there was any.
func Begun(ctx context.Context) (u Update, found bool) {
	m := markOf(ctx)
	request := m.request.Load()
	if request == nil || m.updates.Load() == 0 {
		return u, false
	}
	return Update{Request: *request, Number: m.updates.Load()}, true
}

func (u Update) digest() []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte{}, u.Request...), uint64(u.Number)))
	return sum[:]
}

// Life is how long it is remembered that an update was saved.
const Life = 3 * 24 * time.Hour

const insert = `INSERT INTO saved_request (digest, over_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING`

// Writer has what writing needs of a transaction.
type Writer interface {
	Soon(ctx context.Context, sql string, args ...any) error
}

// Keep remembers, with what an update changes, that it did.
func (u Update) Keep(ctx context.Context, w Writer, now time.Time) error {
	if err := w.Soon(ctx, insert, u.digest(), now.Add(Life).UnixMilli()); err != nil {
		return fmt.Errorf("remember that a request was saved: %w", err)
	}
	return nil
}

const find = `SELECT COUNT(*) FROM saved_request WHERE digest = $1`

// Reader has what reading needs of a transaction; db.R is one.
type Reader interface {
	Each(ctx context.Context, row func(scan func(dest ...any) error) error, sql string, args ...any) error
}

// Kept reports whether an update was saved.
func (u Update) Kept(ctx context.Context, r Reader) (bool, error) {
	var n int64
	err := r.Each(ctx, func(scan func(...any) error) error { return scan(&n) }, find, u.digest())
	if err != nil {
		return false, fmt.Errorf("look whether a request was saved: %w", err)
	}
	return n > 0, nil
}
