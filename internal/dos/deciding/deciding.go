// Package deciding holds what whoever decides about others must be, besides having the permission: somebody else, and
// not somebody who was let in a moment ago.
//
// It does not know what is decided, nor on whom a permission reaches.
package deciding

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	// ErrOwn refuses whoever decides about themselves.
	ErrOwn = fault.SayCure(fault.Forbidden,
		"You cannot decide about yourself, nor about another account or address of yours.",
		"Ask another DoS user administrator.")
	// ErrJustGiven refuses whoever was given the permission a moment ago.
	ErrJustGiven = fault.SayCure(fault.Forbidden,
		"You were given the permission for this less than an hour ago, so you cannot decide with it yet.",
		"Come back in an hour, or leave it to another DoS user administrator.")
)

// About refuses, within the Update that decides, an actor who decides about themselves, by whatever account or address
// (attack L28), or with a permission that they were given just now (attack L29).
func About(ctx context.Context, w *db.W, p account.Permission, other account.Person) error {
	if w.Actor().Kind != actor.Person {
		return nil
	}
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	if me.Is(other) {
		return ErrOwn
	}
	return Settled(ctx, w, p)
}

// AboutAccount is About for whoever holds an account.
func AboutAccount(ctx context.Context, w *db.W, p account.Permission, accountID string) error {
	other, err := account.PersonOf(ctx, w, accountID)
	if err != nil {
		return err
	}
	return About(ctx, w, p, other)
}

// Settled refuses an actor who was given a permission just now, where others had no time yet to see that.
func Settled(ctx context.Context, w *db.W, p account.Permission) error {
	if w.Actor().Kind != actor.Person {
		return nil
	}
	just, err := account.JustGiven(ctx, w, p)
	if err == nil && just {
		err = ErrJustGiven
	}
	return err
}
