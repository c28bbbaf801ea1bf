// Package banners serves the pages on which the programme team writes messages that stand on every page of the
// directory, and takes them down.
package banners

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	title    = "Messages on every page"
	oneTitle = "Message on every page"
	onePath  = frame.BannersPage + "/{id}"
	onPage   = 50
	toAll    = "Everybody, and on the page to log in"
)

var (
	upForm      = form.Form{Path: onePath + "/up", At: onePath, Page: oneTitle, Act: "Put it up"}
	downForm    = form.Form{Path: onePath + "/down", At: onePath, Page: oneTitle, Act: "Take it down"}
	discardForm = form.Form{Path: onePath + "/discard", At: onePath, Page: oneTitle, Act: "Discard it"}
)

// Banners serves the pages.
type Banners struct {
	frame  *frame.Frame
	office banner.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, o banner.Office) {
	v := &Banners{frame: f, office: o}
	may := f.May(account.ManageWaves)
	s.Handle("GET "+frame.BannersPage, may, v.list)
	s.Handle("GET "+writeForm.Path, may, v.ask)
	s.Handle("GET "+onePath, may, v.show)
	f.HandleForm(s, writeForm, may, v.write)
	s.Handle("GET "+changeForm.Path, may, v.askChange)
	f.HandleForm(s, changeForm, may, v.change)
	f.HandleForm(s, discardForm, may, v.discard)
	f.HandleForm(s, upForm, may, f.Freshly(upForm, v.putUp))
	f.HandleForm(s, downForm, may, v.takeDown)
}

// listView is the page of all messages.
type listView struct {
	Page                   page.Params
	Standing, Coming, Shut [][]nhsuk.TableCell
	Count                  string // how many do not stand
	Links                  nhsuk.PaginationParams
}

func (v *Banners) list(w http.ResponseWriter, r *http.Request) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (listView, error) { return readList(r, read) })
	if err != nil {
		return err
	}
	view.Page = v.frame.Page(w, r, title)
	view.Page.BackHref = path.UsersPage
	view.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(view))
}

func readList(r *http.Request, read db.R) (view listView, err error) {
	names, err := waveNames(r.Context(), read)
	if err != nil {
		return view, err
	}
	standing, coming, err := banner.Open(r.Context(), read)
	if err != nil {
		return view, err
	}
	view.Standing = rowsOf(standing, names, read)
	view.Coming = rowsOf(coming, names, read)
	found, err := page.Read(r, onPage, func(skip, limit int) ([]banner.Banner, int, error) {
		return banner.Shut(r.Context(), read, skip, limit)
	})
	view.Shut = rowsOf(found.Items, names, read)
	view.Count = found.Count("message", "messages")
	view.Links = found.Links(frame.BannersPage, r)
	return view, err
}

// waveNames gives the name of each wave by its id, and what is said of messages for everybody.
func waveNames(ctx context.Context, r db.R) (map[string]string, error) {
	names := map[string]string{"": toAll}
	list, err := wave.List(ctx, r)
	for _, one := range list {
		names[one.ID] = one.Name
	}
	return names, err
}

func rowsOf(list []banner.Banner, names map[string]string, r db.R) (rows [][]nhsuk.TableCell) {
	for _, b := range list {
		rows = append(rows, []nhsuk.TableCell{
			{Text: b.Text, Href: frame.BannersPage + "/" + b.ID}, {Text: names[b.Wave]},
			{Text: beginning(b)}, {Text: when.DateTime(b.Ends)}, {HTML: page.Name(b.Name)},
			{HTML: nhsuk.Tag(state(b, r))},
		})
	}
	return rows
}

func beginning(b banner.Banner) string {
	if b.Begins.IsZero() {
		return "When it is put up"
	}
	return when.DateTime(b.Begins)
}

// state words how it stands with a message, with the colour of its tag.
func state(b banner.Banner, r db.R) nhsuk.TagParams {
	switch now := r.Now(); {
	case b.Stands(now):
		return nhsuk.TagParams{Text: "Showing now", Colour: nhsuk.TagGood}
	case b.Open(now):
		return nhsuk.TagParams{Text: "To come", Colour: nhsuk.TagAwaited}
	case b.Up.IsZero():
		return nhsuk.TagParams{Text: "Never put up", Colour: nhsuk.TagGone}
	case !b.Down.IsZero():
		return nhsuk.TagParams{Text: "Taken down", Colour: nhsuk.TagGone}
	}
	return nhsuk.TagParams{Text: "Over", Colour: nhsuk.TagGone}
}

