package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// SealField names the field in which every form that is posted to a site carries its seal.
const SealField = "seal"

// Author is the person for whom a form was rendered; without an ID, a browser on which nobody was logged in.
type Author struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	About string `json:"about,omitempty"` // whom or what the form concerns, in the words of its page
	Turn  int    `json:"turn,omitempty"`  // which answer to the question of its page the form is for; 0 for any
	// Fields has the names that the form sends whatever was filled in: a request without one of them did not arrive
	// whole, and an empty value must not be read into it.
	Fields []string `json:"fields,omitempty"`
}

// AuthorOf gives the author of the forms on the page that answers a request.
func AuthorOf(r *http.Request) Author {
	a := Actor(r)
	return Author{ID: a.ID, Name: a.Name}
}

// Seal seals an author for the form that a site posts to a path: it opens at no other path and no other site.
func Seal(box *seal.Box, site, path string, a Author) (string, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("seal a form: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(text, sealContext(site, path))), nil
}

func sealContext(site, path string) string { return "form/" + site + path }

// SealIn seals an author for a form on a page of the site that is answering the request of the context.
func SealIn(ctx context.Context, path string, a Author) (string, error) {
	s := note(ctx).site
	if s == nil || s.o.Box == nil {
		return "", fmt.Errorf("the form of %s is rendered outside a site that can seal it", path)
	}
	return Seal(s.o.Box, s.o.Name, path, a)
}

var errNotSealed = errors.New("no seal of this site for this path")

// SealedFor gives the author of the form that was posted. It is an error if the form did not arrive whole, or has no
// seal, or one that was not made for this path of this site.
func SealedFor(r *http.Request) (a Author, err error) {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil {
		return a, errNotSealed
	}
	var large *http.MaxBytesError
	if err := r.ParseForm(); errors.As(err, &large) {
		return a, errLarge
	} // any other body that cannot be parsed has no seal
	sealed, err := base64.RawURLEncoding.DecodeString(r.PostForm.Get(SealField))
	if err != nil {
		return a, fmt.Errorf("%w: %w", errNotSealed, err)
	}
	text, err := s.o.Box.Open(sealed, sealContext(s.o.Name, r.URL.EscapedPath()))
	if err != nil {
		return a, fmt.Errorf("%w: %w", errNotSealed, err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("%w: %w", errNotSealed, err)
	}
	for _, name := range a.Fields {
		if !r.PostForm.Has(name) {
			return a, fmt.Errorf("%w: no %s", errNotWhole, name)
		}
	}
	return a, nil
}

var (
	// ErrAnotherAuthor answers a form that was rendered for somebody else, unless a site has a better answer.
	ErrAnotherAuthor = fault.Keyed("another-author", fault.SayCure(fault.Conflict,
		"This page was opened before somebody else logged in or out on this browser. Nothing was changed.",
		"Open the page again."))

	errNotWhole = fault.Keyed("not-whole", fault.SayCure(fault.Invalid,
		"Only a part of this form arrived. Nothing was changed.", "Open the page again, and fill it in once more."))

	errUnsealed = fault.Keyed("not-sealed", fault.SayCure(fault.Conflict,
		"This form does not belong to this page, or the page is from before an update. Nothing was changed.",
		"Open the page again, and fill it in once more."))
)

// checkSeal lets a form through that was rendered for whoever sends it now. Any other changes nothing: the site's
// AnotherAuthor answers one of somebody else.
func (s *Site) checkSeal(w http.ResponseWriter, r *http.Request) (answered bool, err error) {
	author, err := SealedFor(r)
	if errors.Is(err, errLarge) || errors.Is(err, errNotWhole) {
		return false, err
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", errUnsealed, err)
	}
	if author.ID == Actor(r).ID {
		return false, nil
	}
	if s.o.AnotherAuthor == nil {
		return false, ErrAnotherAuthor
	}
	return true, s.o.AnotherAuthor(w, r, author)
}
