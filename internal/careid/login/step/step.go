// Package step serves what the pages of a sign-in, and those of a binding, have in common: it checks that the browser
// is the one that began it, begins each page, hands proofs to the provider and follows what the provider answers.
//
// Each kind of authenticator has a folder of pages of its own, which uses this package. The package knows no kind.
package step

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/a-h/templ"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// Dependencies hold what methods are made with.
type Dependencies struct {
	Origin string // of the sign-in service, to which credentials are tied
	Name   string // of the sign-in service, as authenticators show it
	Hasher *password.Hasher
	// ManagedDevices are the roots to which attestations of devices lead that organisations manage; nil for none.
	ManagedDevices *x509.CertPool
	Box            *seal.Box

	Door        *carddoor.Tickets // to the smartcard door; nil where there is none
	LegacyCards []netip.Prefix    // networks in which smartcards are used as the Identity Agent did

	Upstreams []authenticator.Elsewhere // where people have accounts by which they log in
}

// Way is a method of proving and binding authenticators, with its pages for a sign-in and for a binding.
type Way struct {
	authenticator.Method
	Proof   func(Prover) Pages[provider.Flow]
	Binding func(Binder) Pages[BindingFlow]
	// Offered reports whether a kind can be used from where a request comes; nil for each from anywhere.
	Offered func(r *http.Request, k authn.Kind) bool
	// Prompt gives what the page of the choice, which shows some kinds, needs to ask the browser for an authenticator
	// at once; nil where the browser is asked nothing.
	Prompt func(p Prover, r *http.Request, f provider.Flow, shown []authn.Kind) (templ.Component, error)
}

// Make makes an authenticator from a description, if the method can.
func (way Way) Make(
	ctx context.Context, w *db.W, uuid string, d authenticator.Description,
) (id string, err error) {
	maker, makes := way.Method.(authenticator.Maker)
	if !makes {
		return "", fmt.Errorf("%w: %q", authenticator.ErrNotMade, d.Kind)
	}
	return maker.Make(ctx, w, uuid, d)
}

// JudgeAgain judges authenticators again, if the method does.
func (way Way) JudgeAgain(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error) {
	judge, judges := way.Method.(authenticator.Judge)
	if !judges {
		return 0, nil
	}
	return judge.JudgeAgain(ctx, d, by)
}

// Ways finds the way for a kind of authenticator.
type Ways = authenticator.Registry[Way]

// Pages are the pages of one method, for a sign-in or for a binding.
type Pages[F any] interface {
	// Mount adds the addresses that the pages post to.
	Mount(s *web.Site)
	// Show shows the page that the ceremony needs now, with the problem of the form that was sent from it, if there is
	// one.
	Show(w http.ResponseWriter, r *http.Request, f F, problem error) error
}