// oneView is the page of one message.
type oneView struct {
	Page     page.Params
	State    nhsuk.TagParams
	Text     page.News
	Age      string
	Longest  []string // the sentences to shorten, where that is too old
	Rows     []nhsuk.SummaryListRow
	Change   string         // where it is changed; empty where it was put up once
	Like     string         // where another like it is written
	Up, Down *form.Rendered // nil where it cannot be put up, or taken down
	Discard  *form.Rendered // nil where it was put up once
}

func (v *Banners) show(w http.ResponseWriter, r *http.Request) error {
	view, err := db.Read(r.Context(), v.office.DB, func(read db.R) (oneView, error) { return readOne(r, read) })
	if err != nil {
		return err
	}
	view.Page = v.frame.Page(w, r, titleOf(view.Text.Text))
	view.Page.BackHref = frame.BannersPage
	return web.Show(w, r, http.StatusOK, onePage(view))
}

func readOne(r *http.Request, read db.R) (view oneView, err error) {
	b, err := banner.ByID(r.Context(), read, r.PathValue("id"))
	if err != nil {
		return view, err
	}
	names, err := waveNames(r.Context(), read)
	if err != nil {
		return view, err
	}
	view = oneView{State: state(b, read), Text: frame.NewsOf(b.Typed), Rows: summary(b, names)}
	var age int
	age, view.Longest = mailing.Measure(b.Text)
	view.Age = frame.AgeText(age)
	if b.Draft() {
		view.Change = frame.BannersPage + "/" + b.ID + "/change"
		view.Discard = discardForm.New(r).About(b.Text)
	} else {
		view.Like = writeForm.Path + "?" + url.Values{likeName: {b.ID}}.Encode()
	}
	if b.CanGoUp(read.Now()) {
		view.Up = upForm.New(r).About(b.Text)
	}
	if b.Open(read.Now()) {
		view.Down = downForm.New(r).About(b.Text)
	}
	return view, nil
}

// maxTitle is how many characters of a message its page is named by.
const maxTitle = 50

// titleOf names the page of a message by its beginning.
func titleOf(text string) string {
	letters := []rune(text)
	if len(letters) > maxTitle {
		text = strings.TrimSpace(string(letters[:maxTitle])) + "…"
	}
	return "Message: " + text
}

func summary(b banner.Banner, names map[string]string) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{{Key: "Who sees it", Value: names[b.Wave]}, {Key: "From", Value: beginning(b)},
		{Key: "Until", Value: when.DateTime(b.Ends)},
		{Key: "Written by", ValueHTML: page.Named(b.Name, ", "+when.DateTime(b.Made))}}
	if b.Link != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Its link leads to", Value: b.Link})
	}
	if !b.Up.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Put up by",
			ValueHTML: page.Named(b.UpName, ", "+when.DateTime(b.Up))})
	}
	if !b.Down.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Taken down by",
			ValueHTML: page.Named(b.DownName, ", "+when.DateTime(b.Down))})
	}
	return rows
}

func (v *Banners) putUp(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := v.office.PutUp(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	b, err := v.read(r, id)
	if err != nil {
		return err
	}
	return v.done(w, r, isUp(b, v.office.DB.Now()))
}

// isUp says from when to when a message is shown that was put up.
func isUp(b banner.Banner, now time.Time) string {
	until := "until " + when.DateTime(b.Ends) + "."
	if b.Stands(now) {
		return "The message is up " + until
	}
	return "The message will be up from " + when.DateTime(b.Begins) + " " + until
}

func (v *Banners) read(r *http.Request, id string) (banner.Banner, error) {
	return db.Read(r.Context(), v.office.DB, func(read db.R) (banner.Banner, error) {
		return banner.ByID(r.Context(), read, id)
	})
}

func (v *Banners) takeDown(w http.ResponseWriter, r *http.Request) error {
	if err := v.office.TakeDown(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return v.done(w, r, "The message is taken down. You can put it up again until its end.")
}

func (v *Banners) done(w http.ResponseWriter, r *http.Request, message string) error {
	return web.SeeOther(w, r, frame.BannersPage+"/"+r.PathValue("id"), message)
}

func (v *Banners) discard(w http.ResponseWriter, r *http.Request) error {
	if err := v.office.Discard(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.BannersPage, "The message is discarded. Nobody but the programme team saw it.")
}
