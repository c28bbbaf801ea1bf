package mailings

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// The fields of the address by which a mail is looked at as somebody, or as the first who gets a text.
const (
	asUser = "as"
	asSort = "text"

	// The fields of the form that sends a test.
	asField   = "account"
	textField = "text" // of the texts that are gone through
)

// preview is a mail as one of those reads it who get it.
type preview struct {
	To      string
	Subject string
	Text    []string // its paragraphs
	Place   string   // which of them it is
	Links   nhsuk.PaginationParams
	Age     string   // how old one has to be to read it with ease
	Longest []string // the sentences to shorten, where that is too old
	Last    string   // when the last one would go; empty where all go at once
}

// tally shows to how many a mail would go, how many get which text, and how it looks to one of them.
func (m *Mailings) tally(r *http.Request, one mailing.Mailing, v *oneView) error {
	query := r.URL.Query()
	look := mailing.Look{Username: query.Get(asUser), Sort: mailing.Sort(query.Get(asSort))}
	t, err := m.office.Tally(r.Context(), one, look)
	if err != nil {
		return err
	}
	at := frame.MailingsPage + "/" + one.ID
	v.Rows = tallyRows(t)
	v.Nobody = t.Gets == 0
	v.Gets = countText(int(t.Gets))
	v.Again = againText(t)
	v.Sorts = sortRows(t.Sorts, at)
	v.Example = exampleOf(t.Example, at, look.Sort)
	v.Test = testForm.New(r).About(page.Apart(t.Example.Username)).Set(asField, t.Example.AccountID).
		Set(textField, string(look.Sort))
	if last := m.office.LastGoes(m.office.DB.Now(), t.Gets); !last.IsZero() {
		v.Example.Last = fmt.Sprintf("%d go in a minute at most. If you send it now, the last goes at about %s.",
			m.office.PerMinute, when.DateTime(last))
	}
	return m.letters(r, one, missed(t.LeftOut), v)
}

// sortRows show how many get which text, with a link to the first of them where there is an address.
func sortRows(sorts []mailing.SortCount, at string) (rows [][]nhsuk.TableCell) {
	for _, one := range sorts {
		title := nhsuk.TableCell{Text: one.Title}
		if at != "" {
			title.Href = lookAt(at, one.ID, "")
		}
		rows = append(rows, []nhsuk.TableCell{title, {Text: fmt.Sprint(one.N), Format: "numeric"}})
	}
	return rows
}

// lookAt is the address at which a mail is looked at as somebody who gets a text.
func lookAt(at string, sort mailing.Sort, username string) string {
	query := url.Values{}
	if sort != "" {
		query.Set(asSort, string(sort))
	}
	if username != "" {
		query.Set(asUser, username)
	}
	return at + "?" + query.Encode() + "#" + exampleID
}

const exampleID = "how-it-looks"

func exampleOf(e mailing.Example, at string, sort mailing.Sort) preview {
	v := preview{
		To: e.Message.To, Subject: e.Message.Subject,
		Text:  strings.Split(strings.TrimSpace(e.Message.Text), "\n\n"),
		Place: fmt.Sprintf("%d of %d", e.Number, e.Of), Age: frame.AgeText(e.Age), Longest: e.Longest,
		Links: nhsuk.PaginationParams{AriaLabel: "People who get it"},
	}
	link := func(text, username string) nhsuk.PaginationLink {
		return nhsuk.PaginationLink{Href: lookAt(at, sort, username), Text: text, Label: page.Apart(username)}
	}
	if e.Before != "" {
		v.Links.Previous = link("Person before", e.Before)
	}
	if e.After != "" {
		v.Links.Next = link("Next person", e.After)
	}
	return v
}
