package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
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
	Offers Offers   `json:"offers,omitempty"`
}

// Offers says what each value is called that a page offered to choose from, by the name of the field. A form says it
// itself of what is the same for everybody.
type Offers map[string]map[string]string

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
	if err := parse(r, s.files[r.Pattern]); errors.As(err, &large) {
		return a, s.tooLarge(r.Pattern)
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

// parse reads what was posted. The values of fields in which files are chosen are what these have in them, or what they
// are called. All of a form is read into memory, so that nothing of it is put on a disk.
func parse(r *http.Request, t Taken) error {
	if len(t.Values)+len(t.Attached) == 0 || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data;") {
		return r.ParseForm()
	}
	if err := r.ParseMultipartForm(max(maxBody, t.MaxBytes)); err != nil { //nolint:gosec // ServeHTTP bounds the body
		return err
	}
	for _, field := range t.Attached {
		for _, sent := range r.MultipartForm.File[field] {
			r.PostForm.Add(field, sent.Filename)
		}
	}
	for _, field := range t.Values {
		for _, sent := range r.MultipartForm.File[field] {
			text, err := contentOf(sent)
			if err != nil {
				return err
			}
			r.PostForm.Add(field, text)
		}
	}
	return nil
}

// FilesOf gives the files that were chosen in a field of the form that was sent.
func FilesOf(r *http.Request, field string) []*multipart.FileHeader {
	if r.MultipartForm == nil {
		return nil
	}
	return r.MultipartForm.File[field]
}

// FileOf reads the one file that was chosen in a field of the form that was sent: at most one byte more than it may
// have, so that one that is too large is seen to be. Nothing is a field in which none was chosen, or several.
func FileOf(r *http.Request, field string, maxBytes int) ([]byte, error) {
	sent := FilesOf(r, field)
	if len(sent) != 1 {
		return nil, nil
	}
	file, err := sent[0].Open()
	if err != nil {
		return nil, fmt.Errorf("open a file that was sent: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(file, int64(maxBytes)+1))
	if closed := file.Close(); err == nil {
		err = closed
	}
	return content, err
}

func contentOf(sent *multipart.FileHeader) (string, error) {
	file, err := sent.Open()
	if err != nil {
		return "", fmt.Errorf("open a file of a form: %w", err)
	}
	text, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("read a file of a form: %w", err)
	}
	return string(text), nil
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
	if errors.Is(err, errLarge) || errors.Is(err, errFiles) || errors.Is(err, errNotWhole) {
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

// A form whose answer was lost, or said that nobody can tell whether it was saved, may be sent again by loading that
// answer again. What it saved was saved together with a name of the request, made of all that was posted, its seal
// among it, which is another one each time that a page is rendered. So a repeat finds out whether it was saved, and is
// not done twice. It is asked only where a request is known to be a repeat.
const (
	unsureCookie  = "unsure" // the last request of the browser of which nobody could tell whether it was saved
	unsureSeconds = 15 * 60
)

// requestName names what was posted.
func requestName(r *http.Request) []byte {
	sum := sha256.Sum256([]byte(r.URL.EscapedPath() + "?" + r.PostForm.Encode()))
	return sum[:]
}

// repeated names a request with a form of somebody who is logged in, and answers one that was saved when it was sent
// before: with the page that the form stands on.
func (s *Site) repeated(w http.ResponseWriter, r *http.Request, route Route) (answered bool, err error) {
	if s.o.Saved == nil || Actor(r).ID == "" {
		return false, nil
	}
	name := requestName(r)
	saved.Name(r.Context(), name)
	before, repeats := repeatOf(r, name)
	if !repeats {
		return false, nil
	}
	known, err := s.o.Saved(r.Context(), before)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errStillUnsure, err)
	}
	ClearCookie(w, unsureCookie)
	if !known {
		return false, nil
	}
	return true, SeeOther(w, r, pageAt(route.Pattern, route.Page, r.URL.EscapedPath()), alreadySaved)
}

const alreadySaved = "This was saved the first time you sent it. It was not done again."

var errStillUnsure = fault.Keyed("unknown-outcome", fault.SayCure(fault.Unknown,
	"The connection to our records was lost while this was being saved.",
	"Look whether it was saved before you do it again."))

// repeatOf tells a request that is sent again, and gives the update of which it is not known whether it was saved: as
// the answer before said, or, where the browser got none, the first.
func repeatOf(r *http.Request, name []byte) (u saved.Update, repeats bool) {
	digest, number, _ := strings.Cut(Cookie(r, unsureCookie), ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil && n > 0 && digest == hex.EncodeToString(name) {
		return saved.Update{Request: name, Number: n}, true
	}
	// So browsers ask when somebody loads a page again.
	again := strings.Contains(r.Header.Get("Cache-Control"), "max-age=0")
	return saved.Update{Request: name, Number: 1}, again || r.Header.Get("Cache-Control") == "no-cache"
}

// noteUnsure lets the browser remember which update may have been saved, where an error says that nobody can tell, and
// reports whether it does.
func (s *Site) noteUnsure(w http.ResponseWriter, r *http.Request, shown Failure) bool {
	u, begun := saved.Begun(r.Context())
	if !begun || shown.Fault == nil || shown.Fault.Code != fault.Unknown {
		return false
	}
	SetCookie(w, unsureCookie, fmt.Sprintf("%s.%d", hex.EncodeToString(u.Request), u.Number), unsureSeconds)
	return true
}
