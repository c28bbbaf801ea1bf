package form

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"signpost/internal/platform/web"
)

// entries are kept of a form that comes back. Passwords and codes are not.
type entries struct {
	Values   url.Values
	Problems []Problem
	Quote    string // the reference of the refusal
}

// kept reports whether what was filled in is kept while the form comes back. A file has to be chosen again: browsers
// take none from a page.
func (f Field) kept() bool { return !f.secret && !f.once && !f.file && !f.attach }

// comeBack hands over what was filled in, if something is wrong with it or it is to be gone on with.
func (f *Rendered) comeBack(ctx context.Context) error {
	goesOn := f.goesOn != "" && !f.HasProblems()
	if f.Get || !f.HasProblems() && !goesOn {
		return nil
	}
	page := f.page
	if goesOn {
		page += "#" + f.goesOn
	}
	kept := entries{Values: url.Values{}, Problems: f.told(), Quote: f.Quote(ctx)}
	for _, field := range f.Fields {
		if values := f.values[field.Name]; field.kept() && len(values) > 0 {
			kept.Values[field.Name] = values
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep the form of %s: %w", f.action, err)
	}
	web.ComeBack(ctx, web.Entries{Path: f.action, Page: page, Form: text, GoesOn: goesOn})
	return nil
}

// restore fills the form in as it was, if it came back to the page of the request.
func (f *Rendered) restore(r *http.Request) {
	text, cameBack := web.EntriesOf(r, f.action)
	var kept entries
	if f.Get || !cameBack || json.Unmarshal(text, &kept) != nil {
		return
	}
	f.cameBack = true
	f.problems = kept.Problems
	f.quote = kept.Quote
	for _, field := range f.Fields {
		if field.kept() {
			f.values[field.Name] = append([]string{}, kept.Values[field.Name]...) // also where nothing was chosen
		}
	}
}
