// Package mailings serves the pages on which administrators write one mail to many of their users.
package mailings

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Mailings serves the pages.
type Mailings struct {
	frame  *frame.Frame
	office mailing.Office
}

const (
	title   = "Write to users"
	onePath = frame.MailingsPage + "/{id}"
	anyStep = "Any step"
	// manyPeople is from how many people on somebody proves who they are before they send.
	manyPeople = 100
	onPage     = 100

	yes     = "yes"
	offered = "offered" // the field that says that users stood there to be chosen
)

// filters are the fields of the search that found the users.
var filters = []string{"q", "kind", "state", "region", "organisation", frame.WaveField, frame.ProgressField}

var (
	writeForm = form.Form{Path: frame.WriteToUsers, Page: title, Act: "Continue", Fields: []form.Field{
		form.Hidden("q"), form.Hidden("kind"), form.Hidden("state"), form.Hidden("region"), form.Hidden("organisation"),
		form.Hidden(frame.WaveField), form.Hidden(frame.ProgressField),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "only",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Who gets it?", Size: "m"}}}),
		form.Hidden(offered),
		form.Radios(nhsuk.RadiosParams{Name: frame.TextField, Items: kinds(),
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you want to send?", Size: "m"}},
		}).Required("Choose what you want to send"),
		form.Select(nhsuk.SelectParams{Name: "sort", Items: sorts(),
			Label: nhsuk.LabelParams{Text: "Only people whose next step is", Size: "s"},
			Hint:  "Leave this as it is to write to everybody, each about their own next step"}),
		form.Input(nhsuk.InputParams{Name: "subject", Autocomplete: "off",
			Label: nhsuk.LabelParams{Text: "Subject, if it is a text of your own", Size: "s"}}),
		form.Textarea(nhsuk.TextareaParams{Name: "words", Rows: 8,
			Label: nhsuk.LabelParams{Text: "Text, if it is one of your own", Size: "s"},
			Hint:  "Plain text, 2000 characters at most. It can have links to this site, and to no other"}),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "teams", Items: []nhsuk.CheckboxItem{{Value: yes,
			Text: "Also to mailboxes that several people read, such as those of shared accounts"}}}),
	}}
	sendForm = form.Form{Path: onePath + "/send", At: onePath}
	testForm = form.Form{Path: onePath + "/test", At: onePath, Page: title, Act: "Send me this one as a test",
		Fields: []form.Field{form.Hidden(asField), form.Hidden(textField)}}
	stopForm   = form.Form{Path: onePath + "/stop", At: onePath}
	reasonForm = form.Form{Path: onePath + "/reason", At: onePath, Page: title, Act: "Tell its writer",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{Name: "reason", Rows: 3,
				Label: nhsuk.LabelParams{Text: "Why did you stop it?", Size: "s"},
				Hint:  "Its writer was told that you stopped it, and is told why"}),
		}}
)

func kinds() (items []nhsuk.RadioItem) {
	for _, k := range mailing.Kinds() {
		items = append(items, nhsuk.RadioItem{Value: string(k), Text: k.Title()})
	}
	return items
}

// sorts lets one of the texts be chosen that are each person's own.
func sorts() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: anyStep}}
	for _, one := range campaign.Author().Sorts {
		items = append(items, nhsuk.SelectItem{Value: string(one.ID), Text: one.Title})
	}
	return items
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, office mailing.Office) {
	m := &Mailings{frame: f, office: office}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+frame.MailingsPage, may, m.list)
	s.Handle("GET "+writeForm.Path, may, m.write)
	f.HandleForm(s, writeForm, may, m.prepare)
	s.Handle("GET "+onePath, may, m.show)
	f.HandleForm(s, sendForm, may, m.send)
	f.HandleForm(s, testForm, may, m.test)
	f.HandleForm(s, lettersForm, may, m.makeLetters)
	s.Handle("GET "+filePath, may, m.printLetters)
	f.HandleForm(s, postedForm, may, m.posted)
	f.HandleForm(s, stopForm, may, m.stop)
	f.HandleForm(s, reasonForm, may, m.explain)
	s.Handle("GET "+correctForm.Path, may, m.showCorrect)
	f.HandleForm(s, correctForm, may, m.correct)
}

