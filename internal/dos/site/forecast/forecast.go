// Package forecast serves the page that says when people will be ready, from what was finished in the last weeks.
package forecast

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const title = "When people will be ready"

// Pages serves the page.
type Pages struct{ frame *frame.Frame }

// Mount adds the page to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Pages{frame: f}
	s.Handle("GET "+frame.ForecastPage, f.May(account.ManageWaves), p.show)
}

var askForm = form.Form{Path: frame.ForecastPage, Get: true, Fields: []form.Field{
	form.Input(nhsuk.InputParams{Name: "before", Width: 20, Autocomplete: "off",
		Label: nhsuk.LabelParams{Text: "Everybody should be ready before", Size: "s"},
		Hint:  "For example 31 March 2027. We say how many more days of work that takes"}),
}}

type view struct {
	Page    page.Params
	Form    *form.Rendered
	outlook board.Outlook
	now     time.Time
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v := view{Form: askForm.Read(r), now: p.frame.Linker.DB.Now()}
	before := v.before()
	var err error
	v.outlook, err = db.Costly(r.Context(), p.frame.Linker.DB, func(read db.R) (board.Outlook, error) {
		return board.LookAhead(r.Context(), read, before)
	})
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, title)
	v.Page.Wide = true
	v.Page.BackHref = frame.BoardPage
	v.Page.Error = v.Form.HasProblems()
	return web.Show(w, r, v.Form.Status(), forecastPage(v))
}

// before reads the day that was asked for; zero without one, or where it is none to come.
func (v *view) before() time.Time {
	text := v.Form.Value("before")
	if text == "" {
		return time.Time{}
	}
	date, is := when.ParseDate(text)
	if !is || !date.After(v.now) {
		v.Form.Add(form.Problem{Field: "before", Text: "Enter a date to come, such as 31 March 2027"})
		return time.Time{}
	}
	return date
}

// sentence says when all are ready of whom it can be said.
func sentence(o board.Outlook) string {
	if o.All.Half == nil {
		return "We cannot say yet when anybody will be ready."
	}
	return fmt.Sprintf("The people we can forecast have an even chance of being ready by %s, and a chance of 9 in 10 "+
		"of being ready by %s.", when.Date(*o.All.Half), when.Date(*o.All.Late))
}

func unsaid(o board.Outlook) string {
	if o.All.Unsaid == 0 {
		return ""
	}
	return fmt.Sprintf("People we cannot forecast: %d. We do not know what they lack, or not enough about those who "+
		"have to act.", o.All.Unsaid)
}

// rests says what the forecast is made from.
func rests(o board.Outlook) string {
	if o.Days == 0 {
		return "We do not know yet how many people finish a step each day."
	}
	return fmt.Sprintf("It uses the last %d days, and expects as many people to finish a step each day as then.",
		o.Days)
}

var waveHead = []string{"Wave", "Even chance of being ready by", "Chance of 9 in 10 by", "People we cannot forecast"}

func waveRows(o board.Outlook) (rows [][]nhsuk.TableCell) {
	for _, one := range o.Waves {
		rows = append(rows, []nhsuk.TableCell{
			{Text: one.Name}, {Text: dayOf(one.Half)}, {Text: dayOf(one.Late)}, number(one.Unsaid),
		})
	}
	return rows
}

func dayOf(t *time.Time) string {
	if t == nil {
		return "–"
	}
	return when.Date(*t)
}

func number(n int) nhsuk.TableCell {
	return nhsuk.TableCell{Text: strconv.Itoa(n), Format: "numeric"}
}

// queueHead is the heading of the queues, with a column more where a day was asked for.
func queueHead(o board.Outlook) []string {
	head := []string{"Who has to act", "People who wait for them, now or later", "Finished in the last 28 days",
		"The forecast of two weeks ago"}
	if o.Before != nil {
		head = append(head, "More days of work needed before "+when.Date(*o.Before))
	}
	return head
}

// queued says how many people wait, where some are in more than one queue.
func queued(o board.Outlook) string {
	rows := 0
	for _, q := range o.Queues {
		rows += q.Waiting
	}
	if rows == o.People {
		return ""
	}
	return fmt.Sprintf("People who are not ready: %d. Somebody for whom one has to act after the other is counted "+
		"with each of them.", o.People)
}

func queueRows(o board.Outlook) (rows [][]nhsuk.TableCell) {
	for _, q := range o.Queues {
		row := []nhsuk.TableCell{{Text: q.Name}, number(q.Waiting), number(q.Last), {Text: tried(q)}}
		if o.Before != nil {
			row = append(row, nhsuk.TableCell{Text: more(q)})
		}
		rows = append(rows, row)
	}
	return rows
}

// tried says how right the forecast was.
func tried(q board.Backlog) string {
	switch {
	case !q.Known:
		return "Not enough data: it takes 14 days and 20 people who finished"
	case q.Said == nil:
		return "There was none: not enough data then"
	}
	return fmt.Sprintf("It expected %d, and %d finished", *q.Said, *q.Came)
}

func more(q board.Backlog) string {
	switch {
	case q.More == nil:
		return "Not known"
	case *q.More == 0:
		return "None"
	}
	return strconv.Itoa(*q.More)
}
