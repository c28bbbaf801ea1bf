package outcome

import (
	"encoding/json"
	"net/http"

	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// monthView is the report of a month.
type monthView struct {
	Page    page.Params
	Title   string
	Kept    string
	Links   []page.Link
	Figures figures
}

var errNoMonth = fault.SayCure(fault.NotFound, "There is no such month.", "Write a month as 2026-11.")

// readMonth reads the report of the month of a request: this one, unless it names another.
func (p *Pages) readMonth(r *http.Request) (m results.Month, v found, err error) {
	if frame.User(r).Session.State.ByMail {
		return m, v, signin.ErrWithheld
	}
	d := p.frame.Linker.DB
	m = results.MonthOf(d.Now())
	if text := r.URL.Query().Get("month"); text != "" {
		var is bool
		if m, is = results.ParseMonth(text); !is {
			return m, v, errNoMonth
		}
	}
	v, err = db.Costly(r.Context(), d, func(read db.R) (v found, err error) {
		if v.results, err = results.OfMonth(r.Context(), read, m, within(r)); err != nil {
			return v, err
		}
		v.lockOuts, err = readLockOuts(r.Context(), read, outcome.Selection{From: m.Ends().AddDate(0, -1, 0),
			Until: m.Ends(), Within: within(r)})
		return v, err
	})
	return m, v, err
}

func (p *Pages) month(w http.ResponseWriter, r *http.Request) error {
	m, got, err := p.readMonth(r)
	if err != nil {
		return err
	}
	now := p.frame.Linker.DB.Now()
	v := monthView{Title: m.Title(), Figures: figuresOf(r, got), Kept: keptText(m, m.Over(now))}
	of := "?month=" + m.String()
	v.Links = []page.Link{{Text: "The month before", Href: monthPath + "?month=" + m.Add(-1).String()}}
	if m.Over(now) {
		v.Links = append(v.Links, page.Link{Text: "The month after", Href: monthPath + "?month=" + m.Add(1).String()})
	}
	v.Links = append(v.Links, page.Link{Text: "Download as a file (CSV)", Href: monthFilePath + of},
		page.Link{Text: "Download as a file (JSON)", Href: monthFilePath + of + "&format=json"})
	v.Page = p.frame.Page(w, r, m.Title()+": "+title)
	v.Page.BackHref = frame.OutcomePage
	return web.Show(w, r, http.StatusOK, monthPage(v))
}

// keptText says of which days the report is.
func keptText(m results.Month, over bool) string {
	if over {
		return "The report of the whole month, by London time."
	}
	return m.Title() + " is not over: this is what came of it until now."
}

// monthFile sends the report of a month as a file, without anybody's name.
func (p *Pages) monthFile(w http.ResponseWriter, r *http.Request) error {
	m, got, err := p.readMonth(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("format") == "json" {
		text, err := json.MarshalIndent(got.results, "", "  ")
		if err != nil {
			return err
		}
		return web.SendFile(w, "application/json", "results-"+m.String()+".json", append(text, '\n'))
	}
	return sendSheet(w, "results-"+m.String()+".csv", results.FileHead(), got.results.Rows())
}