func (m *Mailings) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), m.office.DB, func(read db.R) (v listView, err error) {
		wrote, err := mailing.Of(r.Context(), read, web.Actor(r).ID)
		if err != nil {
			return v, err
		}
		for _, one := range wrote {
			v.Rows = append(v.Rows, []nhsuk.TableCell{subjectCell(one), {Text: when.DateTime(one.Written)},
				{Text: stateTexts[one.State]}, {Text: fmt.Sprint(one.Sent)}})
		}
		others, err := mailing.Others(r.Context(), read, web.Actor(r).ID, frame.Reach(r, account.ManageUsers))
		for _, one := range others {
			v.Others = append(v.Others, []nhsuk.TableCell{subjectCell(one), {HTML: page.Name(one.Writer)},
				{Text: when.DateTime(one.Begun)}, {Text: stateTexts[one.State]}})
		}
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = m.frame.Page(w, r, "Mails to users")
	v.Page.Wide = true
	v.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func subjectCell(m mailing.Mailing) nhsuk.TableCell {
	return nhsuk.TableCell{Text: m.Text.Subject, Href: frame.MailingsPage + "/" + m.ID}
}

var stateTexts = map[mailing.State]string{
	mailing.Prepared: "Not sent", mailing.Sending: "Being sent", mailing.Stopped: "Stopped",
	mailing.Finished: "Sent",
}

// write asks what to write to the users of a search.
func (m *Mailings) write(w http.ResponseWriter, r *http.Request) error {
	f := writeForm.New(r)
	if !f.HasProblems() {
		asked := r.URL.Query()
		if !known(asked) {
			return web.SeeOther(w, r, path.UsersPage, searchFirst)
		}
		for _, name := range append(filters, frame.TextField) {
			f.Set(name, strings.TrimSpace(asked.Get(name)))
		}
	}
	return m.showWrite(w, r, f)
}

const searchFirst = "Search for users first, then write to them."

// known reports whether all is known by which an address asks for users: what is not would leave a wider group than it
// names.
func known(asked url.Values) bool {
	for name, values := range asked {
		if name != frame.TextField && !slices.Contains(filters, name) || len(values) > 1 {
			return false
		}
	}
	return true
}

func (m *Mailings) showWrite(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	found, err := db.Costly(r.Context(), m.office.DB, func(read db.R) (meant, error) { return m.meant(r, read, f) })
	if errors.Is(err, fault.Invalid) {
		return web.SeeOther(w, r, path.UsersPage, searchFirst)
	}
	if err != nil {
		return err
	}
	if found.Total == 0 {
		return web.SeeOther(w, r, path.UsersPage, "No users were found to write to.")
	}
	v := writeView{Form: f, Count: countText(found.Total), Who: found.who, Ticks: found.Total <= mailing.MaxChosen}
	if v.Ticks {
		offer(f, found.Accounts)
		f.Set(offered, yes)
	}
	v.Page = m.frame.Page(w, r, title)
	v.Page.BackHref = path.UsersPage + "?" + query(f)
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), writePage(v))
}

// meant are the users whom a mail is for, with how they are narrowed.
type meant struct {
	account.Results

	who []nhsuk.SummaryListRow
}

func (m *Mailings) meant(r *http.Request, read db.R, f *form.Rendered) (v meant, err error) {
	s := selectionOf(f)
	search, err := m.office.Search(s, frame.Reach(r, account.ManageUsers))
	if err != nil {
		return v, err
	}
	if v.Results, err = account.Find(r.Context(), read, search, account.Place{}, mailing.MaxChosen); err != nil {
		return v, err
	}
	v.who, err = whoRows(r.Context(), read, s)
	return v, err
}

