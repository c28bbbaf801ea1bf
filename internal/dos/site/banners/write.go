package banners

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/dos/banner"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const (
	writeTitle  = "Write a message"
	changeTitle = "Change the message"
	// likeName names the message that another is written like, in the address of the form.
	likeName = "like"
	// everybody is what is chosen where a message is for nobody's wave.
	everybody = "all"
)

var (
	writeForm = form.Form{Path: frame.BannersPage + "/new", Page: writeTitle, Act: "Continue", Fields: fields}
	// changeForm replaces a message that was never put up.
	changeForm = form.Form{Path: onePath + "/change", Page: changeTitle, Act: "Continue", Fields: fields}
)

var fields = []form.Field{
	form.Textarea(nhsuk.TextareaParams{Name: "text", Rows: 3, Label: nhsuk.LabelParams{Text: "Message", Size: "s"},
		Hint: fmt.Sprintf("Plain text, %d characters at most, such as “Logins will be off on 1 March from 8pm to "+
			"10pm.”", banner.MaxText)}).Required("Enter the message"),
	form.Input(nhsuk.InputParams{Name: "link", Autocomplete: "off", Spellcheck: "false", Autocapitalize: "none",
		Label: nhsuk.LabelParams{Text: "Page that it leads to, if any", Size: "s"},
		Hint:  "A page of this site, such as /checklist"}),
	form.Input(nhsuk.InputParams{Name: "link_text", Autocomplete: "off",
		Label: nhsuk.LabelParams{Text: "What the link says", Size: "s"}, Hint: "For example “See your checklist”"}),
	form.Radios(nhsuk.RadiosParams{Name: "wave", Fieldset: nhsuk.FieldsetParams{
		Legend: nhsuk.LegendParams{Text: "Who sees it?", Size: "s"}}}).Required("Select who sees it"),
	dateField("from", "From which day?", "For example 31 March 2027. Leave it empty for when you put it up"),
	timeField("from_time", "From what time?",
		"For example 8pm or 20:00. Leave it empty for the beginning of the day"),
	dateField("until", "Until which day?", "For example 31 March 2027").Required("Enter the day on which it ends"),
	timeField("until_time", "Until what time?",
		"For example 10pm or 22:00").Required("Enter the time at which it ends"),
}

func dateField(name, label, hint string) form.Field { return whenField(name, label, hint, 10) }

func timeField(name, label, hint string) form.Field { return whenField(name, label, hint, 5) }

func whenField(name, label, hint string, width int) form.Field {
	return form.Input(nhsuk.InputParams{Name: name, Width: width, Autocomplete: "off", Spellcheck: "false",
		Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint})
}

// writeView is the page on which a message is written.
type writeView struct {
	Page page.Params
	Form *form.Rendered
}

func (v *Banners) ask(w http.ResponseWriter, r *http.Request) error {
	typed := writeForm.New(r)
	if typed.Value("wave") == "" {
		typed.Set("wave", r.URL.Query().Get(frame.WaveField)) // as the page of a wave leads here
	}
	if like := r.URL.Query().Get(likeName); like != "" {
		b, err := v.read(r, like)
		if err != nil {
			return err
		}
		v.fill(typed, b)
	}
	return v.showWrite(w, r, http.StatusOK, typed)
}

func (v *Banners) askChange(w http.ResponseWriter, r *http.Request) error {
	b, err := v.read(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !b.Draft() {
		return v.done(w, r, "This message was put up, so it stays as it is. You can write another like it.")
	}
	typed := changeForm.New(r).About(b.Text)
	v.fill(typed, b)
	return v.showWrite(w, r, http.StatusOK, typed)
}

// fill fills in a message, but times that are over.
func (v *Banners) fill(typed *form.Rendered, b banner.Banner) {
	typed.Set("text", b.Text).Set("link", b.Link).Set("link_text", b.LinkText).Set("wave", cmp.Or(b.Wave, everybody))
	now := v.office.DB.Now()
	for name, at := range map[string]time.Time{"from": b.Begins, "until": b.Ends} {
		if at.After(now) {
			typed.Set(name, when.Date(at)).Set(name+"_time", when.TimeOfDay(at))
		}
	}
}

func (v *Banners) showWrite(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	waves, err := db.Read(r.Context(), v.office.DB, func(read db.R) ([]wave.Wave, error) {
		return wave.List(r.Context(), read)
	})
	if err != nil {
		return err
	}
	items := []nhsuk.RadioItem{{Value: everybody, Text: toAll}}
	for _, one := range waves {
		items = append(items, nhsuk.RadioItem{Value: one.ID, Text: one.Name, Hint: "When they are logged in"})
	}
	typed.Offer("wave", items)
	view := writeView{Page: v.frame.Page(w, r, typed.Page), Form: typed}
	view.Page.BackHref = frame.BannersPage
	if id := r.PathValue("id"); id != "" {
		view.Page.BackHref += "/" + id
	}
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, writePage(view))
}

func (v *Banners) write(w http.ResponseWriter, r *http.Request) error {
	return v.keep(w, r, writeForm.Read(r), func(t banner.Typed) (string, error) {
		return v.office.Write(r.Context(), web.Actor(r), t)
	})
}

func (v *Banners) change(w http.ResponseWriter, r *http.Request) error {
	return v.keep(w, r, changeForm.Read(r), func(t banner.Typed) (string, error) {
		return v.office.Rewrite(r.Context(), web.Actor(r), r.PathValue("id"), t)
	})
}

// keep keeps the message that somebody typed, and leads to its page.
func (v *Banners) keep(
	w http.ResponseWriter, r *http.Request, typed *form.Rendered, write func(t banner.Typed) (string, error),
) error {
	complete := typed.Complete()
	begins := momentIn(typed, "from")
	ends := momentIn(typed, "until")
	if !complete || typed.HasProblems() {
		return v.showWrite(w, r, http.StatusUnprocessableEntity, typed)
	}
	id, err := write(banner.Typed{
		Text: typed.Value("text"), Link: typed.Value("link"), LinkText: typed.Value("link_text"), Wave: waveIn(typed),
		Begins: begins, Ends: ends,
	})
	if typed.Refuse(err) {
		return v.showWrite(w, r, typed.Status(), typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.BannersPage+"/"+id, "Nobody sees the message yet. Look at it, then put it up.")
}

func waveIn(typed *form.Rendered) string {
	if typed.Value("wave") == everybody {
		return ""
	}
	return typed.Value("wave")
}

// momentIn reads a day and a time of day, the beginning of the day if no time was typed; zero if no day was. It adds to
// the form what is wrong with them.
func momentIn(typed *form.Rendered, name string) time.Time {
	day := typed.Value(name)
	clock := typed.Value(name + "_time")
	if day == "" && clock != "" {
		typed.Add(form.Problem{Field: name, Text: "Enter the day, too"})
	}
	if day == "" {
		return time.Time{}
	}
	if clock == "" {
		clock = "00:00"
	}
	at, isDate, isTime := when.Moment(day, clock)
	if !isDate {
		typed.Add(form.Problem{Field: name, Text: "Enter a date, such as 31 March 2027"})
	}
	if !isTime {
		typed.Add(form.Problem{Field: name + "_time", Text: "Enter a time, such as 8pm or 20:00"})
	}
	return at
}
