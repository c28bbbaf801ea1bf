package outcome

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/chart"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// figures are the results in the words of the pages: tables, with pictures.
type figures struct {
	Empty    bool
	Headline []string
	Logins   section
	LockOuts section
	Tickets  section
	Ready    section
}

// section is a part of a page: pictures, then tables.
type section struct {
	Says   string
	Lines  *chart.Lines // nil for none
	Bars   *chart.Bars
	Tables []table
}

// table is a table of a page, which is a file too.
type table struct {
	Name    string // of the file
	Caption string
	Head    []string
	Rows    [][]nhsuk.TableCell
	Folded  bool // it is long, and a picture says the most of it
}

// figuresOf words results. Their lock-outs are listed, and lead to the users, for whoever may see these.
func figuresOf(r *http.Request, v found) figures {
	return figures{Empty: v.results.Empty(), Logins: loginsOf(v.results), LockOuts: lockOutsOf(r, v),
		Tickets: ticketsOf(v.results), Ready: readyOf(v.results)}
}

// tables are all tables, in the order of the page.
func (f figures) tables() (list []table) {
	for _, s := range []section{f.LockOuts, f.Logins, f.Tickets, f.Ready} {
		list = append(list, s.Tables...)
	}
	return list
}

func number(n int) nhsuk.TableCell { return nhsuk.TableCell{Text: strconv.Itoa(n), Format: "numeric"} }

func figure(text string) nhsuk.TableCell { return nhsuk.TableCell{Text: text, Format: "numeric"} }

// maxStep is how far two days in a row are apart at most, at a change of the clock.
const maxStep = 25 * time.Hour

// minLine is of how many days a line is drawn at least.
const minLine = 2

func loginsOf(v results.Results) (s section) {
	all := v.All()
	s.Says = fmt.Sprintf("Logins: %d. Successful: %s.", all.Tries(), results.Share(all.CameIn, all.Tries()))
	if len(v.Logins) == 0 {
		s.Says = "Nobody logged in. Logins are counted within two minutes."
		return s
	}
	ways := table{Name: "logins", Caption: "By what people came",
		Head: []string{"By", "Logins", "Came in", "Turned away", "Share successful"}}
	bars := chart.Bars{ID: "ways", Title: "Logins by what people came", Parts: []string{"Came in", "Turned away"},
		Description: "A bar for each authenticator, as long as the logins by it."}
	for _, one := range v.Logins {
		share := results.Share(one.CameIn, one.Tries())
		ways.Rows = append(ways.Rows, []nhsuk.TableCell{{Text: one.Title}, number(one.Tries()), number(one.CameIn),
			number(one.TurnedAway), figure(share)})
		bars.Rows = append(bars.Rows, chart.Bar{Label: one.Title, Text: fmt.Sprintf("came in %d, turned away %d",
			one.CameIn, one.TurnedAway), Parts: []float64{float64(one.CameIn), float64(one.TurnedAway)}})
	}
	s.Bars = &bars
	s.Tables = []table{ways}
	if len(v.Reasons) > 0 {
		s.Tables = append(s.Tables, reasonsOf(v))
	}
	s.Tables = append(s.Tables, daysOf(v))
	if len(v.Days) >= minLine {
		s.Lines = lineOf(v)
	}
	return s
}

func reasonsOf(v results.Results) table {
	t := table{Name: "turned-away", Caption: "Why people were turned away", Head: []string{"Why", "Logins"}}
	for _, one := range v.Reasons {
		t.Rows = append(t.Rows, []nhsuk.TableCell{{Text: one.Title}, number(one.Times)})
	}
	return t
}

func daysOf(v results.Results) table {
	t := table{Name: "days", Caption: "Day by day", Folded: true, Head: []string{"Day", "Logins", "Came in",
		"Turned away", "Share successful"}}
	for _, d := range v.Days {
		tries := d.CameIn + d.TurnedAway
		t.Rows = append(t.Rows, []nhsuk.TableCell{{Text: when.Date(d.At())}, number(tries), number(d.CameIn),
			number(d.TurnedAway), figure(results.Share(d.CameIn, tries))})
	}
	return t
}

// lineOf draws the share of logins that came in on each day.
func lineOf(v results.Results) *chart.Lines {
	s := chart.Series{Name: "Came in"}
	for _, d := range v.Days {
		s.Points = append(s.Points, chart.Point{At: d.At(),
			Value: 100 * float64(d.CameIn) / float64(max(d.CameIn+d.TurnedAway, 1))})
	}
	return &chart.Lines{ID: "days", Title: "Per cent of logins that came in, day by day", Top: 100, Unit: "%",
		Step: maxStep, Series: []chart.Series{s},
		Description: "Days on which nobody logged in are gaps. The numbers of each day are in the table Day by day."}
}

// lockOutMeans says what is counted as a lock-out.
func lockOutMeans() string {
	return fmt.Sprintf("Somebody is locked out when their wave turns them away with the right password, and they "+
		"neither come in nor link within %.0f minutes.", outcome.Grace.Minutes())
}

// turnedAway counts the logins that were turned away because the wave takes no password.
func turnedAway(v results.Results) (times int) {
	for _, o := range signin.TurnedAway() {
		times += v.OfReason(o)
	}
	return times
}

