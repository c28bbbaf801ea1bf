package services

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/search"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// newLinkFor is how long the first page shows that the account was linked (rule R12).
const newLinkFor = 7 * 24 * time.Hour

// front shows the page that people come to first: the search form and, for those who keep the capacity of services,
// their own services.
func (p *Services) front(w http.ResponseWriter, r *http.Request) error {
	v := p.formView(w, r, search.Query{Miles: usualDistance})
	user := frame.User(r)
	if user.Session.State.How == signin.ByCareIdentity {
		v.User = user.Account.Name()
	}
	type own struct {
		linked   string
		services myServices
	}
	mine, err := db.Read(r.Context(), p.d, func(read db.R) (o own, err error) {
		if o.linked, err = newlyLinked(r.Context(), read, user.Account.ID); err != nil {
			return o, err
		}
		o.services, err = p.mine(r, read, user)
		return o, err
	})
	if err != nil {
		return err
	}
	v.Linked = mine.linked
	v.Mine = mine.services
	v.Page.Title = v.Mine.titled(v.Page.Title)
	return web.Show(w, r, http.StatusOK, searchPage(v))
}

// newlyLinked says when an account was linked, if it was recently.
func newlyLinked(ctx context.Context, read db.R, id string) (string, error) {
	link, err := account.LinkOf(ctx, read, id)
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil || read.Now().Sub(link.Since()) >= newLinkFor {
		return "", err
	}
	return when.DateTime(link.Since()), nil
}

// mineOnPage is how many services of their own people see on a page.
const mineOnPage = 20

// myServices is a page of the services whose capacity the user keeps.
type myServices struct {
	Count    string
	Services []myService
	Links    nhsuk.PaginationParams
	list     page.List[directory.Service]
}

// titled gives the title of the first page, which says which page of their services people are on.
func (m myServices) titled(title string) string {
	if len(m.Services) == 0 {
		return title
	}
	return m.list.Titled(title)
}

// myService is a service whose capacity the user keeps.
type myService struct {
	Name, Href, Opening string
	Capacity            capacityView
	Choices             []capacityChoice
	Form                *form.Rendered
}

// capacityChoice is a button that sets a capacity.
type capacityChoice struct {
	Value, Text string
	Now         bool // it was reported last
}

// mine lists the services whose capacity the user keeps.
func (p *Services) mine(r *http.Request, read db.R, user *signin.Current) (mine myServices, err error) {
	reach := user.Reach(account.EditCapacity)
	if len(reach.Organisations)+len(reach.Services) == 0 && !reach.Everywhere {
		return mine, nil
	}
	mine.list, err = page.Read(r, mineOnPage, func(skip, limit int) ([]directory.Service, int, error) {
		return directory.Kept(r.Context(), read, user.Account.Organisation, reach, skip, limit)
	})
	if err != nil {
		return mine, err
	}
	calendar, err := directory.ReadCalendar(r.Context(), read)
	if err != nil {
		return mine, err
	}
	mine.Count = mine.list.Count("service", "services")
	mine.Links = mine.list.Links("/services", r)
	for _, s := range mine.list.Items {
		one := myServiceOf(r, s, s.Hours.At(calendar, s.AllHours, read.Now()), read.Now())
		one.Form.Set("page", strconv.Itoa(mine.list.Number))
		mine.Services = append(mine.Services, one)
	}
	return mine, nil
}

func myServiceOf(r *http.Request, s directory.Service, o directory.Opening, now time.Time) myService {
	v := myService{
		Name:     s.Shown(),
		Href:     "/services/" + s.ID,
		Opening:  openingText(s, o, now),
		Capacity: capacityOf(s, o, now),
		Form:     tapForm.New(r, "id", s.ID).Set("seen", string(s.Capacity.Version())).About(s.Shown()),
	}
	current := s.Capacity.Standing(now) == directory.Current
	for _, c := range []struct {
		to   directory.Capacity
		text string
	}{{directory.Green, "Green"}, {directory.Amber, "Amber"}, {directory.Red, "Red"}} {
		v.Choices = append(v.Choices,
			capacityChoice{Value: string(c.to), Text: c.text, Now: current && s.Capacity.Status == c.to})
	}
	return v
}

// tap sets the capacity of a service with one tap: amber and red for the usual time, with the notes that there are;
// green until it is changed, without notes.
func (p *Services) tap(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.editable(r, account.EditCapacity)
	if err != nil {
		return err
	}
	f := tapForm.Read(r)
	chosen := directory.Capacity(f.Value("status"))
	lasts := usualHours * time.Hour
	notes := s.Capacity.Notes
	if chosen == directory.Green {
		lasts = 0
		notes = ""
	}
	seen := directory.Version(f.Value("seen"))
	err = directory.SetCapacity(r.Context(), p.d, web.Actor(r), s.ID, chosen, notes, lasts, seen)
	full := capacityForm.New(r).Set("seen", string(seen)).Set("status", string(chosen)).Set("notes", notes)
	full.Set("lasts", hoursValue(lasts))
	if full.Refuse(err) || errors.Is(err, fault.Conflict) {
		return p.askCapacityAgain(w, r, full, err)
	}
	if err != nil {
		return err
	}
	done := "The capacity of " + page.Apart(s.Shown()) + " is now " + capacityWord(chosen) + "."
	return web.SeeOther(w, r, minePath(f.Value("page")), done)
}

// minePath is the page of their services that people tapped on.
func minePath(number string) string {
	if n, err := strconv.Atoi(number); err == nil && n > 1 {
		return "/services?page=" + strconv.Itoa(n)
	}
	return "/services"
}

func hoursValue(d time.Duration) string { return strconv.Itoa(int(d / time.Hour)) }

// capacityWord says what a tap set, and for how long.
func capacityWord(c directory.Capacity) string {
	word := strings.ToLower(string(c))
	if c == directory.Green {
		return word
	}
	return fmt.Sprintf("%s for %d hours", word, usualHours)
}

// usualHoursText is how many hours a capacity lasts that is set with one tap.
var usualHoursText = strconv.Itoa(usualHours)
