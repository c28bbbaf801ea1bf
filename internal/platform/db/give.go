package db

import (
	"context"

	"signpost/internal/platform/actor"
)

// Read is a View that gives a value back. fn returns the value instead of setting a variable outside it; after an
// error the value is the zero one.
func Read[T any](ctx context.Context, d *DB, fn func(r R) (T, error)) (T, error) {
	return valueOf(fn, func(run func(R) error) error { return d.View(ctx, run) })
}

// Costly is a DB.Costly that gives a value back, as Read does.
func Costly[T any](ctx context.Context, d *DB, fn func(r R) (T, error)) (T, error) {
	return valueOf(fn, func(run func(R) error) error { return d.Costly(ctx, run) })
}

// Write is an Update that gives a value back: what fn returned when it ran last, so that nothing an earlier run
// left behind can come out. After an error, or a refusal, the value is the zero one.
func Write[T any](ctx context.Context, d *DB, by actor.Actor, fn func(w *W) (T, error)) (T, error) {
	return valueOf(fn, func(run func(*W) error) error { return d.Update(ctx, by, run) })
}

// Glance is a DB.Glance that gives a value back, as Read does.
func Glance[T any](ctx context.Context, d *DB, fn func(r R) (T, error)) (T, error) {
	return valueOf(fn, func(run func(R) error) error { return d.Glance(ctx, run) })
}

// Keep is a DB.Keep that gives a value back, as Write does.
func Keep[T any](ctx context.Context, d *DB, fn func(k *K) (T, error)) (T, error) {
	return valueOf(fn, func(run func(*K) error) error { return d.Keep(ctx, run) })
}

// Jot is a DB.Jot that gives a value back, as Write does.
func Jot[T any](ctx context.Context, d *DB, fn func(k *K) (T, error)) (T, error) {
	return valueOf(fn, func(run func(*K) error) error { return d.Jot(ctx, run) })
}

// valueOf runs fn through a door and gives the value of its last run, or the zero one after an error.
func valueOf[T, Transaction any](fn func(Transaction) (T, error), door func(func(Transaction) error) error) (T, error) {
	var value, zero T
	err := door(func(t Transaction) (err error) {
		value, err = fn(t)
		return err
	})
	if err != nil {
		return zero, err
	}
	return value, nil
}
