// Package step is what the pages of a sign-in and of a binding have in common: which browser one belongs to,
// what every page of it shows, how a proof is handed on, and how it ends.
//
// Each kind of authenticator has a folder of pages of its own, which stands on this package. It knows no kind.
package step

import (
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/password"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

// Ground is what methods are made from.
type Ground struct {
	Origin string // of the sign-in service, to which credentials are tied
	Name   string // of the sign-in service, as authenticators show it
	Hasher *password.Hasher
	Box    *seal.Box
}

// Way is a method with its pages: those of a sign-in, and those of a binding.
type Way struct {
	authenticator.Method
	Proof   func(Prover) Pages[provider.Flow]
	Binding func(Binder) Pages[BindingFlow]
}

// Ways finds the way of a kind.
type Ways = authenticator.Registry[Way]

// Pages are those of one method, for what is under way: a sign-in or a binding.
type Pages[F any] interface {
	// Mount adds the addresses that they post to.
	Mount(s *web.Site)
	// Show shows the page that the ceremony needs now, with what was wrong with the form that came from it, if
	// anything was.
	Show(w http.ResponseWriter, r *http.Request, f F, problem error) error
}
