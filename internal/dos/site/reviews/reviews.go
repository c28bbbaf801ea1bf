// Package reviews serves the pages on which administrators look at links to Care Identities that a rule stopped, or
// whose names differ, and decide about them.
package reviews

import (
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Reviews serves the pages.
type Reviews struct {
	frame *frame.Frame
	asker rollout.Asker // nil if the care identity side answers no questions
}

// decideForm decides about one link.
var decideForm = form.Form{Path: frame.ReviewsPage + "/{id}/decide", At: frame.ReviewsPage + "/{id}",
	Page: title, Act: "Save the decision", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name:     "decision",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you decide?", Size: "m"}},
		}).Required("Choose what you decide"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why", Size: "s"}, Rows: 3,
			Hint: "For example: “I telephoned them at the number that we have.” " +
				"Both sides read it if you refuse a link that waits",
		}).Required("Enter why you decide so"),
		form.Seen(),
	}}

// The decisions.
const (
	approve = "approve"
	refuse  = "refuse"
)

const (
	title         = "Link reviews"
	reviewsOnPage = 50
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, asker rollout.Asker) {
	v := &Reviews{frame: f, asker: asker}
	may := f.May(account.ReviewLinks)
	s.Handle("GET "+frame.ReviewsPage, may, v.list)
	s.Handle("GET "+frame.ReviewsPage+"/{id}", may, v.show)
	f.HandleForm(s, decideForm, may, f.Freshly(decideForm, v.decide))
}

// list shows the links that wait for somebody, the oldest first.
func (v *Reviews) list(w http.ResponseWriter, r *http.Request) error {
	view, err := db.Costly(r.Context(), v.frame.Linker.DB, func(read db.R) (listView, error) {
		return readList(r, read)
	})
	if err != nil {
		return err
	}
	view.Page = v.frame.Page(w, r, view.title)
	view.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(view))
}

func readList(r *http.Request, read db.R) (v listView, err error) {
	reach := frame.Reach(r, account.ReviewLinks)
	cases, err := page.Read(r, reviewsOnPage, func(skip, limit int) ([]review.Case, int, error) {
		return review.Waiting(r.Context(), read, reach, skip, limit)
	})
	if err != nil {
		return v, err
	}
	v.title = cases.Titled(title)
	v.Count = cases.Count("link", "links")
	v.Links = cases.Links(frame.ReviewsPage, r)
	for _, c := range cases.Items {
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{Text: c.Account.Username, Href: frame.ReviewsPage + "/" + c.ID},
			{HTML: page.Name(c.Account.Name)},
			{HTML: page.Named(c.CareIdentity.Name, ", number ending "+linking.LastDigits(c.CareIdentity.Subject))},
			{Text: review.Titles(c.Kinds)},
			{HTML: page.Lines(when.Ago(c.Opened, read.Now()), waitsText(c))},
		})
	}
	return v, nil
}

// waitsText says what the case keeps somebody from.
func waitsText(c review.Case) string {
	if c.Holds {
		return "They cannot link until somebody decides"
	}
	if c.Is(review.Reactivated) {
		return "They cannot log in until somebody decides"
	}
	return "They are linked"
}

func (v *Reviews) show(w http.ResponseWriter, r *http.Request) error {
	return v.showCase(w, r, http.StatusOK, decideForm.New(r))
}

func (v *Reviews) showCase(w http.ResponseWriter, r *http.Request, status int, f *form.Rendered) error {
	view, err := db.Read(r.Context(), v.frame.Linker.DB, func(read db.R) (caseView, error) {
		return v.readCase(r, read)
	})
	if err != nil {
		return err
	}
	v.askOthers(r, &view)
	if f.HasProblems() && view.Form == nil {
		return web.SeeOther(w, r, frame.ReviewsPage+"/"+view.id, "Nothing changed. Somebody has decided already.")
	}
	if view.Form != nil {
		f.Offer("decision", view.Form)
		view.Decide = f.Saw(view.seen).About(view.about)
		view.Page.Error = f.HasProblems()
	}
	problem := view.Page.Error
	view.Page = v.frame.Page(w, r, view.heading)
	view.Page.Wide = true
	view.Page.BackHref = frame.ReviewsPage
	view.Page.Error = problem
	return web.Show(w, r, status, casePage(view))
}

func (v *Reviews) decide(w http.ResponseWriter, r *http.Request) error {
	typed := decideForm.Read(r)
	decision := typed.Value("decision")
	if !typed.Complete() || decision != approve && decision != refuse {
		return v.showCase(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	c, err := v.frame.Linker.DecideReview(r.Context(), web.Actor(r), id, review.Decision{
		Approve: decision == approve, Reason: typed.Value("reason"), Seen: typed.Seen()})
	if typed.Refuse(err) {
		return v.showCase(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.ReviewsPage, doneText(c))
}

// doneText says what came of a decision.
func doneText(c linking.Decided) string {
	switch {
	case c.Holds && c.Approved:
		return "The link is approved. They are told that they can link within 7 days."
	case c.Holds:
		return "The link is refused. Both sides are told."
	case c.Approved && c.Is(review.Reactivated):
		return "The link is confirmed. They are told that they can log in again."
	case c.Approved:
		return "The link is confirmed. It stays as it is."
	}
	if c.Undone {
		return "The link is undone."
	}
	return "Your decision is kept. The link stays: deactivate the account, so that nobody comes in by it."
}