func lockOutsOf(r *http.Request, v found) (s section) {
	l := v.results.LockOuts
	s.Says = fmt.Sprintf("Times that somebody was locked out: %d. People: %d. The target is 0.", l.Times, l.People)
	if l.Times == 0 {
		s.Says = "Nobody was locked out. That is the target."
	}
	s.Says += " " + lockOutMeans() + fmt.Sprintf(" Logins that waves turned away with the right password: %d.",
		turnedAway(v.results))
	if n := v.results.OfReason(signin.SharedEnded); n > 0 {
		s.Says += fmt.Sprintf(" Not counted here: shared accounts that have ended, with logins turned away: %d. Each "+
			"person of the team needs an account of their own.", n)
	}
	if len(v.lockOuts) == 0 {
		return s
	}
	t := table{Name: "lock-outs", Caption: "Who was locked out, the latest first",
		Head: []string{"Username", "Since", "Until", "Tries"}}
	for _, one := range v.lockOuts {
		until := "Not in yet"
		if !one.Ended.IsZero() {
			until = when.DateTime(one.Ended)
		}
		user := nhsuk.TableCell{Text: one.account.Username}
		if frame.Allowed(r, account.ManageUsers, account.ServiceDesk) {
			user.Href = path.UsersPage + "/" + one.Account
		}
		t.Rows = append(t.Rows, []nhsuk.TableCell{user, {Text: when.DateTime(one.Begun)}, {Text: until},
			number(one.Tries)})
	}
	if more := l.Times - len(v.lockOuts); more > 0 {
		s.Says += fmt.Sprintf(" The latest %d are listed.", len(v.lockOuts))
	}
	s.Tables = []table{t}
	return s
}

func ticketsOf(v results.Results) (s section) {
	people := v.AllPeople()
	tickets := v.AllTickets()
	s.Says = fmt.Sprintf("Tickets: %d. Tickets per 1,000 people: %s.", tickets,
		perThousand(results.Tickets{Tickets: tickets, People: people}))
	if tickets == 0 {
		s.Says = "Nobody raised a ticket."
		return s
	}
	waves := table{Name: "tickets", Caption: "Tickets by wave", Head: []string{"Wave", "Tickets", "People in it now",
		"Tickets per 1,000 people"}}
	bars := chart.Bars{ID: "tickets", Title: "Tickets per 1,000 people, by wave",
		Description: "A bar for each wave with people in it."}
	for _, one := range v.Tickets {
		waves.Rows = append(waves.Rows, []nhsuk.TableCell{{Text: one.Wave}, number(one.Tickets), number(one.People),
			figure(perThousand(one))})
		if n, is := one.PerThousand(); is {
			bars.Rows = append(bars.Rows, chart.Bar{Label: one.Wave, Text: perThousand(one), Parts: []float64{n}})
		}
	}
	if len(bars.Rows) > 0 {
		s.Bars = &bars
	}
	about := table{Name: "categories", Caption: "What tickets were about", Head: []string{"About", "Tickets",
		"Tickets per 1,000 people"}}
	for _, one := range v.Categories {
		about.Rows = append(about.Rows, []nhsuk.TableCell{{Text: one.Category.Title()}, number(one.Tickets),
			figure(perThousand(results.Tickets{Tickets: one.Tickets, People: people}))})
	}
	s.Tables = []table{waves, about}
	return s
}

// minPeople is the least number of people of whom tickets are said to a thousand: of fewer it says nothing.
const minPeople = 10

func perThousand(t results.Tickets) string {
	n, is := t.PerThousand()
	switch {
	case !is:
		return "–"
	case t.People < minPeople:
		return counted(t.Tickets, "ticket", "tickets") + ", " + counted(t.People, "person", "people")
	}
	return fmt.Sprintf("%.1f", n)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

func readyOf(v results.Results) (s section) {
	s.Says = "Nobody linked their account on these days."
	if len(v.Ready) == 0 {
		return s
	}
	linked, untold := 0, 0
	t := table{Name: "time-to-ready", Caption: "From being told to linked, by wave", Head: []string{"Wave", "People",
		"Half were ready within (days)", "Nine of ten were ready within (days)", "Linked before they were told"}}
	bars := chart.Bars{ID: "ready", Title: "Days from being told to linked, by wave",
		Parts: []string{"Half were ready within", "Nine of ten were ready within"}}
	for _, one := range v.Ready {
		linked += one.People
		untold += one.Untold
		half, late := "–", "–"
		if one.People > 0 {
			half = fmt.Sprintf("%.1f", one.Half)
			late = fmt.Sprintf("%.1f", one.Late)
			text := fmt.Sprintf("half were ready within %s days, nine of ten within %s", half, late)
			bars.Rows = append(bars.Rows, chart.Bar{Label: one.Wave, Text: text,
				Parts: []float64{one.Half, one.Late - one.Half}})
		}
		t.Rows = append(t.Rows, []nhsuk.TableCell{{Text: one.Wave}, number(one.People), figure(half), figure(late),
			number(one.Untold)})
	}
	s.Says = fmt.Sprintf("People who linked after they were told: %d. Linked before they were told: %d.", linked,
		untold)
	bars.Description = "Counted from when somebody was first told of a phase to come."
	if len(bars.Rows) > 0 {
		s.Bars = &bars
	}
	s.Tables = []table{t}
	return s
}
