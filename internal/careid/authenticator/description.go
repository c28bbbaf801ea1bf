package authenticator

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// Description describes an authenticator that is made without its owner: for sample people, a double or a test. It has
// what those kinds need that can be described.
type Description struct {
	Kind         authn.Kind
	Name         string // as the person calls it; the kind's label if empty
	Password     string
	PasswordHash string // in place of the password, where it was made beforehand
	Secret       string // in base32
}

// Make makes an authenticator of a care identity from a description, as a part of an Update, and gives its id.
type Make func(ctx context.Context, w *db.W, uuid string, d Description) (id string, err error)

// Maker is a Method that can make authenticators from descriptions, as Make does.
type Maker interface {
	Make(ctx context.Context, w *db.W, uuid string, d Description) (id string, err error)
}

// ErrNotMade says that no authenticator of a kind can be made from a description.
var ErrNotMade = errors.New("authenticators of this kind cannot be made from a description")

// Make makes an authenticator by what is registered for its kind.
func (r Registry[M]) Make(ctx context.Context, w *db.W, uuid string, d Description) (id string, err error) {
	m, err := r.Of(d.Kind)
	if err != nil {
		return "", err
	}
	maker, makes := any(m).(Maker)
	if !makes {
		return "", fmt.Errorf("%w: %q", ErrNotMade, d.Kind)
	}
	return maker.Make(ctx, w, uuid, d)
}
