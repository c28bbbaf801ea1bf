package authenticator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
)

// Method proves and binds authenticators of one kind, or of several that work alike.
//
// A proof and a binding are ceremonies: one request begins them, a later one finishes them. The caller keeps the state
// that Begin gave, in the method's own form, and gives it back to Finish. What is not right is a WrongAnswer, about
// which a method writes nothing: the caller sees to it that one answer to each step counts.
type Method interface {
	// Kinds gives the kinds that it proves and binds.
	Kinds() []authn.Kind
	// BeginProof begins a sign-in.
	BeginProof(ctx context.Context, a Attempt) (Ceremony, error)
	// FinishProof checks the answer and gives the Proof that the sign-in's Update accepts it with.
	FinishProof(ctx context.Context, a Attempt) (Proof, error)
	// BeginBinding begins to add an authenticator to a care identity.
	BeginBinding(ctx context.Context, a Attempt, owner identity.Identity) (Ceremony, error)
	// FinishBinding checks the answer and gives the part of an Update that adds the authenticator.
	FinishBinding(ctx context.Context, a Attempt, uuid string) (Binding, error)
}

// Attempt holds what a request brings to a ceremony.
type Attempt struct {
	DB    *db.DB
	Actor actor.Actor
	Kind  authn.Kind
	State json.RawMessage // from Begin; empty for Begin
	Form  url.Values      // from the browser

	Browser tries.Browser // which may have tries of its own
}

// Ceremony is a proof or a binding that has begun.
type Ceremony struct {
	State   json.RawMessage // to be kept for Finish
	Options json.RawMessage // for the browser's script; empty where the method needs none
}

// Binding is the part of an Update that adds an authenticator to its care identity and gives its id, or refuses to.
type Binding func(ctx context.Context, w *db.W) (id string, err error)

// ErrNoMethod says that no method proves or binds a kind.
var ErrNoMethod = errors.New("there is no method for this kind of authenticator")

// Registry finds what is registered for a kind of authenticator: a Method, or a method with its pages.
type Registry[M interface{ Kinds() []authn.Kind }] struct {
	all    []M
	byKind map[authn.Kind]M
}

// NewRegistry registers methods, each for its kinds. No two may claim one kind.
func NewRegistry[M interface{ Kinds() []authn.Kind }](methods ...M) (Registry[M], error) {
	r := Registry[M]{all: methods, byKind: map[authn.Kind]M{}}
	for _, m := range methods {
		for _, kind := range m.Kinds() {
			if _, claimed := r.byKind[kind]; claimed || !kind.Valid() {
				return r, fmt.Errorf("register a method: kind %q is unknown or has a method already", kind)
			}
			r.byKind[kind] = m
		}
	}
	return r, nil
}

// Of gives what is registered for a kind, or ErrNoMethod.
func (r Registry[M]) Of(kind authn.Kind) (M, error) {
	m, found := r.byKind[kind]
	if !found {
		return m, fmt.Errorf("%w: %q", ErrNoMethod, kind)
	}
	return m, nil
}

// All gives what is registered, in the order of registration.
func (r Registry[M]) All() []M { return r.all }

// Kinds gives the kinds that can be proved and bound, in the order in which the sign-in page lists them.
func (r Registry[M]) Kinds() []authn.Kind {
	return slices.DeleteFunc(authn.Kinds(), func(k authn.Kind) bool {
		_, found := r.byKind[k]
		return !found
	})
}