func countText(n int) string {
	if n == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", n)
}

// offer lets the users be chosen one by one. At first all are.
func offer(f *form.Rendered, list []account.Found) {
	var items []nhsuk.RadioItem
	var all []string
	for _, a := range list {
		items = append(items, nhsuk.RadioItem{Value: a.ID, Text: page.Apart(a.Name()) + " (" + a.Username + ")",
			HTML: page.Named(a.Name(), " ("+a.Username+")")})
		all = append(all, a.ID)
	}
	f.Offer("only", items)
	if !f.HasProblems() {
		f.Set("only", all...)
	}
}

func query(f *form.Rendered) string {
	values := url.Values{}
	for _, name := range filters {
		if text := f.Value(name); text != "" {
			values.Set(name, text)
		}
	}
	return values.Encode()
}

func selectionOf(f *form.Rendered) mailing.Selection {
	return mailing.Selection{
		Words: f.Value("q"), Kind: account.Kind(f.Value("kind")), State: account.State(f.Value("state")),
		Region: f.Value("region"), Organisation: f.Value("organisation"), Teams: f.Value("teams") == yes,
		Wave: f.Value(frame.WaveField), Progress: f.Value(frame.ProgressField),
	}
}

// prepare keeps the mail, and leads to where its writer looks at it before it is sent.
func (m *Mailings) prepare(w http.ResponseWriter, r *http.Request) error {
	typed := writeForm.Read(r)
	if !typed.Complete() {
		return m.showWrite(w, r, typed)
	}
	s := selectionOf(typed)
	s.Sort = mailing.Sort(typed.Value("sort"))
	s.Chosen = typed.Value(offered) == yes
	s.Only = slices.DeleteFunc(slices.Clone(typed.Values("only")), func(id string) bool { return id == "" })
	prepared, err := m.office.Prepare(r.Context(), web.Actor(r), s, mailing.Text{
		Kind: mailing.Kind(typed.Value(frame.TextField)), Subject: typed.Value("subject"), Words: typed.Value("words"),
	})
	if typed.Refuse(err) {
		return m.showWrite(w, r, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+prepared.ID, "")
}

// send begins to send. Whoever writes to many, or words of their own, proves who they are first.
func (m *Mailings) send(w http.ResponseWriter, r *http.Request) error {
	one, share, err := m.read(r)
	if err == nil && share != own {
		err = mailing.ErrNotYours
	}
	if err != nil {
		return err
	}
	at := frame.MailingsPage + "/" + one.ID
	if (one.Total > manyPeople || one.Text.Kind == mailing.Own) && !m.frame.Fresh(r) {
		return m.frame.ProveFirst(w, r, at)
	}
	if err := m.office.Send(r.Context(), web.Actor(r), one.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, at, "")
}

// test sends the mail to its writer, as the person has it whose mail the page shows.
func (m *Mailings) test(w http.ResponseWriter, r *http.Request) error {
	typed := testForm.Read(r)
	id := r.PathValue("id")
	username, err := m.office.Test(r.Context(), web.Actor(r), id, typed.Value(asField))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, lookAt(frame.MailingsPage+"/"+id, mailing.Sort(typed.Value(textField)), username),
		"The test is on its way to your own email address.")
}

// stop ends a mail, of whose own or of another writer. Why it was stopped is asked once nobody else gets it.
func (m *Mailings) stop(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := m.office.Stop(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+id, "Stopped. Nobody else gets the mail.")
}

// explain keeps why somebody stopped the mail of another.
func (m *Mailings) explain(w http.ResponseWriter, r *http.Request) error {
	typed := reasonForm.Read(r)
	id := r.PathValue("id")
	err := m.office.Explain(r.Context(), web.Actor(r), id, typed.Value("reason"))
	if typed.Refuse(err) {
		return m.showOne(w, r, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+id, "Its writer is told why.")
}
